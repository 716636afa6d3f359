"""Liveness, selection, composition, widening, figures."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lgc.equivalence import compare_netlists
from lgc.metrics import gates_by_table, live_nets, measure
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.surgery import compose, live_gates, restrict, widen
from tests.strategies import netlists
from tests.support import random_layers, random_planes


@given(netlists(k=None))
def test_live_gates_by_search(net: Netlist) -> None:
    live, stack = set[int](), net.outputs.tolist()
    while stack:
        net_number = stack.pop()
        if net_number >= net.inputs and net_number not in live:
            live.add(net_number)
            stack += net.fanin[net_number - net.inputs].tolist()
    assert np.flatnonzero(live_gates(net)).tolist() == sorted(n - net.inputs for n in live)


@given(netlists(k=None), st.integers(0, 100))
def test_restrict_computes_the_chosen_nets(net: Netlist, which: int) -> None:
    chosen = [which % net.nets, net.outputs[0]]
    small = restrict(net, chosen)
    assert live_gates(small).all()
    wide = Netlist(net.inputs, net.table, net.fanin, chosen)
    assert compare_netlists(small, wide)


@given(netlists(k=2), st.integers(2, 6))
def test_widen_keeps_the_function(net: Netlist, k: int) -> None:
    wide = widen(net, k)
    assert wide.k == k
    assert compare_netlists(net, wide)


def test_compose_runs_parts_in_a_row() -> None:
    layers = random_layers([30, 20, 10], 12, 3)
    layers[1] = widen(layers[1], 3)
    planes = random_planes(12, 4, 0)
    expected = planes
    for layer in layers:
        expected = layer.evaluate(expected)
    assert np.array_equal(compose(layers).evaluate(planes), expected)


def test_measure_counts_kinds() -> None:
    net = parse_netlist(
        "in 3; %3 = a&~b %0 %1; %4 = ~(a^b) %3 %1; %5 = a %4 %0; %6 = 1 %0 %0; out %5 %6 %3"
    )
    figures = measure(net)
    assert (figures.and_type, figures.xor_type, figures.trivial, figures.wide) == (1, 1, 2, 0)
    assert (figures.depth, figures.used_inputs, figures.fanout) == (3, 2, 4)
    assert gates_by_table(net) == {"a&~b": 1, "a": 1, "~(a^b)": 1, "1": 1}


def test_measure_sees_through_unused_fanins() -> None:
    wide = widen(parse_netlist("in 2; %2 = a&b %0 %1; %3 = a^b %0 %1; out %2 %3"), 4)
    figures = measure(wide)
    assert (figures.and_type, figures.xor_type, figures.wide) == (1, 1, 0)
    assert measure(parse_netlist("in 3; %3 = 0xe8 %0 %1 %2; out %3")).wide == 1
    assert gates_by_table(wide) == {}


@given(netlists(k=2))
def test_live_nets_by_simulation(net: Netlist) -> None:
    last = [-1] * net.nets
    for gate, reads in enumerate(net.fanin.tolist()):
        for read in reads:
            last[read] = gate
    for output in net.outputs.tolist():
        last[output] = net.gates
    most = 0
    for now in range(net.gates + 1):
        most = max(most, sum(max(n - net.inputs, 0) <= now <= last[n] for n in range(net.nets)))
    assert live_nets(net) == most
