"""to-basis: the function stays, every gate is one of the basis, no inverter stands twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgc import loops, tables
from lgc.equivalence import compare_netlists
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.surgery import compose
from lgc.synthesis.bases import NAMED, parse_basis
from lgc.synthesis.rebasing import rebase
from lgc.synthesis.twins import merge
from tests.strategies import netlists
from tests.support import random_layers

BASES = [*NAMED, "nimply,1", "0xe8,1", "nor3", "maj,xor,1", "0x35,not,1"]


def check(net: Netlist, basis: str, rounds: int = 4) -> Netlist:
    """The netlist in a basis, proved equal, with nothing but gates of the basis."""
    made = rebase(net, parse_basis(basis), rounds)
    result = compare_netlists(net, made)
    assert result, str(result)
    allowed = {
        int(tables.widen(np.uint64(gate.table), gate.k, made.k))
        for gate in parse_basis(basis).gates
    }
    assert set(made.table.tolist()) <= allowed
    assert made.k == parse_basis(basis).k
    assert_no_inverter_twice(made)
    return made


def assert_no_inverter_twice(net: Netlist) -> None:
    """No inverter of an inverter, and no second inverter or twin of anything."""
    inverts: dict[int, int] = {}
    seen: set[tuple[int, ...]] = set()
    for number, (table, reads) in enumerate(
        zip(net.table.tolist(), net.fanin.tolist()), net.inputs
    ):
        assert (table, *reads) not in seen
        seen.add((table, *reads))
        high = table >> ((1 << net.k) - 1) & 1
        if len(set(reads)) == 1 and high and not table & 1:
            assert reads[0] not in inverts, "an inverter of an inverter"
            assert reads[0] not in inverts.values(), "two inverters of one net"
            inverts[number] = reads[0]


@pytest.mark.parametrize("basis", BASES)
def test_all_functions_of_two_nets(basis: str) -> None:
    for table in range(16):
        check(Netlist(2, [table], [[0, 1]], [2]), basis)


@pytest.mark.parametrize("basis", [*NAMED, "nimply,1"])
def test_all_functions_of_three_nets(basis: str) -> None:
    gates = Netlist(3, np.arange(256), np.full((256, 3), [0, 1, 2]), 3 + np.arange(256))
    check(gates, basis)
    for table in range(0, 256, 7):  # alone, with nothing to share
        check(Netlist(3, [table], [[0, 1, 2]], [3]), basis)


@pytest.mark.parametrize("basis", BASES)
@settings(max_examples=15, deadline=None)
@given(net=netlists(k=2, max_gates=30))
def test_the_function_stays(basis: str, net: Netlist) -> None:
    check(net, basis)


@settings(max_examples=60, deadline=None)
@given(net=netlists(k=None, max_gates=10), basis=st.sampled_from(BASES))
def test_wider_gates(net: Netlist, basis: str) -> None:
    check(net, basis)


@pytest.mark.parametrize(
    ("basis", "text", "gates"),
    [
        ("nand", "in 2; %2 = a^b %0 %1; out %2", 4),
        ("nand", "in 2; %2 = a^b %0 %1; %3 = ~a %0 %0; %4 = ~a %1 %1; out %2 %3 %4", 5),
        ("nand", "in 2; %2 = ~a %0 %0; %3 = ~a %2 %2; out %3", 0),
        ("nor", "in 3; %3 = a|b %0 %1; %4 = ~(a|b) %3 %2; out %4", 3),
        # one inverter for both readers
        ("and-not", "in 3; %3 = ~a&b %0 %1; %4 = ~a&b %0 %2; out %3 %4", 3),
        # by De Morgan: both readers want the complement of %4, which is the cheaper one
        ("and-not", "in 4; %4 = ~(a&b) %0 %1; %5 = ~a&b %4 %2; %6 = ~a&b %4 %3; out %5 %6", 3),
        ("or-not", "in 3; %3 = ~(a|b) %0 %1; %4 = ~a|b %3 %2; out %4", 2),
        ("xag", "in 3; %3 = ~(a^b) %0 %1; %4 = ~(a^b) %3 %2; out %4", 2),
        ("mig", "in 3; %3 = a&b %0 %1; %4 = a|b %0 %1; %5 = a&b %4 %2; %6 = a|b %3 %5; out %6", 1),
        ("mux", "in 3; %3 = a&b %0 %1; %4 = ~a&b %0 %2; %5 = a|b %3 %4; out %5", 1),
        ("mux", "in 2; %2 = 1 %0 %0; %3 = 0 %0 %0; out %2 %3 %2", 2),
        ("nand", "in 2; %2 = 1 %0 %0; out %2 %1 %0", 2),
        ("nimply,1", "in 2; %2 = 1 %0 %0; %3 = ~a %0 %0; out %2 %3", 2),
    ],
)
def test_shapes(basis: str, text: str, gates: int) -> None:
    assert check(parse_netlist(text), basis, rounds=8).gates == gates


def test_merging_keeps_gates_as_they_are() -> None:
    text = (
        "in 2; %2 = ~(a&b) %0 %1; %3 = ~(a&b) %1 %0; %4 = ~(a&b) %2 %3; %5 = ~(a&b) %4 %4;"
        "%6 = ~(a&b) %5 %0; %7 = ~(a&b) %2 %0; out %6 %7"
    )
    merged = merge(parse_netlist(text))
    assert merged.table.tolist() == [14, 14]  # %5 = %2, so %6 = %7; %3 and %4 are gone
    assert merged.outputs.tolist() == [3, 3]
    assert compare_netlists(parse_netlist(text), merged)
    # a ? b : b = b, and a ? 0 : 1 inverts
    wide = Netlist(
        2, [0, 255, 0x53, 0x53, 0x53],
        [[0, 0, 0], [0, 0, 0], [0, 1, 1], [0, 2, 3], [5, 2, 3]], [4, 5, 6],
    )  # fmt: skip
    merged = merge(wide)
    assert merged.outputs.tolist() == [1, 4, 0]
    assert compare_netlists(wide, merged)


def test_more_rounds_find_fewer_gates() -> None:
    net = compose(random_layers([400, 400, 400], 40, 0))
    first, last = (check(net, "nand", rounds).gates for rounds in (0, 32))
    assert last < first


@pytest.mark.parametrize("basis", ["nand", "mux"])
def test_plain_and_compiled_loops_give_the_same(
    basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = compose(random_layers([60, 60, 60], 12, 1))
    check(net, basis)  # finds the programs
    results = []
    for enough in (1 << 60, 0):
        monkeypatch.setattr(loops, "ENOUGH", enough)
        results.append(rebase(net, parse_basis(basis), 3))
    assert results[0] == results[1]
