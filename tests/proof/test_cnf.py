"""Clauses say exactly what the gates say."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lgc import tables
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.netlist import Netlist
from lgc.proof.cnf import clauses, gate_clauses
from tests.strategies import netlists


@given(st.integers(1, 4), st.data())
def test_clauses_of_a_gate_hold_for_its_value_alone(k: int, data: st.DataObject) -> None:
    table = data.draw(st.integers(0, int(tables.ones(k))))
    found = gate_clauses(table, k)
    for index, values in enumerate(itertools.product((False, True), repeat=k)):
        gives = bool(table >> ((1 << k) - 1 - index) & 1)
        for result in (False, True):
            world = (*values, result)
            holds = all(any(world[abs(x) - 1] == (x > 0) for x in clause) for clause in found)
            assert holds == (result == gives)


def test_xor_takes_four_clauses_and_and_three() -> None:
    assert len(gate_clauses(6, 2)) == 4
    assert len(gate_clauses(1, 2)) == 3


@given(netlists(max_inputs=4, max_gates=5, k=None))
def test_clauses_of_a_netlist_hold_for_its_values(net: Netlist) -> None:
    every = Netlist(net.inputs, net.table, net.fanin, range(net.nets))
    values = unpack_planes(every.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)
    for clause in clauses(net):
        assert (
            (values[:, [abs(x) - 1 for x in clause]] == [x > 0 for x in clause]).any(axis=1).all()
        )
    if net.gates:
        wrong = values[0].copy()
        wrong[-1] = ~wrong[-1]
        assert not all(any(wrong[abs(x) - 1] == (x > 0) for x in one) for one in clauses(net))
