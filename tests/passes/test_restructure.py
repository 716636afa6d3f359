"""restructure: fewer gates than rewriting alone finds, and the same function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import demo
from lgc.equivalence import compare_netlists
from lgc.errors import UsageError
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.restructure import Restructure
from lgc.passes.rewrite import Rewrite
from lgc.synthesis import restructuring
from tests.strategies import netlists

COST = st.sampled_from(["gates", "aig"])


def products(seed: int, nodes: int = 24, inputs: int = 16) -> Netlist:
    """Chains of five ANDs over overlapping sets of inputs, each in an order of its own."""
    random = np.random.default_rng(seed)
    fanin, outputs = list[tuple[int, int]](), list[int]()
    for _ in range(nodes):
        first = int(random.integers(inputs - 7))
        reads = random.permutation(np.arange(first, first + 7))[:6].tolist()
        last = reads[0]
        for net in reads[1:]:
            fanin.append((last, net))
            last = inputs + len(fanin) - 1
        outputs.append(last)
    return Netlist(inputs, np.ones(len(fanin), np.uint64), np.array(fanin, np.int32), outputs)


@settings(max_examples=15, deadline=None)
@given(netlists(k=2, max_inputs=5, max_gates=40), COST, st.integers(0, 99))
def test_the_function_stays(net: Netlist, cost: str, seed: int) -> None:
    after = Restructure(cost=cost, seed=seed, turns=3).rewrite(net)
    assert compare_netlists(net, after)
    assert after.gates <= Rewrite(cost=cost, seed=seed).rewrite(net).gates


@pytest.mark.parametrize("cost", ["gates", "aig"])
def test_finds_what_distant_parts_share(cost: str) -> None:
    saved = 0
    for seed in range(2):
        net = products(seed)
        after = Restructure(cost=cost).rewrite(net)
        assert compare_netlists(net, after)
        saved += Rewrite(cost=cost).rewrite(net).gates - after.gates
    assert saved >= 2


def test_no_turn_only_rewrites() -> None:
    net = products(1)
    assert Restructure(turns=0).rewrite(net).gates <= Rewrite().rewrite(net).gates


def test_a_large_netlist_gets_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    net = products(2)
    one = Restructure(turns=1).rewrite(net)
    monkeypatch.setattr(restructuring, "EFFORT", 1)
    assert Restructure().rewrite(net) == one


def test_the_search_ends_where_nothing_is_gained() -> None:
    net = parse_netlist("in 3; %3 = a&b %0 %1; %4 = a^b %3 %2; out %4")
    assert Restructure(turns=1_000_000).rewrite(net).gates == net.gates


def test_time_runs_out() -> None:
    net = products(3)
    after, remarks = Restructure(seconds=1e-9).rewrite_remarked(net)
    assert compare_netlists(net, after)
    assert remarks == ["the search ended after 1e-09 s (option seconds)"]
    assert Restructure(seconds=1000).rewrite_remarked(net) == (Restructure().rewrite(net), [])


def test_wide_gates_stay() -> None:
    net = parse_netlist("in 3; %3 = 0x96 %0 %1 %2; out %3")
    assert Restructure().rewrite(net) is net


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("restructure{cost=nodes}", "pass restructure: cost is one of gates, aig, not nodes"),
        ("restructure{turns=-1}", "pass restructure: turns cannot be -1"),
        ("restructure{seconds=-0.5}", "pass restructure: seconds cannot be -0.5"),
    ],
)
def test_wrong_options(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.optimize(demo.model_path(), text)
    assert str(caught.value) == said
