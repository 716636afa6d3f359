"""The two ways of a sweep, a level at once and gate by gate, give the same netlists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.levels import groups, levels, reach, slices
from lgc.netlist import Netlist
from lgc.sequential_sharing import STEPS, take_in_turn
from lgc.sharing import _finish, _State, sweep
from tests.strategies import netlists


def by_levels(net: Netlist, share: bool) -> Netlist:
    """What NumPy makes, however many levels there are."""
    state = _State(net, share)
    parts = groups(net.inputs, net.fanin)
    for gates in parts:
        state.take(gates)
    order = np.concatenate([np.zeros(0, np.int64), *parts])
    return _finish(net, state.table, state.fanin, state.stands_for, state.phase, order)


def gate_by_gate(net: Netlist, share: bool) -> Netlist:
    order = np.concatenate([np.zeros(0, np.int64), *groups(net.inputs, net.fanin)])
    return _finish(net, *take_in_turn(net, order, share), order)


def deep(k: int, gates: int, seed: int) -> Netlist:
    """Any tables, each gate reading nets not far before it."""
    random = np.random.default_rng(seed)
    number = 8 + np.arange(gates)[:, None]
    fanin = np.maximum(number - random.integers(1, 40, (gates, k)), 0) % number
    table = random.integers(0, 1 << 63, gates, np.uint64) * np.uint64(2)
    table |= random.integers(0, 2, gates, np.uint64)
    simple = random.random(gates) < 0.3  # wires, inverters, constants
    few = np.array([0, ~np.uint64(0), 0xFFFFFFFF, 0x5555555555555555], np.uint64)
    table[simple] = random.choice(few, int(simple.sum()))
    table &= np.uint64((1 << (1 << k)) - 1)
    return Netlist(8, table, fanin, random.integers(0, 8 + gates, 50))


@given(netlists(k=None, max_gates=60), st.booleans())
def test_both_ways_make_the_same(net: Netlist, share: bool) -> None:
    assert gate_by_gate(net, share) == by_levels(net, share)


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("k", range(1, 7))
def test_deep_netlists_of_any_width(k: int, share: bool) -> None:
    for gates in (300, 100_000 // STEPS + 1):  # plain Python, machine code
        net = deep(k, gates, seed=k)
        assert slices(net.inputs, net.fanin) is None
        assert gate_by_gate(net, share) == by_levels(net, share) == sweep(net, share=share)


@given(netlists(k=None, max_gates=60))
def test_levels_and_reach_by_definition(net: Netlist) -> None:
    level, live = [0] * net.inputs, [False] * net.nets
    for reads in net.fanin.tolist():
        level.append(1 + max(level[read] for read in reads))
    for output in net.outputs.tolist():
        live[output] = True
    for v in range(net.nets - 1, net.inputs - 1, -1):
        for read in net.fanin[v - net.inputs].tolist():
            live[read] |= live[v]
    assert levels(net.inputs, net.fanin).tolist() == level[net.inputs :]
    assert reach(net.inputs, net.fanin, net.outputs).tolist() == live


def test_reach_of_a_deep_netlist() -> None:
    """Of 50,000 gates: machine code."""
    net = deep(3, 50_000, seed=1)
    live = np.zeros(net.nets, np.bool_)
    live[net.outputs] = True
    for group in reversed(groups(net.inputs, net.fanin)):
        live[net.fanin[group][live[net.inputs :][group]].ravel()] = True
    assert (reach(net.inputs, net.fanin, net.outputs) == live).all()
