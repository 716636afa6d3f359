"""Recurrent models together with maps, the bits of whole numbers, beta and classes as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lgc
from lgc.chain import Mapped, Sums, build_module
from lgc.equivalence import compare, subject
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.pipeline import parse_pipeline
from tests.backends.cases import MACHINES, WAYS, compiled

STATE = np.array([1, 0, 0, 1, 1], np.bool_)
BITS = 9


def netlist(random: np.random.Generator, inputs: int, outputs: int) -> Netlist:
    reach = inputs + np.arange(60)
    fanin = np.stack([random.integers(0, reach), random.integers(0, reach)], axis=1)
    made = random.integers(inputs, inputs + 60, outputs)
    return Netlist(inputs, random.integers(0, 16, 60), fanin, made)


def machine(seed: int, sums: Sums | None, *, places: bool, index: bool = False) -> Model:
    """A map that reads sample and state, then a circuit that gives 12 results and a state."""
    random = np.random.default_rng(seed)
    bits = BITS + len(STATE)
    rows = random.integers(-1, bits, (6, 4)).astype(np.int32)
    keep = np.arange(bits - 7, bits, dtype=np.int32)
    stages = [
        Mapped(netlist(random, 4, 3), rows, keep),
        netlist(random, len(keep) + 18, 12 + len(STATE)),
    ]
    encoding: dict[str, Any] = {"feature": [0, 0, 0, 1, 1, 2, 2, 2, 2]}
    if places:
        encoding["place"] = [0, 3, 7, 1, 2, 0, 5, 6, 2]
    else:
        encoding["level"] = [3, 90, 200, 1, 2, 0, 50, 60, 220]
    return Model(
        build_module(3, stages, sums, dtype="uint8", index=index, initial=STATE, **encoding)
    )


@pytest.mark.parametrize("places", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_machine_code_of_maps_gives_what_the_reference_gives(way: str, places: bool) -> None:
    model = machine(1, Sums(3, 2.0, beta=0.5), places=places)
    kernel = compiled(model.module, MACHINES[-1], way)
    x = np.random.default_rng(2).integers(0, 256, (70, 5, 3))
    for batch in (x.astype(np.uint8), x.astype(np.float32), x.astype(np.int64)):
        for what in ("bits", "counts", "scores", "predict"):
            found, after = kernel.run_sequence(batch, what=what)
            wanted, state = model.run_sequence(batch, what=what)
            assert np.array_equal(found, wanted)
            assert np.array_equal(after, state)


@pytest.mark.parametrize("places", [False, True])
def test_classes_as_numbers(places: bool) -> None:
    model = machine(3, None, places=places, index=True)
    kernel = compiled(model.module, MACHINES[-1], WAYS[0])
    x = np.random.default_rng(4).integers(0, 256, (70, 5, 3), np.uint8)
    found, after = kernel.run_sequence(x)
    wanted, state = model.run_sequence(x)
    assert found.shape == (70, 5)
    assert found.max() > 1
    assert np.array_equal(found, wanted)
    assert np.array_equal(after, state)


@pytest.mark.parametrize("pipeline", ["narrow", "fuse-layers", "unroll-map", "O2"])
@pytest.mark.parametrize("places", [False, True])
def test_passes_on_rows_keep_the_state(pipeline: str, places: bool) -> None:
    model = machine(5, Sums(3, 2.0), places=places)
    module = model.module.clone()
    parse_pipeline(pipeline).run(module, check="fast")
    assert compare(subject(model.module), subject(module))
    x = np.random.default_rng(6).integers(0, 256, (70, 5, 3), np.uint8)
    for what in ("counts", "predict"):
        (found, after), (wanted, state) = (
            one.run_sequence(x, what=what) for one in (Model(module), model)
        )
        assert np.array_equal(found, wanted)
        assert np.array_equal(after, state)


def test_thresholds_and_bits_of_numbers_are_compared() -> None:
    one, other = (machine(7, Sums(3), places=places) for places in (False, True))
    assert not lgc.check(one, other)
    assert lgc.check(other, compiled(other.module, MACHINES[-1], WAYS[0]))
    with pytest.raises(lgc.LgcError, match="one recurrent model compares numbers"):
        lgc.check(one, other, mode="proof")
