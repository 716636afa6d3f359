"""Maps in compiled code: every engine, machine and width, against the reference."""

from __future__ import annotations

import pickle
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lgc
from lgc.backends.llvm.machine import machine
from lgc.backends.llvm.places import front, grouped
from lgc.backends.llvm.replay import replay
from lgc.chain import Mapped, Sums, build_module, read_chain
from lgc.driver import optimize
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.reference import run
from tests.backends.cases import MACHINES, THREADS, WAYS, agree, compiled
from tests.mapped import convolutional, random_netlist


def rows(features: int, seed: int, count: int = 600) -> np.ndarray:
    return np.random.default_rng(seed).random((count, features)) < 0.5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("seed", range(4))
def test_random_convolutions(seed: int, cpu: str, way: str) -> None:
    module = convolutional(seed + 10 * WAYS.index(way) + 100 * MACHINES.index(cpu))
    x = rows(read_chain(module).features, seed)
    agree(compiled(module, cpu, way), x, run(module, x), THREADS[seed])


@pytest.mark.parametrize("k", [3, 4, 6])
@pytest.mark.parametrize("way", ["straight", "table", "generated"])
def test_wide_gates(way: str, k: int) -> None:
    module = convolutional(20 + k, k)
    x = rows(read_chain(module).features, k)
    agree(compiled(module, "native", way), x, run(module, x))


@pytest.mark.parametrize("plane_bits", [64, 128, 256, 512])
@pytest.mark.parametrize("way", ["straight", "table"])
def test_every_width(way: str, plane_bits: int) -> None:
    module = convolutional(5)
    x = rows(read_chain(module).features, plane_bits, 1100)
    agree(compiled(module, "native", way, plane_bits), x, run(module, x))


@pytest.mark.parametrize("seed", range(6))
def test_optimised_and_unrolled(seed: int) -> None:
    model = Model(convolutional(seed, sums=True))
    x = rows(model.chain.features, seed)
    expected = model.evaluate(x)
    for pipeline in ("O0", "O2", "O3", "unroll-map,O2"):
        kernel = lgc.compile(model, pipeline=pipeline)
        assert (kernel.counts(x) == expected.counts).all(), pipeline


def test_many_groups_of_inputs_take_turns_in_registers() -> None:
    """Each column on its own way: more groups than there are registers for their offsets."""
    rng = np.random.default_rng(0)
    index = rng.integers(-1, 300, (40, 60)).astype(np.int32)
    stage = Mapped(random_netlist(rng, 60, 500, 20), index, np.zeros(0, np.int32))
    module = build_module(300, [stage], Sums(10), dtype="bool")
    x = rows(300, 1)
    for way in WAYS:
        agree(compiled(module, "native", way), x, run(module, x))


def test_planes_are_used_again() -> None:
    """Five maps in a row need no more planes than two of them."""
    net = Netlist(2, [6], [[0, 1]], [2])
    index = np.stack([np.arange(1000), np.roll(np.arange(1000), 1)], axis=1).astype(np.int32)
    stage = Mapped(net, index, np.zeros(0, np.int32))
    chain = read_chain(build_module(1000, [stage] * 5, None, dtype="bool"))
    assert front(chain, np.ones(1000, np.bool_)).planes == 2000


@given(
    arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.integers(-1, 30))
)
def test_groups_say_what_each_input_reads(planes: np.ndarray) -> None:
    group, ahead, base = grouped(planes)
    there = base[:, group]
    assert (np.where(there < 0, -1, there + ahead) == planes).all()
    assert (ahead >= 0).all()


def test_columns_that_keep_their_distances_are_a_group() -> None:
    planes = np.array([[3, 5, 9, -1], [13, 15, 9, 2], [-1, -1, 9, 0]])
    group, ahead, base = grouped(planes)
    assert len(np.unique(group)) == 3
    assert ahead.tolist() == [0, 2, 0, 0]
    assert base[:, group[0]].tolist() == [3, 13, -1]


@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("engine", ["straight", "table"])
def test_traffic_counts_what_all_places_do(engine: Literal["straight", "table"], cpu: str) -> None:
    module = convolutional(13, sums=True)
    info = compiled(module, cpu, engine).info
    found = replay(read_chain(module), "scores", machine(cpu), engine)
    assert found.gates == info["program_gates"]
    assert (found.loads, found.stores) == (info["loads"], info["stores"])


def test_kernel_files_hold_maps() -> None:
    model = optimize(Model(convolutional(8, sums=True)))
    x = rows(model.chain.features, 8)
    kernel = lgc.compile(model)
    again = pickle.loads(pickle.dumps(kernel))
    assert (again.counts(x) == kernel.counts(x)).all()
