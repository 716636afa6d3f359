"""rewrite: the same function in fewer gates; ANDs alone where these are what counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import demo
from lgc.equivalence import compare_netlists
from lgc.errors import UsageError
from lgc.loops import Loop
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.rewrite import Rewrite
from lgc.passes.strash import Strash
from lgc.synthesis import rewriting
from tests.strategies import netlists
from tests.support import optimise, random_layers

COST = st.sampled_from(["gates", "aig"])


def narrow(seed: int, gates: int = 150, inputs: int = 7, reach: int = 25) -> Netlist:
    """Gates that read the last ones before them, so that paths meet again soon."""
    random = np.random.default_rng(seed)
    own = np.arange(inputs, inputs + gates)
    fanin = np.stack([random.integers(np.maximum(0, own - reach), own) for _ in range(2)], axis=1)
    table = random.choice([1, 2, 4, 6, 7, 8, 9, 11, 13, 14], gates)
    return Netlist(inputs, table, fanin, own[-40:])


@settings(max_examples=60, deadline=None)
@given(netlists(k=2, max_inputs=5, max_gates=40), COST, st.integers(0, 99))
def test_the_function_stays(net: Netlist, cost: str, seed: int) -> None:
    after = Rewrite(cost=cost, seed=seed, rounds=4).rewrite(net)
    assert compare_netlists(net, after)
    if cost == "gates":
        assert after.gates <= Strash().rewrite(net).gates


@pytest.mark.parametrize("cost", ["gates", "aig"])
@pytest.mark.parametrize("leaves", [0, 4, 12])
@pytest.mark.parametrize("seed", range(5))
def test_the_function_stays_where_paths_meet(seed: int, leaves: int, cost: str) -> None:
    net = narrow(seed)
    after = Rewrite(cost=cost, leaves=leaves, seed=seed).rewrite(net)
    result = compare_netlists(net, after)
    assert result, str(result)
    assert result.how.startswith("exhaustive")
    if cost == "gates":
        assert after.gates < Strash().rewrite(net).gates


def test_both_ways_of_running_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    net = narrow(3, gates=60)
    compiled = Rewrite(rounds=3).rewrite(net)
    monkeypatch.setattr(Loop, "__call__", lambda loop, _, *args: loop.plain(*args))
    assert Rewrite(rounds=3).rewrite(net) == compiled


@pytest.mark.parametrize(
    ("text", "gates"),
    [
        # (a ⊕ b) ∧ a = a ∧ ¬b
        ("in 2; %2 = a^b %0 %1; %3 = a&b %2 %0; out %3", 1),
        # (a ∧ b) ∨ (a ∧ c) = a ∧ (b ∨ c)
        ("in 3; %3 = a&b %0 %1; %4 = a&b %0 %2; %5 = a|b %3 %4; out %5", 2),
        # a ∧ b ∨ ¬a ∧ ¬b is an XOR with a sign
        ("in 2; %2 = a&b %0 %1; %3 = ~(a|b) %0 %1; %4 = a|b %2 %3; out %4", 1),
        # the gates that are read elsewhere too stay, and one more would be needed
        ("in 3; %3 = a&b %0 %1; %4 = a&b %0 %2; %5 = a|b %3 %4; out %3 %4 %5", 3),
        # nothing is left of a ∧ b ∧ ¬(a ∧ b)
        ("in 2; %2 = a&b %0 %1; %3 = ~(a&b) %0 %1; %4 = a&b %2 %3; out %4", 1),
    ],
)
def test_fewer_gates(text: str, gates: int) -> None:
    assert parse_netlist(optimise(Rewrite(), text)).gates == gates


def test_windows_find_more() -> None:
    nets = [narrow(seed) for seed in range(8)]
    with_windows, without = (
        sum(Rewrite(leaves=leaves).rewrite(net).gates for net in nets) for leaves in (10, 0)
    )
    assert with_windows < without


def test_an_and_inverter_graph() -> None:
    text = "in 2; %2 = a^b %0 %1; %3 = a&~b %0 %1; out %2 %3"
    after = parse_netlist(optimise(Rewrite(cost="aig"), text))
    assert after.gates == 3  # one of the XOR's own ANDs is there already
    assert not np.isin(after.table, (6, 9)).any()


def test_wider_gates_stay() -> None:
    net = parse_netlist("in 3; %3 = 0x69 %0 %1 %2; out %3")
    assert Rewrite().rewrite(net) is net


def test_a_large_netlist_gets_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    net = narrow(5)
    few, many = Rewrite(rounds=2).rewrite(net), Rewrite().rewrite(net)
    assert many.gates < few.gates
    monkeypatch.setattr(rewriting, "EFFORT", 1)
    assert Rewrite().rewrite(net) == few


def test_time_runs_out() -> None:
    net = narrow(5)
    after, remarks = Rewrite(seconds=1e-9).rewrite_remarked(net)
    assert compare_netlists(net, after)
    assert remarks == ["the search ended after 1e-09 s (option seconds)"]
    assert after.gates > Rewrite().rewrite(net).gates
    assert Rewrite(seconds=1000).rewrite_remarked(net) == (Rewrite().rewrite(net), [])


def test_the_shipped_net() -> None:
    before = lgc.optimize(demo.model_path(), "fuse-layers,strash")
    after = lgc.optimize(demo.model_path(), "fuse-layers,rewrite")
    assert after.chain.gates < before.chain.gates


def test_layers_do_not_change_their_function() -> None:
    for net in random_layers([300, 300], 64, 1):
        assert compare_netlists(net, Rewrite().rewrite(net))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rewrite{cost=luts}",
            "pass rewrite: cost is one of gates, aig, depth, lut3, two-input, neon, sha3, not luts",
        ),
        ("rewrite{leaves=3}", "pass rewrite: leaves is 0 or 4 to 12, not 3"),
        ("rewrite{leaves=13}", "pass rewrite: leaves is 0 or 4 to 12, not 13"),
        ("rewrite{rounds=-1}", "pass rewrite: rounds cannot be -1"),
        ("rewrite{seconds=-0.5}", "pass rewrite: seconds cannot be -0.5"),
    ],
)
def test_wrong_options(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.optimize(demo.model_path(), text)
    assert str(caught.value) == said
