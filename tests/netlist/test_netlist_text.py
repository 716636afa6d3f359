"""The text form of a netlist, and every complaint about it in full."""

from __future__ import annotations

import pytest
from hypothesis import given

from lgc.errors import InputError
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from tests.strategies import netlists


@given(netlists(k=None))
def test_round_trip(net: Netlist) -> None:
    again = parse_netlist(print_netlist(net))
    if net.gates:
        assert again == net
    else:  # without gates nothing says how wide they are
        assert (again.inputs, again.outputs.tolist()) == (net.inputs, net.outputs.tolist())


def test_reads_lines_comments_and_hexadecimal_tables() -> None:
    net = parse_netlist("in 3 // three inputs\n%3 = 0xe8 %0 %1 %2\n\nout %3 ; ")
    assert net.table.tolist() == [0xE8]
    assert print_netlist(net) == "in 3; %3 = 0xe8 %0 %1 %2; out %3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "%2 = a&b %0 %1",
            "statement 1 (%2 = a&b %0 %1): a netlist starts with its inputs\n  hint: in 2",
        ),
        ("in 2", "the netlist ends before its outputs\n  hint: end it with: out %2"),
        ("", "the netlist ends before its outputs\n  hint: end it with: out %2"),
        (
            "in 2; %2 = a&b %0 %1; out %2; out %2",
            "statement 4 (out %2): nothing may follow the outputs",
        ),
        (
            "in 2; %3 = a&b %0 %1; out %3",
            "statement 2 (%3 = a&b %0 %1): gate %3 stands where gate %2 is due\n"
            "  hint: gates are numbered in order, right after the inputs",
        ),
        (
            "in 2; %2 = a&c %0 %1; out %2",
            "statement 2 (%2 = a&c %0 %1): 'a&c' is not a gate of 2 fan-ins\n"
            "  hint: two fan-ins: 0, a&b, a&~b, a, ~a&b, b, a^b, a|b, ~(a|b), ~(a^b), ~b, a|~b, "
            "~a, ~a|b, ~(a&b), 1; any number: a hexadecimal table such as 0xe8",
        ),
        (
            "in 2; %2 = a&b %0 %1; %3 = 0xe8 %0 %1 %2; out %2",
            "statement 3 (%3 = 0xe8 %0 %1 %2): this gate reads 3 nets, the first one 2\n"
            "  hint: all gates of a netlist have the same number of fan-ins",
        ),
        (
            "in 2; hello; out %2",
            "statement 2 (hello): not a gate or an output row\n  hint: %2 = a&~b %0 %1, or: out %2",
        ),
        (
            "in 99999999999; out %0",
            "statement 1 (in 99999999999): 99999999999 is too large for a net number",
        ),
        (
            "in 2; %2 = a&b %3 %0; %3 = a&b %2 %1; out %3",
            "netlist text: gate %2 reads net %3, which is not computed before it\n"
            "  hint: gates stand in topological order; a cycle has none",
        ),
        ("in 2; out %7", "netlist text: output 0 reads net %7, but there are 2 nets"),
        ("in 0; out %0", "netlist text: a netlist needs at least one input, not 0"),
        (
            "in 2; %2 = 0xffff %0 %1; out %2",
            "netlist text: gate %2 has table 0xffff, too large for 2 fan-ins",
        ),
    ],
)
def test_refuses(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_netlist(text)
    assert str(caught.value) == message
