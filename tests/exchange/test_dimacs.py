"""DIMACS: the clauses hold for what the circuit computes, and for nothing else."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given

from lgc.chain import build_module
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.exchange.circuit import Circuit
from lgc.exchange.dimacs import write_dimacs
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.registry import find
from tests.exchange.cases import joined, random_net
from tests.strategies import netlists


def clauses_of(text: str) -> list[list[int]]:
    lines = [line for line in text.splitlines() if line[:1] not in ("c", "p")]
    return [[int(word) for word in line.split()[:-1]] for line in lines]


@given(netlists(max_inputs=3, max_gates=4, k=None))
def test_clauses_hold_for_the_values_alone(net: Netlist) -> None:
    text = joined(write_dimacs(Circuit(net))).decode()
    clauses = clauses_of(text)
    assert f"p cnf {net.nets} {len(clauses)}\n" in text
    every = Netlist(net.inputs, net.table, net.fanin, range(net.nets))
    values = unpack_planes(every.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)
    wanted = set(map(tuple, values.tolist()))
    for world in itertools.product((False, True), repeat=net.nets):
        holds = all(any(world[abs(x) - 1] == (x > 0) for x in clause) for clause in clauses)
        assert holds == (world in wanted)


def test_wide_gates_hold_for_their_values() -> None:
    net = random_net(6, 40, 3, inputs=9)
    clauses = clauses_of(joined(write_dimacs(Circuit(net))).decode())
    every = Netlist(net.inputs, net.table, net.fanin, range(net.nets))
    values = unpack_planes(every.evaluate(exhaustive_planes(9)), 512)
    for clause in clauses:
        assert (
            (values[:, [abs(x) - 1 for x in clause]] == [x > 0 for x in clause]).any(axis=1).all()
        )
    for wrong in range(9, net.nets):
        world = values[7].copy()
        world[wrong] = not world[wrong]
        assert not all(any(world[abs(x) - 1] == (x > 0) for x in clause) for clause in clauses)


def test_what_is_written() -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; out %2 %0")
    circuit = Circuit(net, ("left", "right"), None, "a comment")
    assert (
        joined(write_dimacs(circuit, [[-2, 1]])).decode()
        == """c a comment
c input 0 is 1 left
c input 1 is 2 right
c output 0 is 3
c output 1 is 1
c clauses of the gates, then 1 of what is known about inputs
p cnf 3 4
-1 -2 3 0
1 -3 0
2 -3 0
-2 1 0
"""
    )


def test_the_backend_adds_what_thresholds_say(tmp_path) -> None:
    """Two levels of one feature: the higher implies the lower."""
    net = parse_netlist("in 2; %2 = a^b %0 %1; out %2")
    module = build_module(1, [net], None, feature=[0, 0], level=np.array([1, 3]))
    find("backends", "dimacs")().write(module, tmp_path / "a.cnf", {})
    assert clauses_of((tmp_path / "a.cnf").read_text())[-1] == [-2, 1]
