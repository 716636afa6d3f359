"""Cuts and covering: the function stays, and the count falls; plain and compiled loops agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgc import loops
from lgc.covering import cover
from lgc.cuts import enumerate_cuts
from lgc.equivalence import compare_netlists
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.surgery import arity, compose, live_gates, tidy
from tests.strategies import netlists
from tests.support import random_layers


@settings(max_examples=60)
@given(netlists(k=2, max_gates=40), st.integers(2, 6), st.integers(0, 5))
def test_covering_keeps_the_function(net: Netlist, k: int, rounds: int) -> None:
    covered = cover(net, k, rounds)
    assert covered.k == k
    assert compare_netlists(net, covered)


@given(netlists(k=3, max_gates=30), st.integers(3, 6))
def test_wider_gates_are_covered_too(net: Netlist, k: int) -> None:
    assert compare_netlists(net, cover(net, k, 3))


@given(netlists(k=None))
def test_tidy_gates_depend_on_their_first_fanins(net: Netlist) -> None:
    after = tidy(net)
    assert compare_netlists(net, after)
    for row, reads in zip(after.fanin.tolist(), arity(after).tolist()):
        assert len(set(row[:reads])) == reads
        assert set(row[reads:]) <= {row[0] if reads else 0}


def test_a_majority_is_one_lut() -> None:
    text = "in 3; %3 = a&b %0 %1; %4 = a&b %0 %2; %5 = a&b %1 %2; %6 = a|b %3 %4; %7 = a|b %5 %6; out %7"
    covered = cover(parse_netlist(text), 3, 4)
    assert (covered.gates, covered.table.tolist()) == (1, [0x17])


def test_every_kept_cut_separates_its_net_from_the_inputs() -> None:
    net = tidy(compose(random_layers([30, 30, 30], 8, 3)))
    cuts = enumerate_cuts(net, 4, 10)
    assert cuts.owner.tolist() == sorted(cuts.owner.tolist())
    assert set(cuts.owner.tolist()) == set(range(net.inputs, net.nets))
    rows, reads = net.fanin.tolist(), arity(net).tolist()
    for v in range(net.inputs, net.nets):
        seen = set()
        own = cuts.leaves[cuts.start[v] : cuts.start[v + 1]].tolist()
        for cut in own:
            inside = {leaf for leaf in cut if leaf >= 0}
            assert cut[: len(inside)] == sorted(inside)
            seen.add(frozenset(inside))
            stack, crossed = [v], set()
            while stack:
                u = stack.pop()
                if u in inside:
                    crossed.add(u)
                    continue
                assert u >= net.inputs, "a path from an input misses the cut"
                stack += rows[u - net.inputs][: reads[u - net.inputs]]
            assert crossed == inside, "a leaf that no path needs"
        assert len(seen) == len(own), "one cut twice"


def test_more_rounds_find_fewer_luts() -> None:
    net = compose(random_layers([400, 400, 400], 40, 0))
    first, last = cover(net, 3, 0).gates, cover(net, 3, 32).gates
    assert last < first < live_gates(net).sum()


@pytest.mark.parametrize("k", [3, 6])
def test_plain_and_compiled_loops_give_the_same(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = compose(random_layers([200, 200, 200], 30, 1))
    monkeypatch.setattr(loops, "ENOUGH", 1 << 60)
    plain = cover(net, k, 6)
    monkeypatch.setattr(loops, "ENOUGH", 0)
    assert cover(net, k, 6) == plain
    assert np.array_equal(plain.table, cover(net, k, 6).table)
