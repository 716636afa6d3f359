"""Stages joined, narrowed, unrolled: the same function, in the shape that is promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp

import lgc
from lgc.assembling import Assembly, on_grid, or_pool, patches
from lgc.chain import Mapped, build_module, read_chain
from lgc.dialect import CircuitOp, MapOp
from lgc.mapping import fuse_maps, replace_stages
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.proving import prove_chains
from lgc.reference import run
from tests.mapped import convolutional, random_netlist

ROLLED = ("narrow", "fuse-layers", "fuse-layers,narrow,strash,dce", "narrow,fuse-layers,narrow")
UNROLLED = ("unroll-map", "fuse-layers,unroll-map", "unroll-map,fuse-layers,strash,dce")


def after(pipeline: str, module: ModuleOp) -> ModuleOp:
    return lgc.optimize(Model(module), pipeline).module


def same_function(one: ModuleOp, other: ModuleOp, seed: int) -> None:
    x = np.random.default_rng(seed).random((200, read_chain(one).features)) < 0.5
    left, right = run(one, x), run(other, x)
    assert (left.bits == right.bits).all()
    if left.counts is not None:
        assert right.counts is not None
        assert (left.counts == right.counts).all()


@pytest.mark.parametrize("pipeline", ROLLED + UNROLLED)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 2, 3]))
def test_the_function_stays(pipeline: str, seed: int, k: int) -> None:
    module = convolutional(seed, k)
    same_function(module, after(pipeline, module), seed)


@given(st.integers(0, 2**32 - 1))
def test_rolled_and_unrolled_are_proved_equal(seed: int) -> None:
    module = convolutional(seed, sums=True)
    rolled = after("fuse-layers,narrow,strash,dce", module)
    unrolled = after("unroll-map,fuse-layers,strash,dce", module)
    assert not maps(unrolled)
    proof = prove_chains(read_chain(rolled), read_chain(unrolled))
    assert proof.equal


def maps(module: ModuleOp) -> list[MapOp]:
    return [op for op in module.walk() if isinstance(op, MapOp)]


def pooled(stride: int, padding: int) -> ModuleOp:
    rng = np.random.default_rng(3)
    assembly = Assembly(36)
    index, grid = patches(assembly.inputs.reshape(1, 6, 6), (3, 3), (1, 1), (1, 1))
    values = on_grid(assembly.map(random_netlist(rng, 9, 60, 4), index), grid)
    values = or_pool(assembly, values, (2, 2), (stride, stride), (padding, padding))
    return build_module(36, assembly.finish(values.ravel()), None, dtype="bool")


def test_pooling_joins_its_convolution() -> None:
    module = pooled(2, 0)
    fused = after("fuse-layers", module)
    (stage,) = maps(fused)
    assert stage.rows.shape == (9, 16)  # 4 × 4 pixels for four positions of the kernel
    same_function(module, fused, 0)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_pooling_that_overlaps_or_reads_zeros_stays_apart(stride: int, padding: int) -> None:
    fused = after("fuse-layers", pooled(stride, padding))
    assert len(maps(fused)) == 2


def test_maps_that_somebody_else_reads_stay_apart() -> None:
    net = Netlist(1, [12], [[0, 0]], [1])
    first = Mapped(net, np.array([[0], [1]], np.int32), np.zeros(0, np.int32))
    second = Mapped(net, np.array([[0], [1]], np.int32), np.array([1], np.int32))
    assert fuse_maps(first, second) is None
    assert fuse_maps(first, Mapped(net, second.index, first.keep)) is not None


def narrowed(stages: list[Netlist | Mapped], bits: int) -> Model:
    return lgc.optimize(Model(build_module(bits, stages, None, dtype="bool")), "narrow")


def test_outputs_nobody_reads_go() -> None:
    net = Netlist(2, [6, 1, 8], [[0, 1]] * 3, [2, 3, 4])
    first = Mapped(net, np.array([[0, 1], [1, 2]], np.int32), np.array([2, 0], np.int32))
    chosen = Netlist(8, [6], [[1, 3]], [8, 6])  # a kept bit, output 1 of place 0 and of place 1
    made = narrowed([first, chosen], 3).chain.stages
    assert isinstance(made[0], MapOp)
    assert made[0].kept.tolist() == [0]
    assert len(made[0].net.data.outputs) == 1


def test_constants_and_wires_are_looked_through() -> None:
    net = Netlist(2, [0, 15, 1], [[0, 1]] * 3, [2, 3, 4, 1])
    first = Mapped(net, np.array([[0, 1], [1, -1]], np.int32), np.zeros(0, np.int32))
    reads = Netlist(3, [7, 1], [[0, 1], [3, 2]], [4, 3])
    second = Mapped(reads, np.array([[0, 3, 1], [4, 7, 5]], np.int32), np.zeros(0, np.int32))
    made = narrowed([first, second], 2).chain.stages
    assert isinstance(made[0], MapOp)
    assert isinstance(made[1], MapOp)
    assert made[0].kept.tolist() == [1]  # what the second reads of the first is input 1 and a zero
    assert made[1].rows[1].max() == -1


def test_operations_a_gate_stay_as_they_are() -> None:
    module = convolutional(1)
    replace_stages(module, lambda stages, _: stages)
    assert [type(op) for op in module.walk() if isinstance(op, CircuitOp | MapOp)]
