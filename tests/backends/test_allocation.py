"""Registers and instruction selection: what comes out is run instruction by instruction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import loops, tables
from lgc.backends.llvm.allocation import (
    COMPUTE,
    COMPUTE_MEMORY,
    COPY,
    LOAD,
    ORDERS,
    STORE,
    Code,
    allocate,
)
from lgc.backends.llvm.lowering import lower
from lgc.backends.llvm.machine import machine
from lgc.backends.llvm.selection import AND_NOT, select
from lgc.chain import read_chain
from lgc.equivalence import compare_netlists
from lgc.netlist import Netlist
from lgc.sums.arithmetic import AND2, OR2, WIRE, XOR2
from lgc.surgery import arity, first_level, tidy, widen
from tests.backends.corpus import MODELS, model
from tests.strategies import netlists
from tests.support import random_planes


def execute(net: Netlist, code: Code, registers: int, planes: np.ndarray) -> np.ndarray:
    """Run the instructions on registers and slots that start with rubbish."""
    random = np.random.default_rng(7)
    words = planes.shape[1]
    held = random.integers(0, 1 << 63, (registers, words)).astype(np.uint64)
    memory = random.integers(0, 1 << 63, (code.slots, words)).astype(np.uint64)
    memory[: net.inputs] = planes
    reads = arity(net)
    for kind, target, first, second, gate, order in code.rows.tolist():
        if kind == LOAD:
            held[target] = memory[second]
        elif kind == STORE:
            memory[second] = held[first]
        elif kind == COPY:
            held[target] = held[first]
        else:
            last = (
                held[target] if not reads[gate] else (held if kind == COMPUTE else memory)[second]
            )
            a, b, c = ORDERS[order].tolist()
            operand = {a: held[target], b: held[first % registers], c: last}
            values = np.stack([operand[i] for i in range(3)])
            held[target] = Netlist(3, net.table[[gate]], [[0, 1, 2]], [3]).evaluate(values)[0]
    return memory[code.outputs]


@given(netlists(k=3, max_gates=40), st.integers(3, 32), st.booleans())
def test_no_value_is_lost(net: Netlist, registers: int, firm: bool) -> None:
    net = tidy(net)
    planes = random_planes(net.inputs, 2, 0)
    fixed = np.full(net.gates, int(firm))
    code = allocate(net, registers + 1, fixed, True)
    assert np.array_equal(execute(net, code, registers + 1, planes), net.evaluate(planes))


@pytest.mark.parametrize("name", ["fused", "a wide layer", "weights and offsets", "a deep chain"])
@pytest.mark.parametrize("registers", [5, 15, 32])
def test_programs(name: str, registers: int) -> None:
    net = lower(read_chain(model(name)), "scores").net
    code = allocate(net, registers, np.zeros(net.gates, np.int64), True)
    planes = random_planes(net.inputs, 2, 0)
    assert np.array_equal(execute(net, code, registers, planes), net.evaluate(planes))
    gates, times = np.unique(code.rows[code.rows[:, 4] >= 0, 4], return_counts=True)
    assert np.array_equal(gates, np.arange(net.gates))
    assert first_level(net)[gates[times > 1]].all()
    more = allocate(net, 2 * registers, np.zeros(net.gates, np.int64), True)
    assert more.counts["loads"] <= code.counts["loads"]


def test_with_a_register_for_each_value_only_inputs_are_loaded() -> None:
    net = lower(read_chain(model("fused")), "scores").net
    code = allocate(net, net.nets, np.zeros(net.gates, np.int64), True)
    kind, slot = code.rows[:, 0], code.rows[:, 3]
    assert (slot[(kind == LOAD) | (kind == COMPUTE_MEMORY)] < net.inputs).all()
    assert code.counts["stores"] == len(np.unique(net.outputs))


def test_gates_of_inputs_are_computed_again_and_never_stored() -> None:
    """Forty of them, each read twice, far apart; a gate of other gates is stored as ever."""
    first = [[i, i + 1, i + 2] for i in range(40)]
    pairs = [[42 + i, 43 + i, 0] for i in range(39)]
    later = [[42 + i, 82 + i, 43 + i] for i in range(39)]
    net = tidy(
        Netlist(42, [0x6B] * 40 + [0x3C] * 39 + [0x96] * 39, first + pairs + later, range(121, 160))
    )
    code = allocate(net, 12, np.zeros(net.gates, np.int64), True)
    planes = random_planes(net.inputs, 2, 0)
    assert np.array_equal(execute(net, code, 12, planes), net.evaluate(planes))
    assert code.counts["gates"] > net.gates + 40
    held = dict[int, int]()  # by register, the gate whose value it has
    for kind, target, one, _, gate, _ in code.rows.tolist():
        if kind in (COMPUTE, COMPUTE_MEMORY):
            held[target] = gate
        elif kind == LOAD:
            held.pop(target, None)
        assert kind != STORE or held[one] >= 40


def test_plain_and_compiled_loops_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "ENOUGH", 1 << 60)
    net = lower(read_chain(model("fused")), "scores").net
    plain = allocate(net, 32, np.zeros(net.gates, np.int64), True)
    monkeypatch.setattr(loops, "ENOUGH", 0)
    assert lower(read_chain(model("fused")), "scores").net == net
    compiled = allocate(net, 32, np.zeros(net.gates, np.int64), True)
    assert np.array_equal(plain.rows, compiled.rows)


BINARY = {AND2, OR2, XOR2, AND_NOT, WIRE, WIRE ^ 0xFF, 0x00, 0xFF}


def check_selected(net: Netlist) -> None:
    selected = select(net, machine("x86-64-v3"))
    assert set(selected.table.tolist()) <= BINARY
    assert compare_netlists(net, selected)


@given(netlists(k=3, max_gates=40))
def test_two_input_instructions_compute_the_same(net: Netlist) -> None:
    check_selected(tidy(net))


@pytest.mark.parametrize("name", MODELS)
def test_programs_in_two_input_instructions(name: str) -> None:
    chain = read_chain(model(name))
    check_selected(lower(chain, "bits").net)
    if chain.group_sum is not None:
        check_selected(lower(chain, "scores").net)


@pytest.mark.parametrize("table", range(256))
def test_every_table_in_at_most_four_instructions(table: int) -> None:
    net = tidy(Netlist(3, [table], [[0, 1, 2]], [3]))
    selected = select(net, machine("x86-64-v3"))
    inverters = (selected.table == WIRE ^ 0xFF).sum()
    assert selected.gates - inverters <= 4
    assert compare_netlists(net, selected)


def test_two_input_gates_are_one_instruction_in_any_phase() -> None:
    """Inverters on the way ride along; only a complemented output costs one."""
    rows = [[0, 1], [1, 2], [2, 3]]
    for seed in range(16):
        three = [(seed * 7 + i) % 16 for i in range(3)]
        if any(t in (0, 3, 5, 10, 12, 15) for t in three):
            continue
        net = tidy(widen(Netlist(2, three, rows, [4]), 3))
        assert select(net, machine("x86-64-v3")).gates <= arity(net).astype(bool).sum() + 1


def test_a_machine_with_ternary_logic_needs_no_selection() -> None:
    net = tidy(Netlist(3, np.arange(256), np.tile([0, 1, 2], (256, 1)), np.arange(3, 259)))
    assert select(net, machine("x86-64-v4")) is net
    assert tables.ones(3) == 255
