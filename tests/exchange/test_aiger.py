"""AIGER: both forms, there and back, and what is wrong with a damaged one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from lgc.errors import InputError, LgcError, UnsupportedError
from lgc.exchange.aiger import is_aiger, read_aiger, write_aiger
from lgc.exchange.ands import Ands, as_ands, netlist_of
from lgc.exchange.circuit import Circuit
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from tests.exchange.cases import abc, circuits, joined, proved, random_net, same
from tests.strategies import netlists
from tests.support import shared_model

HALF_ADDER = b"""aag 7 2 0 2 3
2
4
6
12
6 13 15
12 2 4
14 3 5
i0 x
i1 y
o0 s
o1 c
c
half adder
"""
"""From the description of the format."""


def gates_of(ands: Ands) -> Netlist:
    return netlist_of(ands.inputs, np.stack([ands.left, ands.right], axis=1), ands.outputs)


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("net", circuits(), ids=repr)
def test_there_and_back(net: Netlist, binary: bool) -> None:
    data = joined(write_aiger(Circuit(net), binary))
    assert is_aiger(data)
    same(net, read_aiger(data, "a.aig").net)


@given(netlists(k=None))
def test_there_and_back_for_any_netlist(net: Netlist) -> None:
    ands = as_ands(net)
    same(net, gates_of(ands))
    pairs = set(zip(ands.left.tolist(), ands.right.tolist()))
    assert len(pairs) == ands.nodes
    assert all(a > b > 1 for a, b in pairs)
    once = read_aiger(joined(write_aiger(Circuit(net), True)), "a.aig")
    twice = joined(write_aiger(once, True))
    assert twice == joined(write_aiger(read_aiger(twice, "a.aig"), True))


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("in 2; %2 = a&b %0 %1; out %2", 1),
        ("in 2; %2 = a|~b %0 %1; out %2", 1),
        ("in 2; %2 = a^b %0 %1; out %2", 3),
        ("in 2; %2 = ~a %0 %1; out %2", 0),
        ("in 2; %2 = a&b %0 %1; %3 = ~(a&b) %1 %0; %4 = ~a|b %2 %3; out %2 %3 %4", 1),
        ("in 3; %3 = 0xe8 %0 %1 %2; out %3", 4),  # a majority
        ("in 3; %3 = 0x35 %0 %1 %2; out %3", 3),  # a multiplexer: a ? c : b
        ("in 3; %3 = 0x01 %0 %1 %2; out %3", 2),
        ("in 3; %3 = 0x96 %0 %1 %2; out %3", 6),
        ("in 2; %2 = a&b %0 %1; %3 = a^b %2 %1; out %0", 0),  # nothing needs them
    ],
)
def test_nodes_of_a_gate(text: str, nodes: int) -> None:
    assert as_ands(parse_netlist(text)).nodes == nodes


def test_equal_nodes_of_different_gates_are_one() -> None:
    """The two halves of a ⊕ b are there already."""
    text = "in 2; %2 = a&~b %0 %1; %3 = ~a&b %0 %1; %4 = a^b %0 %1; out %2 %3 %4"
    assert as_ands(parse_netlist(text)).nodes == 3


def test_wide_gates_that_outgrow_the_first_room() -> None:
    net = random_net(6, 300, 0)
    ands = as_ands(net)
    assert ands.nodes > 1024
    same(net, gates_of(ands))


def test_reads_gates_in_any_order_and_names() -> None:
    circuit = read_aiger(HALF_ADDER, "half.aag")
    assert print_netlist(circuit.net) == (
        "in 2; %2 = a&b %0 %1; %3 = ~(a|b) %0 %1; %4 = ~(a|b) %2 %3; out %4 %2"
    )
    assert circuit.inputs == ("x", "y")
    assert circuit.outputs == ("s", "c")
    assert circuit.comment == "half adder"
    again = joined(write_aiger(circuit, False))
    assert again == (
        b"aag 5 2 0 2 3\n2\n4\n10\n6\n6 4 2\n8 5 3\n10 9 7\ni0 x\ni1 y\no0 s\no1 c\nc\nhalf adder\n"
    )


def test_some_names_are_completed_and_plain_ones_are_none() -> None:
    some = read_aiger(b"aag 2 2 0 1 0\n2\n4\n4\ni1 left\n", "a")
    assert (some.inputs, some.outputs) == (("x0", "left"), None)
    assert read_aiger(b"aag 1 1 0 1 0\n2\n3\ni0 x0\n", "a").inputs is None
    assert "i0" not in joined(write_aiger(Circuit(some.net, inputs=("a\nb", "c")), True)).decode()


def test_literals_of_five_bytes() -> None:
    """Inputs take no bytes, so that one node may lie far from what it reads."""
    data = b"aig 16777216 16777215 0 1 1\n33554432\n" + b"\xfe\xff\xff\x0f" + b"\x02"
    circuit = read_aiger(data, "far.aig")
    assert circuit.net.fanin.tolist() == [[0, 0]]  # 33554432 - 33554430 = 2, and 2 - 2 = 0
    assert circuit.net.table.tolist() == [0]


def test_a_real_classifier() -> None:
    file = shared_model("iwls2021") / "small.aig"
    data = file.read_bytes()
    circuit = read_aiger(data, file.name)
    assert (circuit.net.inputs, circuit.net.gates, len(circuit.net.outputs)) == (24_576, 9_699, 10)
    assert joined(write_aiger(circuit, True))[:30_000] == data[:30_000]


@pytest.mark.parametrize("net", circuits(), ids=repr)
def test_abc_reads_ours_and_we_read_what_it_writes(net: Netlist, tmp_path: Path) -> None:
    (tmp_path / "own.aig").write_bytes(joined(write_aiger(Circuit(net), True)))
    said = abc("read own.aig; strash; balance; rewrite; write_aiger abc.aig", tmp_path)
    theirs = read_aiger((tmp_path / "abc.aig").read_bytes(), "abc.aig")
    same(net, theirs.net)
    (tmp_path / "again.aig").write_bytes(joined(write_aiger(theirs, True)))
    assert "rror" not in said
    proved("own.aig", "again.aig", tmp_path)


BAD: list[tuple[bytes, str]] = [
    (
        b"aig 1 1 0\n",
        "f, line 1: 'aig 1 1 0' is no header of an AIGER file\n"
        "  hint: aig M I L O A, five numbers: highest variable, inputs, latches, outputs, nodes",
    ),
    (
        b"aag 2 1 1 1 0\n2\n4 2 0 1\n4\n",
        "f, line 3: a line of a latch was expected, its literal, the next one, what it starts with\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aig 2 1 1 1 0\n\n2\n",
        "f, line 2: a line of a latch was expected, the next literal and what it starts with\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aag 3 1 1 1 0\n2\n4 2 6\n4\n",
        "f, line 3: a latch starts with 6, which is not 0, 1 or itself\n"
        "  hint: is the file damaged?",
    ),
    (
        b"aig 2001 1 2000 1 0\n2\n4\n",
        "f, line 2: 2000 latches are announced that do not fit into the file\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aag 1 1 0 1 0 0 2\n2\n2\n",
        "f: the file holds 2 constraints, which is for model checkers\n"
        "  hint: take them out; outputs are what a model gives",
    ),
    (
        b"aig 3 1 0 1 1\n",
        "f, line 1: the highest variable is 3, but there are 1 inputs and 1 nodes\n"
        "  hint: is the file damaged?",
    ),
    (
        b"aag 0 0 0 1 0\n0\n",
        "f: the circuit has no inputs\n  hint: a model has at least one of each",
    ),
    (
        b"aag 1 1 0 0 0\n2\n",
        "f: the circuit has no outputs\n  hint: a model has at least one of each",
    ),
    (
        b"aig 999999999 999999999 0 1 0\n2\n",
        "f: 999999999 inputs are more than the 16777216 that lgc takes\n  hint: is the file damaged?",
    ),
    (
        b"aig 2000000001 1 0 1 2000000000\n2\n",
        "f, line 1: 2000000000 nodes are more than lgc takes",
    ),
    (
        b"aag 1 1 0 2 0\n2\n2\ni0 x\n",
        "f, line 4: a line with one literal was expected\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aag 3 2 0 1 1\n2\n4\n6\n6 2  4\n",
        "f, line 5: 3 literals with a blank between were expected\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aag 1 1 0 1 0\n2\n23456789012\n",
        "f, line 3: a line with one literal was expected\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aag 900000001 1 0 1 900000000\n2\n2\n2 2 2\n",
        "f, line 4: 900000000 lines are announced that do not fit into the file\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aag 1 1 0 1 0\r\n2\r\n2\r\n",
        "f: lines end in two characters, as on Windows\n"
        "  hint: AIGER lines end in one: convert the file",
    ),
    (
        b"aag 2 1 0 1 1\n2\n2\n3 2 2\n",
        "f, line 4: literal 3 cannot be defined\n  hint: even literals from 2 to 4 can",
    ),
    (b"aag 2 2 0 1 0\n2\n2\n2\n", "f, line 3: literal 2 is defined for the second time"),
    (
        b"aag 3 1 0 1 1\n2\n4\n4 6 2\n",
        "f, line 4: literal 6 is read, but nothing defines it\n  hint: is the file damaged?",
    ),
    (
        b"aag 3 1 0 1 1\n2\n6\n4 2 2\n",
        "f, line 3: literal 6 is read, but nothing defines it\n  hint: is the file damaged?",
    ),
    (
        b"aag 4 1 0 1 3\n2\n8\n4 2 6\n6 5 2\n8 6 2\n",
        "f: nodes wait for one another: 4 reads 6 …\n  hint: a circuit without memory has no cycles",
    ),
    (
        b"aig 1 1 0 1 0\n4\n",
        "f: output 0 is literal 4, the highest is 3\n  hint: is the file damaged?",
    ),
    (
        b"aig 3 1 0 1 2\n2\n\x02\x00\x02",
        "f, binary part: node 1 of 2 is missing\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aig 3 1 0 1 2\n2\n\x82\x80\x80\x80\x80\x00\x00\x02\x02",
        "f, binary part: node 0 of 2 reads a number of more than five bytes\n"
        "  hint: the file is cut short, or its header wrong: fetch or write it again",
    ),
    (
        b"aig 2 1 0 1 1\n2\n\x00\x02",
        "f, binary part: node 0 of 1 reads itself or a literal below 0\n  hint: is the file damaged?",
    ),
    (
        b"aag 1 1 0 1 0\n2\n2\nhello\n",
        "f, line 4: 'hello' names no input or output\n"
        "  hint: a symbol is i0 NAME or o0 NAME; a line with c alone starts the comment",
    ),
    (
        b"aig 1 1 0 1 0\n2\ni1 x\n",
        "f, symbols: 'i1 x' names no input or output\n"
        "  hint: a symbol is i0 NAME or o0 NAME; a line with c alone starts the comment",
    ),
    (b"aag 1 1 0 1 0\n2\n2\ni0 a\ni0 b\n", "f, line 5: i0 has a second name"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=range(len(BAD)))
def test_messages(data: bytes, message: str) -> None:
    with pytest.raises(LgcError, match=re.escape(message) + r"\Z") as caught:
        read_aiger(data, "f")
    assert isinstance(caught.value, InputError | UnsupportedError)


def test_every_truncation_is_noticed_or_harmless() -> None:
    net = random_net(2, 40, 1)
    for binary in (True, False):
        data = joined(write_aiger(Circuit(net), binary))
        for size in range(len(data)):
            with pytest.raises(InputError):
                read_aiger(data[:size], "f")


def test_a_million_nodes_do_not_take_long_ways() -> None:
    """A chain: every node reads the one before, so that levels are of no help."""
    gates = 200_000
    own = np.arange(2, 2 + gates)
    net = Netlist(2, np.full(gates, 2), np.stack([own - 1, own - 2], axis=1), [gates + 1])
    data = joined(write_aiger(Circuit(net), True))
    assert read_aiger(data, "f").net.gates == gates
