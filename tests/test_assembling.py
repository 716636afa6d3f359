"""Assembling models: parts that read any part before them, as a chain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.assembling import Assembly, disjunctions, on_grid, or_pool, patches
from lgc.chain import Mapped, build_module, read_chain
from lgc.evaluation import pack_planes, unpack_planes
from lgc.flattening import flatten
from lgc.netlist import Netlist
from lgc.reference import stages


def evaluated(assembly: Assembly, outputs: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What the finished chain gives, by the reference and unrolled."""
    module = build_module(x.shape[1], assembly.finish(outputs), None)
    chain = read_chain(module)
    planes = pack_planes(x)
    plain = unpack_planes(stages(chain, planes), len(x))
    assert (unpack_planes(flatten(chain).evaluate(planes), len(x)) == plain).all()
    return plain


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("stride", [1, 2])
def test_patches_are_windows(stride: int, padding: int) -> None:
    values = np.arange(2 * 5 * 4).reshape(2, 5, 4)
    index, (high, wide) = patches(values, (3, 2), (stride, stride), (padding, padding))
    padded = np.pad(values, [(0, 0), (padding,) * 2, (padding,) * 2], constant_values=-1)
    expected = [
        padded[:, y * stride : y * stride + 3, x * stride : x * stride + 2].ravel()
        for y in range(high)
        for x in range(wide)
    ]
    assert (index == np.array(expected)).all()


def test_pooling_is_a_disjunction_of_windows() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((70, 2 * 6 * 6)) < 0.2
    assembly = Assembly(72)
    pooled = or_pool(assembly, assembly.inputs.reshape(2, 6, 6), (2, 2), (2, 2), (1, 1))
    assert pooled.shape == (2, 4, 4)
    padded = np.pad(x.reshape(-1, 2, 6, 6), [(0, 0), (0, 0), (1, 1), (1, 1)])
    expected = padded.reshape(-1, 2, 4, 2, 4, 2).any(axis=(3, 5)).reshape(len(x), -1)
    assert (evaluated(assembly, pooled, x) == expected).all()


@pytest.mark.parametrize("size", range(1, 8))
def test_disjunctions(size: int) -> None:
    x = np.random.default_rng(size).random((100, 3 * size)) < 0.2
    got = unpack_planes(disjunctions(3, size).evaluate(pack_planes(x)), len(x))
    assert (got == x.reshape(-1, 3, size).any(axis=2)).all()


@given(st.integers(0, 2**32 - 1))
def test_any_part_may_read_any_before_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.random((64, 5)) < 0.5
    assembly = Assembly(5)
    known = {-1: np.zeros(64, np.bool_), **{i: x[:, i] for i in range(5)}}
    for _ in range(int(rng.integers(1, 5))):
        table = rng.integers(0, 16, 3)
        net = Netlist(2, table, [[0, 1], [1, 2], [2, 3]], [4, 0, 3])
        places = int(rng.integers(1, 4))
        reads = rng.integers(-1, len(known) - 1, (places, 2))
        rolled = bool(rng.integers(2))
        made = assembly.map(net, reads) if rolled else assembly.circuit(net, reads[0])[None]
        for row, numbers in zip(reads, made):
            inputs = np.stack([known[int(read)] for read in row], axis=1)
            results = unpack_planes(net.evaluate(pack_planes(inputs)), 64)
            known |= {int(number): bit for number, bit in zip(numbers, results.T)}
    outputs = rng.integers(-1, len(known) - 1, 6)
    expected = np.stack([known[int(number)] for number in outputs], axis=1)
    assert (evaluated(assembly, outputs, x) == expected).all()


def test_values_read_later_are_passed_on() -> None:
    assembly = Assembly(2)
    one = assembly.map(Netlist(1, [12], [[0, 0]], [1]), [[0], [1]])
    two = assembly.layer([6], [[int(one[1, 0]), 0]])
    stages_made = assembly.finish([two[0], one[0, 0]])
    first = stages_made[0]
    assert isinstance(first, Mapped)
    assert first.keep.tolist() == [0]


def test_channels_come_first_on_a_grid() -> None:
    assert on_grid(np.arange(12).reshape(6, 2), (2, 3)).tolist() == [
        [[0, 2, 4], [6, 8, 10]],
        [[1, 3, 5], [7, 9, 11]],
    ]
