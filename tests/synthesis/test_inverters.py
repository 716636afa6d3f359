"""demorgan: never more inverters, as few as can be in trees, the function stays."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgc import loops
from lgc.equivalence import compare_netlists
from lgc.errors import UnsupportedError
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from lgc.surgery import compose, live_gates
from lgc.synthesis.inverters import Direction, complemented, fewer_inverters, inverters
from tests.strategies import netlists
from tests.support import random_layers

DIRECTIONS: tuple[Direction, ...] = ("inputs", "outputs", "fewest")
GATES = (1, 2, 4, 6, 7, 8, 9, 11, 13, 14)


def check(net: Netlist, direction: Direction = "fewest") -> Netlist:
    """The netlist after the pass, proved equal, with no more inverters."""
    made = fewer_inverters(net, direction)
    result = compare_netlists(net, made)
    assert result, str(result)
    if direction == "fewest":
        assert inverters(made) <= inverters(net)
    return made


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("in 2; %2 = a&b %0 %1; %3 = a|b %0 %1; %4 = a^b %2 %3; out %4", 0),
        ("in 2; %2 = a&~b %0 %1; out %2", 1),
        ("in 2; %2 = a&~b %0 %1; %3 = ~a|b %1 %0; out %2 %3", 1),  # both read ~%1
        ("in 2; %2 = ~(a&b) %0 %1; out %2", 2),
        ("in 2; %2 = ~(a^b) %0 %1; out %2", 1),
        ("in 2; %2 = ~(a^b) %0 %1; %3 = ~a&b %0 %1; out %2 %3", 1),  # ~%0, twice
        ("in 2; %2 = ~(a^b) %0 %1; %3 = a&~b %0 %1; out %2 %3", 2),
        ("in 2; %2 = ~a %0 %1; %3 = ~b %0 %1; %4 = b %0 %1; %5 = 1 %0 %1; out %2 %3 %4 %5", 2),
        ("in 2; %2 = ~(a|b) %1 %1; %3 = ~(a^b) %0 %0; out %2 %3", 1),  # ~%1 and a constant
    ],
)
def test_counting(text: str, count: int) -> None:
    assert inverters(parse_netlist(text)) == count


def test_counting_in_wider_netlists() -> None:
    narrow = Netlist(3, [0x30, 0x0C], [[0, 1, 2], [0, 1, 2]], [3, 4])  # ¬a ∧ b, a ∧ ¬b
    assert complemented(narrow).tolist() == [True, True, False, False, False]
    with pytest.raises(UnsupportedError) as caught:
        inverters(parse_netlist("in 3; %3 = 0x17 %0 %1 %2; out %3"))
    assert str(caught.value) == (
        "netlist of 3 fan-ins: inverters are counted in gates of two fan-ins\n"
        "  hint: to-basis{basis=xag} makes such a netlist"
    )


@pytest.mark.parametrize(
    ("direction", "before", "after"),
    [
        # ¬(a ∧ b) that leaves: one inverter behind it is fewer than two before it
        (
            "fewest",
            "in 2; %2 = ~(a&b) %0 %1; out %2",
            "in 2; %2 = a&b %0 %1; %3 = ~a %2 %2; out %3",
        ),
        ("inputs", "in 2; %2 = ~(a&b) %0 %1; out %2", "in 2; %2 = ~(a&b) %0 %1; out %2"),
        (
            "inputs",
            "in 2; %2 = a&b %0 %1; %3 = ~a %2 %2; out %3",
            "in 2; %2 = ~(a&b) %0 %1; out %2",
        ),
        (
            "outputs",
            "in 2; %2 = ~(a|b) %0 %1; out %2",
            "in 2; %2 = a|b %0 %1; %3 = ~a %2 %2; out %3",
        ),
        # %3 is stored complemented: its only reader wants it so
        (
            "fewest",
            "in 3; %3 = a|b %0 %1; %4 = ~a&b %3 %2; out %4",
            "in 3; %3 = a|b %0 %1; %4 = ~a&b %3 %2; out %4",
        ),
        (
            "fewest",
            "in 3; %3 = ~(a|b) %0 %1; %4 = a&b %3 %2; out %4",
            "in 3; %3 = a|b %0 %1; %4 = ~a&b %3 %2; out %4",
        ),
        # two inverters cancel in XOR
        (
            "fewest",
            "in 3; %3 = ~(a^b) %0 %1; %4 = ~(a^b) %3 %2; out %4",
            "in 3; %3 = a^b %0 %1; %4 = a^b %3 %2; out %4",
        ),
        # ~(a^b) reads the net complemented that another gate reads so
        (
            "fewest",
            "in 3; %3 = ~(a^b) %0 %1; %4 = a&~b %2 %1; out %3 %4",
            "in 3; %3 = ~(a^b) %1 %0; %4 = a&~b %2 %1; out %3 %4",
        ),
    ],
)
def test_shapes(direction: Direction, before: str, after: str) -> None:
    made = check(parse_netlist(before), direction)
    assert print_netlist(made) == after


def test_what_gains_nothing_stays_as_it_is() -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; %3 = a|b %0 %2; out %3")
    assert fewer_inverters(net, "fewest") is net
    wide = parse_netlist("in 3; %3 = 0x17 %0 %1 %2; out %3")
    assert fewer_inverters(wide, "fewest") is wide


@pytest.mark.parametrize("direction", DIRECTIONS)
@settings(max_examples=60, deadline=None)
@given(net=netlists(k=2, max_gates=30))
def test_the_function_stays(direction: Direction, net: Netlist) -> None:
    made = check(net, direction)
    assert live_gates(made).all() or made is net


@settings(max_examples=40, deadline=None)
@given(net=netlists(k=None))
def test_wider_netlists(net: Netlist) -> None:
    assert compare_netlists(net, fewer_inverters(net, "fewest"))


@st.composite
def trees(draw: st.DrawFn) -> Netlist:
    """One output; every net is read once, every input too."""
    inputs = draw(st.integers(2, 7))
    open_nets = list(range(inputs))
    table, fanin = [], []
    while len(open_nets) > 1:
        reads = [open_nets.pop(draw(st.integers(0, len(open_nets) - 1))) for _ in range(2)]
        table.append(draw(st.sampled_from(GATES)))
        fanin.append(reads)
        open_nets.append(inputs + len(fanin) - 1)
    return Netlist(inputs, table, fanin, open_nets)


def fewest(net: Netlist) -> int:
    """By trying every set of stored phases, and either fan-in of every ~(a^b)."""
    best = 1 << 30
    rows = list(zip(net.table.tolist(), net.fanin.tolist()))
    for phases in product((0, 1), repeat=net.gates):
        stored = [0] * net.inputs + list(phases)
        table: list[int] = []
        for number, (word, reads) in enumerate(rows, net.inputs):
            made = 0
            for index in range(4):
                a, b = index >> 1 ^ stored[reads[0]], index & 1 ^ stored[reads[1]]
                made = 2 * made + ((word >> (3 - 2 * a - b) & 1) ^ stored[number])
            table.append(made)
        root = int(net.outputs[0])
        free = [g for g in range(net.gates) if table[g] == 9]
        for swaps in product((False, True), repeat=len(free)):
            fanin = net.fanin.copy()
            for g, swap in zip(free, swaps):
                fanin[g] = fanin[g, ::-1] if swap else fanin[g]
            count = inverters(Netlist(net.inputs, table, fanin, net.outputs))
            best = min(best, count + stored[root])
    return best


@settings(max_examples=60, deadline=None)
@given(net=trees())
def test_trees_have_the_fewest(net: Netlist) -> None:
    assert inverters(check(net)) == fewest(net)


def test_directions_move_inverters() -> None:
    net = compose(random_layers([200, 200, 200], 40, 0))
    made = {direction: check(net, direction) for direction in DIRECTIONS}
    inside = {d: int(complemented(one)[one.inputs :].sum()) for d, one in made.items()}
    assert inside["inputs"] <= inside["fewest"]
    assert made["outputs"].gates > made["inputs"].gates  # inverters at outputs are gates
    assert inverters(made["fewest"]) < 0.6 * inverters(net)


def test_plain_and_compiled_loops_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    net = compose(random_layers([40, 40, 40], 12, 1))
    results = []
    for enough in (1 << 60, 0):
        monkeypatch.setattr(loops, "ENOUGH", enough)
        results.append(fewer_inverters(net, "fewest"))
    assert results[0] == results[1]
