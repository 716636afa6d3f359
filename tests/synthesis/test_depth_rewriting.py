"""rewrite{cost=depth}: never deeper, as few levels as trees and shared circuits allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import demo, tables
from lgc.equivalence import compare_netlists
from lgc.loops import Loop
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.balance import Balance
from lgc.passes.rewrite import Rewrite
from lgc.synthesis import depth_rewriting
from lgc.synthesis.classes import classes
from lgc.synthesis.depth_rewriting import all_circuits, circuits_of, depth
from lgc.synthesis.late_inputs import late_circuits
from lgc.synthesis.search import Circuit
from tests.passes.test_rewrite import narrow
from tests.strategies import netlists
from tests.support import optimise


@settings(max_examples=80, deadline=None)
@given(netlists(k=2, max_inputs=6, max_gates=40), st.integers(0, 99))
def test_the_function_stays_and_the_depth_never_grows(net: Netlist, seed: int) -> None:
    after = Rewrite(cost="depth", seed=seed, rounds=5).rewrite(net)
    assert compare_netlists(net, after)
    assert depth(after) <= depth(net)


@pytest.mark.parametrize("seed", range(6))
def test_less_deep_than_balanced(seed: int) -> None:
    net = narrow(seed)
    after = Rewrite(cost="depth").rewrite(net)
    result = compare_netlists(net, after)
    assert result, str(result)
    assert result.how.startswith("exhaustive")
    assert depth(after) < depth(Balance().rewrite(net))


@pytest.mark.parametrize(
    ("text", "deep", "gates"),
    [
        # a chain of ANDs is a tree
        ("in 4; %4 = a&b %0 %1; %5 = a&b %4 %2; %6 = a&b %5 %3; out %6", 2, 3),
        # a ∧ (b ∨ (a ∧ c ∧ d)) = (a ∧ b) ∨ ((a ∧ c) ∧ d): no tree of one gate
        (
            "in 5; %5 = a&b %0 %2; %6 = a&b %5 %3; %7 = a|b %1 %6; %8 = a&b %0 %7; "
            "%9 = a^b %8 %4; out %9",
            3,
            6,
        ),
        # a ∧ (b ∨ (c ∧ x)), x late: (a ∧ b) ∨ ((a ∧ c) ∧ x)
        (
            "in 6; %6 = a&b %4 %5; %7 = a^b %6 %3; %8 = a&b %2 %7; %9 = a|b %1 %8; "
            "%10 = a&b %0 %9; out %10",
            4,
            7,
        ),
        # as deep already as it must be: only the twin goes
        ("in 3; %3 = a&b %0 %1; %4 = a&b %0 %2; %5 = a|b %3 %4; out %5", 2, 2),
    ],
)
def test_levels_first_then_gates(text: str, deep: int, gates: int) -> None:
    after = parse_netlist(optimise(Rewrite(cost="depth"), text))
    assert depth(after) == deep
    assert after.gates <= gates


def test_gates_are_recovered_off_the_longest_path() -> None:
    # %7 alone is deep; (a ∧ b) ∨ (a ∧ c) has time to be a ∧ (b ∨ c)
    text = (
        "in 4; %4 = a^b %0 %1; %5 = a&b %4 %2; %6 = a^b %5 %3; %7 = a&b %6 %0; "
        "%8 = a&b %0 %1; %9 = a&b %0 %2; %10 = a|b %8 %9; out %7 %10"
    )
    after = parse_netlist(optimise(Rewrite(cost="depth"), text))
    before = parse_netlist(text)
    assert depth(after) <= depth(before)
    assert after.gates < before.gates


def test_both_ways_of_running_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    net = narrow(3, gates=60)
    compiled = Rewrite(cost="depth", rounds=3).rewrite(net)
    monkeypatch.setattr(Loop, "__call__", lambda loop, _, *args: loop.plain(*args))
    assert Rewrite(cost="depth", rounds=3).rewrite(net) == compiled


def test_all_circuits_are_right() -> None:
    start, first, output, gates = all_circuits()
    rows = gates.reshape(-1, 3).tolist()
    for number, table in enumerate(classes().smallest.tolist()):
        for option in range(start[number], start[number + 1]):
            steps = [(kind, a, b) for kind, a, b in rows[first[option] : first[option + 1]]]
            assert Circuit(tuple(steps), int(output[option])).table == table
    for cost in ("depth", "gates"):
        assert (start[1:] - start[:-1] >= [len(options) for options in circuits_of(cost)]).all()


def test_a_late_input_is_near_the_output() -> None:
    known = [options[0] if options else None for options in circuits_of("depth")]
    for table in classes().smallest.tolist():
        late = [i for i in range(4) if tables.depends(np.uint64(table), 4, i)]
        if len(late) < 2:
            continue
        for i, circuit in zip(late, late_circuits(table, known), strict=True):
            assert circuit.table == table
            far = [0 if net == i else -9 for net in range(4)]
            for _, a, b in circuit.gates:
                far.append(max(far[a >> 1], far[b >> 1]) + 1)
            assert far[circuit.output >> 1] <= 2


def test_a_large_netlist_gets_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    net = narrow(5)
    few = Rewrite(cost="depth", rounds=2).rewrite(net)
    monkeypatch.setattr(depth_rewriting, "EFFORT", 1)
    assert Rewrite(cost="depth").rewrite(net) == few


def test_the_shipped_net() -> None:
    before = lgc.optimize(demo.model_path(), "O2,balance").chain.stages[0].net.data
    after = lgc.optimize(demo.model_path(), "O2,rewrite{cost=depth}").chain.stages[0].net.data
    assert depth(after) <= depth(before)
    assert after.gates <= before.gates
