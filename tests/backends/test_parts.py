"""The parts of the LLVM backend: arithmetic, order, layout, every three-input table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.backends.llvm import Llvm
from lgc.backends.llvm.codegen import program_texts
from lgc.backends.llvm.lowering import core, lower
from lgc.backends.llvm.machine import host_features, machine
from lgc.backends.llvm.order import execution_order
from lgc.backends.llvm.segments import layout
from lgc.chain import Sums, build_module, read_chain
from lgc.equivalence import compare_netlists
from lgc.evaluation import exhaustive_planes, pack_planes, unpack_planes
from lgc.netlist import Netlist
from lgc.reference import run
from lgc.splitting import split
from lgc.sums.arithmetic import Counter, Gates, argmax
from lgc.surgery import compose, live_gates
from tests.backends.corpus import MODELS, model
from tests.strategies import netlists
from tests.support import random_layers, random_planes


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=10))
def test_counter_adds_weighted_bits(terms: list[tuple[int, bool]]) -> None:
    """Bits and their complements."""
    gates = Gates(len(terms))
    counter = Counter(gates)
    for net, (weight, inverted) in enumerate(terms):
        counter.add_weighted(2 * net + inverted, weight)
    number = counter.finish()
    net = gates.netlist(number)
    samples = 1 << len(terms)
    inputs = unpack_planes(exhaustive_planes(len(terms)), samples)
    bits = unpack_planes(net.evaluate(exhaustive_planes(len(terms))), samples)
    weights, inverted = np.array(terms).T
    expected = (inputs ^ inverted.astype(bool)) @ weights
    assert np.array_equal(bits @ (1 << np.arange(len(number))), expected)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=9), st.integers(0, 1000))
def test_argmax_takes_the_first_maximum(widths: list[int], seed: int) -> None:
    """Numbers of different widths, some of their bits known to be zero."""
    total = max(1, sum(widths))
    gates, position = Gates(total), 0
    numbers: list[list[int | None]] = []
    for width in widths:
        known = [2 * (position + bit) for bit in range(width)]
        numbers.append([None if (seed >> b) & 1 and b == 1 else n for b, n in enumerate(known)])
        position += width
    index = argmax(gates, numbers)
    net = gates.netlist([*index, None])
    bits = np.random.default_rng(seed).integers(0, 2, (200, total)).astype(bool)
    found = unpack_planes(net.evaluate(pack_planes(bits)), 200)[:, : len(index)]
    values = np.stack(
        [sum(bits[:, n // 2].astype(int) << b for b, n in enumerate(number) if n is not None)
         + np.zeros(200, int) for number in numbers],
        axis=1,
    )  # fmt: skip
    assert np.array_equal(found @ (1 << np.arange(len(index))), values.argmax(axis=1))


@given(netlists(k=3, max_gates=40))
def test_execution_order_is_topological_and_complete(net: Netlist) -> None:
    check_order(net)


def test_execution_order_without_cones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lgc.backends.llvm.order.CONE_LIMIT", 3)
    check_order(split(compose(random_layers([50, 40], 10, 0)), 3))


def check_order(net: Netlist) -> None:
    net = core(read_chain(build_module(net.inputs, [net], None)))
    order = execution_order(net)
    position = {gate: place for place, gate in enumerate(order.gates.tolist())}
    assert len(position) == len(order.gates) <= live_gates(net).sum()
    assert sorted(order.outputs.tolist()) == list(range(len(net.outputs)))
    for output, stop in zip(order.outputs.tolist(), order.ready.tolist()):
        target = net.outputs[output] - net.inputs
        assert target < 0 or position[int(target)] < stop
    short = lower(read_chain(build_module(net.inputs, [net], None)), "bits").net
    assert compare_netlists(net, short)  # the netlist verifies that reads come first


@pytest.mark.parametrize("name", ["fused", "a wide layer", "weights and offsets", "a deep chain"])
@pytest.mark.parametrize("size", [1, 7, 128])
def test_no_slot_holds_two_live_values(name: str, size: int) -> None:
    """Run a program on slots, segment by segment, as the generated code does."""
    net = lower(read_chain(model(name)), "scores").net
    plan = layout(net, size)
    planes = random_planes(net.inputs, 2, 0)
    memory = np.random.default_rng(1).integers(0, 1 << 63, (plan.slots, 2)).astype(np.uint64)
    memory[plan.slot[: net.inputs]] = planes
    for segment in range(plan.segments):
        own = np.flatnonzero(plan.segment == segment)
        registers: dict[int, np.ndarray] = {}
        for number in own.tolist():
            reads = net.fanin[number - net.inputs].tolist()
            values = [
                registers[r] if plan.segment[r] == segment else memory[plan.slot[r]].copy()
                for r in reads
            ]
            gate = Netlist(3, net.table[[number - net.inputs]], [[0, 1, 2]], [3])
            registers[number] = gate.evaluate(np.stack(values))[0]
        for number, value in registers.items():
            if plan.last[number] > segment:
                assert plan.slot[number] >= 0
                memory[plan.slot[number]] = value
    assert np.array_equal(memory[plan.slot[net.outputs]], net.evaluate(planes))
    assert plan.slots <= net.nets + 1


@pytest.mark.parametrize("cpu", ["x86-64", "x86-64-v3", None])
def test_every_three_input_table(cpu: str | None) -> None:
    if not machine(cpu).required() <= host_features():
        pytest.skip(f"this processor is no {cpu}")
    tables = np.arange(256)
    net = Netlist(3, tables, np.tile([0, 1, 2], (256, 1)), tables + 3)
    module = build_module(3, [net], None)
    x = np.array([[s >> 2 & 1, s >> 1 & 1, s & 1] for s in range(8)], np.uint8)
    found = Llvm().kernel(module, cpu=cpu).bits(x)
    assert np.array_equal(found, run(module, x).bits)


def test_text_grows_linearly_and_functions_stay_short() -> None:
    sizes = []
    for gates in (1000, 2000, 4000):
        module = build_module(64, random_layers([gates] * 3, 64, 0), Sums(10))
        texts = program_texts(
            read_chain(module),
            "scores",
            machine(),
            prefix="lgc_",
            engine="straight",
            assembly=False,
        )
        functions = "".join(texts.segments).split("define ")[1:]
        assert max(f.count("\n") for f in functions) < 128 * 8
        sizes.append(sum(map(len, texts.segments)))
    assert sizes[2] / sizes[1] < 2.3
    assert sizes[1] / sizes[0] < 2.3


def test_core_of_every_model_has_three_fanins() -> None:
    for name in MODELS:
        chain = read_chain(model(name))
        net = core(chain)
        assert net.k == 3
        assert len(net.outputs) == chain.outputs
