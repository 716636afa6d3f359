"""rewrite for LUTs: never dearer than map-lut alone, cheaper where paths meet, by every price."""

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
from lgc.passes.map_lut import UNIT as ALIKE
from lgc.passes.map_lut import MapLut
from lgc.passes.rewrite import Rewrite
from lgc.prices import MACHINES, prices
from lgc.synthesis import lut_rewriting
from lgc.synthesis.lut_phases import flipped
from lgc.synthesis.lut_rewriting import UNIT, cost_of
from tests.passes.test_rewrite import narrow
from tests.strategies import netlists
from tests.support import optimise, random_layers

COSTS = ["lut3", *MACHINES]


def price_of(cost: str) -> tuple[int, ...]:
    return UNIT if cost == "lut3" else prices(cost)


def mapped(net: Netlist, cost: str) -> Netlist:
    """What map-lut alone makes of it."""
    return MapLut(cost=ALIKE if cost == "lut3" else cost).rewrite(net)


@settings(max_examples=80, deadline=None)
@given(netlists(k=2, max_inputs=6, max_gates=40), st.sampled_from(COSTS), st.integers(0, 99))
def test_the_function_stays_and_costs_no_more(net: Netlist, cost: str, seed: int) -> None:
    after = Rewrite(cost=cost, seed=seed, rounds=5).rewrite(net)
    assert compare_netlists(net, after)
    assert cost_of(after, price_of(cost)) <= cost_of(mapped(net, cost), price_of(cost))


@settings(max_examples=60, deadline=None)
@given(netlists(k=3, max_inputs=6, max_gates=30), st.sampled_from(COSTS))
def test_luts_are_worked_on_directly(net: Netlist, cost: str) -> None:
    after = Rewrite(cost=cost, rounds=5).rewrite(net)
    assert compare_netlists(net, after)
    assert cost_of(after, price_of(cost)) <= cost_of(net, price_of(cost))


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("leaves", [0, 6, 12])
@pytest.mark.parametrize("seed", range(3))
def test_cheaper_where_paths_meet(seed: int, leaves: int, cost: str) -> None:
    net = narrow(seed)
    after = Rewrite(cost=cost, leaves=leaves, seed=seed).rewrite(net)
    result = compare_netlists(net, after)
    assert result, str(result)
    assert result.how.startswith("exhaustive")
    assert cost_of(after, price_of(cost)) < cost_of(mapped(net, cost), price_of(cost))


@pytest.mark.parametrize("cost", ["lut3", "sha3"])
def test_both_ways_of_running_agree(cost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = narrow(3, gates=40)
    compiled = Rewrite(cost=cost, rounds=2).rewrite(net)
    monkeypatch.setattr(Loop, "__call__", lambda loop, _, *args: loop.plain(*args))
    assert Rewrite(cost=cost, rounds=2).rewrite(net) == compiled


@pytest.mark.parametrize(
    ("text", "gates"),
    [
        # a ⊕ b ⊕ c ⊕ d ⊕ e twice, other parts split off first
        (
            "in 5; %5 = 0x69 %0 %1 %2; %6 = 0x69 %5 %3 %4; "
            "%7 = 0x69 %1 %2 %3; %8 = 0x69 %7 %4 %0; out %6 %8",
            2,
        ),
        # (a ∧ b ∧ c) ∧ (a ∧ b ∧ d): one of them and the other's own input are enough
        ("in 4; %4 = 0x01 %0 %1 %2; %5 = 0x01 %0 %1 %3; %6 = 0x03 %4 %5 %5; out %6", 2),
        # the multiplexer of three LUTs has no smaller form
        ("in 4; %4 = 0x69 %0 %1 %2; %5 = 0x17 %0 %1 %2; %6 = 0x35 %3 %4 %5; out %6", 3),
    ],
)
def test_fewer_luts(text: str, gates: int) -> None:
    after = parse_netlist(optimise(Rewrite(cost="lut3"), text))
    assert after.gates == gates


def test_what_nobody_sees() -> None:
    # %5 is read only where a is 1: there it is b ⊕ c, one LUT with what reads it
    text = (
        "in 4; %4 = 0x17 %0 %1 %2; %5 = 0x2d %4 %1 %2; %6 = 0x1e %3 %5 %0; "
        "%7 = 0x03 %6 %0 %0; out %7"
    )
    before = parse_netlist(text)
    assert parse_netlist(optimise(Rewrite(cost="lut3"), text)).gates < before.gates


def test_outputs_need_no_inverters() -> None:
    net = parse_netlist("in 3; %3 = 0xe9 %0 %1 %2; %4 = 0x16 %0 %1 %2; out %3 %4")
    after = Rewrite(cost="lut3").rewrite(net)
    assert compare_netlists(net, after)
    assert after.gates == 2  # one LUT, one inverter; a complement alone costs nothing
    alone = parse_netlist("in 3; %3 = 0xe9 %0 %1 %2; out %3")
    assert Rewrite(cost="lut3").rewrite(alone).gates == 1


def test_wider_gates_stay() -> None:
    net = parse_netlist("in 4; %4 = 0x6996 %0 %1 %2 %3; out %4")
    assert all(Rewrite(cost=cost).rewrite(net) is net for cost in COSTS)


def test_time_runs_out() -> None:
    net = narrow(5)
    after, remarks = Rewrite(cost="lut3", seconds=1e-9).rewrite_remarked(net)
    assert compare_netlists(net, after)
    assert after.gates > Rewrite(cost="lut3").rewrite(net).gates
    assert remarks == ["the search ended after 1e-09 s (option seconds)"]


def test_a_large_netlist_gets_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    net = narrow(5)
    few = Rewrite(cost="lut3", rounds=2).rewrite(net)
    monkeypatch.setattr(lut_rewriting, "EFFORT", 1)
    assert Rewrite(cost="lut3").rewrite(net) == few


@pytest.mark.parametrize("cost", COSTS)
def test_layers_do_not_change_their_function(cost: str) -> None:
    for net in random_layers([300, 300], 64, 1):
        assert compare_netlists(net, Rewrite(cost=cost).rewrite(net))


def test_the_shipped_net() -> None:
    alone = lgc.optimize(demo.model_path(), "O2,map-lut{k=3}")
    after = lgc.optimize(demo.model_path(), "O2,rewrite{cost=lut3}")
    assert after.chain.gates < alone.chain.gates


@given(st.integers(0, 255), st.integers(0, 2))
def test_a_fan_in_turned_over(table: int, place: int) -> None:
    assert flipped(table, place) == int(tables.flip(np.uint64(table), 3, place))
