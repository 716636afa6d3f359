"""rewrite{cost=depth}: never deeper, as few levels as trees and shared circuits allow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import demo
from lgc.equivalence import compare_netlists
from lgc.loops import Loop
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.balance import Balance
from lgc.passes.rewrite import Rewrite
from lgc.synthesis import depth_rewriting
from lgc.synthesis.depth_rewriting import both_libraries, depth
from lgc.synthesis.replacing import library
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
            4,
            4,
        ),
        # as deep already as it must be: only the twin goes
        ("in 3; %3 = a&b %0 %1; %4 = a&b %0 %2; %5 = a|b %3 %4; out %5", 2, 2),
    ],
)
def test_levels_first_then_gates(text: str, deep: int, gates: int) -> None:
    after = parse_netlist(optimise(Rewrite(cost="depth"), text))
    assert (depth(after), after.gates) == (deep, gates)


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


def test_both_libraries_are_joined() -> None:
    start = both_libraries()[0]
    for cost in ("depth", "gates"):
        assert (start[1:] - start[:-1] >= library(cost)[0][1:] - library(cost)[0][:-1]).all()


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
