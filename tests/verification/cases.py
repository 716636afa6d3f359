"""Small random classifiers with every kind of input, and all their inputs written out."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from lgc.chain import Sums, build_module
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.inputs import packed
from lgc.model import Model
from tests.strategies import build


@st.composite
def models(draw: st.DrawFn, dtype: str | None = None, most_bits: int = 8) -> Model:
    """A classifier: thresholds in any order, weights, offsets, ties and empty classes."""
    kind = draw(st.sampled_from(["bool", "uint8", "float32"])) if dtype is None else dtype
    bits = draw(st.integers(1, most_bits))
    features = draw(st.integers(1, bits))
    feature = draw(st.lists(st.integers(0, features - 1), min_size=bits, max_size=bits))
    levels = {
        "bool": [0.0, 0.5],
        "uint8": [-1.0, 0.0, 1.5, 2.0, 2.5, 7.0, 254.0, 255.0],
        "float32": [-1.5, 0.0, 0.25, 1.0, 3.5],
    }[kind]
    level = draw(st.lists(st.sampled_from(levels), min_size=bits, max_size=bits))
    gates, outputs = draw(st.integers(0, 14)), draw(st.integers(1, 9))
    table = draw(st.lists(st.integers(0, 15), min_size=gates, max_size=gates))
    fanin = [[draw(st.integers(0, bits + g - 1)) for _ in range(2)] for g in range(gates)]
    nets = draw(st.lists(st.integers(0, bits + gates - 1), min_size=outputs, max_size=outputs))
    classes = draw(st.integers(1, 4))
    group = draw(st.lists(st.integers(0, classes - 1), min_size=outputs, max_size=outputs))
    weight = draw(st.lists(st.integers(-3, 3), min_size=outputs, max_size=outputs))
    offset = draw(st.lists(st.integers(-2, 2), min_size=classes, max_size=classes))
    sums = Sums(classes, 1.0, group, weight, offset)
    net = build(bits, table, fanin, nets)
    module = build_module(features, [net], sums, dtype=kind, feature=feature, level=level)
    return Model(module)


def every_input(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All vectors of bits that can occur, their classes, their output bits."""
    chain = model.chain
    bits = unpack_planes(exhaustive_planes(chain.bits), 1 << chain.bits)
    bits = bits[chain.facts.hold(bits)]
    found = model.evaluate(packed(bits))
    assert found.classes is not None
    return bits, found.classes, found.bits


def some_numbers(model: Model, random: np.random.Generator, count: int) -> np.ndarray:
    """Samples around the levels, of the type that the model reads."""
    chain = model.chain
    if chain.dtype == "bool":
        return random.integers(0, 2, (count, chain.features)).astype(bool)
    if chain.dtype == "uint8":
        return random.choice(
            np.array([0, 1, 2, 3, 7, 8, 254, 255], np.uint8), (count, chain.features)
        )
    return random.choice(
        np.array([-2, -1.5, 0, 0.125, 0.25, 0.5, 1, 2, 3.5, 4], np.float32),
        (count, chain.features),
    )
