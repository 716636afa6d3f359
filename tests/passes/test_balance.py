"""balance: less depth where order is free, the same gates, the same function."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from lgc.levels import levels
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.balance import Balance
from lgc.passes.strash import Strash
from tests.strategies import netlists
from tests.support import optimise


def depth(net: Netlist) -> int:
    return int(levels(net.inputs, net.fanin).max(initial=0))


def chain(kind: str, length: int) -> str:
    gates = [f"%{length} = {kind} %0 %1"]
    gates += [f"%{length + i} = {kind} %{length + i - 1} %{i + 1}" for i in range(1, length - 1)]
    return f"in {length}; " + "; ".join(gates) + f"; out %{2 * length - 2}"


@pytest.mark.parametrize("kind", ["a&b", "a|b", "a^b", "~(a^b)"])
@pytest.mark.parametrize(("length", "least"), [(4, 2), (5, 3), (8, 3), (9, 4)])
def test_a_chain_becomes_a_tree(kind: str, length: int, least: int) -> None:
    after = parse_netlist(optimise(Balance(), chain(kind, length)))
    assert depth(after) == least
    assert after.gates == length - 1


def test_what_comes_late_is_joined_last() -> None:
    text = (
        "in 6; %6 = a^b %0 %1; %7 = a^b %6 %2; %8 = a&b %7 %3; %9 = a&b %8 %4; "
        "%10 = a&b %9 %5; out %10"
    )
    after = parse_netlist(optimise(Balance(), text))
    assert depth(after) == 3  # the XORs take two, and the rest is one gate behind
    assert after.gates == 5


@pytest.mark.parametrize(
    "text",
    [
        # read elsewhere too: another order would need one gate more
        "in 4; %4 = a&b %0 %1; %5 = a&b %4 %2; %6 = a&b %5 %3; out %4 %5 %6",
        # the kinds differ
        "in 4; %4 = a&b %0 %1; %5 = a|b %4 %2; %6 = a&b %5 %3; out %6",
        # a complement between
        "in 4; %4 = a&b %0 %1; %5 = ~a&b %4 %2; %6 = ~a&b %5 %3; out %6",
        # there is nothing to gain
        "in 3; %3 = a&b %0 %1; %4 = a&b %3 %2; out %4",
        "in 3; %3 = 0x69 %0 %1 %2; out %3",
    ],
)
def test_stays_as_it_is(text: str) -> None:
    net = parse_netlist(text)
    assert Balance().rewrite(net) is net


@settings(max_examples=100, deadline=None)
@given(netlists(k=2, max_gates=40))
def test_no_deeper_and_no_larger(net: Netlist) -> None:
    net = Strash().rewrite(net)
    after = Balance().rewrite(net)
    assert depth(after) <= depth(net)
    assert after.gates <= net.gates


def test_a_long_chain() -> None:
    after = Balance().rewrite(parse_netlist(chain("a&b", 3000)))
    assert depth(after) == 12
