"""Netlists on which `fold` and `strash` once did not reach a fixed point, or broke the order."""

from __future__ import annotations

import pytest

from lgc.equivalence import compare_netlists
from lgc.netlist_text import parse_netlist
from lgc.sharing import sweep


@pytest.mark.parametrize(
    "text",
    [
        # both constants leave: one must not become the inverter of the other
        "in 1; %1 = 0 %0 %0; %2 = 1 %0 %0; out %1 %2",
        # an inverter that leaves beside the gate it reads
        "in 2; %2 = a&b %0 %1; %3 = ~a %2 %2; %4 = ~a %3 %3; out %2 %3 %4",
        # unused fan-ins of wide gates must not wander
        "in 3; %3 = 0xaa55 %0 %0 %0 %2; %4 = 0xff0 %0 %2 %2 %2; out %3 %4",
        "in 4; %4 = 0x214 %3 %3 %2 %0; %5 = 0x6cee %4 %2 %0 %0; out %5",
        "in 2; %2 = 0xf2 %0 %0 %0; %3 = 0x6c %0 %1 %1; %4 = 0xec %1 %0 %3; out %2 %4",
    ],
)
def test_one_more_sweep_changes_nothing(text: str) -> None:
    for share in (False, True):
        once = sweep(parse_netlist(text), share=share)
        assert sweep(once, share=share) == once
    both = sweep(sweep(parse_netlist(text), share=False), share=True)
    assert sweep(sweep(both, share=False), share=True) == both


def test_a_twin_on_a_lower_level_but_later_in_the_list() -> None:
    """%4 becomes %6; its reader %5 then stood before what it reads."""
    wires = [f"%{net} = a %{net - 1} %0" for net in range(7, 27)]  # so many runs that levels rule
    text = "in 2; %2 = a %0 %0; %3 = a %2 %0; %4 = a&b %3 %1; %5 = a^b %4 %1; %6 = a&b %0 %1; "
    net = parse_netlist(text + "; ".join(wires) + "; out %5 %26")
    shared = sweep(net, share=True)
    assert compare_netlists(net, shared)
    assert shared.gates == 2
