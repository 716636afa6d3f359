"""map-lut: fewer gates, or cheaper ones on a machine; what it is told wrongly it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import demo, tables
from lgc.equivalence import compare_netlists
from lgc.errors import UsageError
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.map_lut import MapLut
from lgc.prices import MACHINES, prices
from lgc.surgery import tidy, widen
from tests.strategies import netlists
from tests.support import optimise

XOR3, MAJORITY, SELECT, CLEAR = 0x69, 0x17, 0x53, 0x0F ^ (0x33 & ~0x55)
MACHINE = st.sampled_from(sorted(MACHINES))
TABLE = st.integers(0, 255)


def cost(net: Netlist, machine: str) -> int:
    """Instructions for all gates."""
    table = widen(tidy(net), 3).table.astype(np.int64)
    return int(np.array(prices(machine))[table].sum())


@settings(max_examples=60, deadline=None)
@given(netlists(k=2, max_gates=30), MACHINE)
def test_the_function_stays_and_costs_no_more(net: Netlist, machine: str) -> None:
    mapped = MapLut(cost=machine).rewrite(net)
    assert compare_netlists(net, mapped)
    assert cost(mapped, machine) <= cost(net, machine)
    assert MapLut(cost=machine).rewrite(net) == mapped


@settings(max_examples=60, deadline=None)
@given(netlists(k=None, max_gates=12), st.integers(2, 6))
def test_gates_that_are_too_wide_are_split(net: Netlist, k: int) -> None:
    mapped = MapLut(k=k).rewrite(net)
    assert mapped.k <= k
    assert compare_netlists(net, mapped)


def test_gates_that_only_look_wide_stay_whole() -> None:
    four = widen(Netlist(4, [0x6996 ^ 0x8000], [[0, 1, 2, 3]], [4]), 6)
    assert MapLut(k=4).rewrite(four).gates == 1
    assert MapLut(k=3).rewrite(four).gates > 1


PARITY = "in 3; %3 = a^b %0 %1; %4 = a^b %3 %2; out %4"
SELECTION = "in 3; %3 = a&b %0 %1; %4 = ~a&b %0 %2; %5 = a|b %3 %4; out %5"
BOTH = "in 4; %4 = a&b %0 %1; %5 = a&b %4 %2; %6 = a^b %4 %3; out %5 %6"


@pytest.mark.parametrize(
    ("text", "machine", "gates"),
    [
        (PARITY, "unit", 1),
        (PARITY, "sha3", 1),
        (PARITY, "neon", 2),
        (PARITY, "two-input", 2),
        (SELECTION, "neon", 1),
        (SELECTION, "two-input", 3),  # a select is three of its instructions too
        (BOTH, "unit", 2),
        (BOTH, "two-input", 3),  # two gates of three fan-ins would cost four
    ],
)
def test_three_fan_ins_where_they_pay(text: str, machine: str, gates: int) -> None:
    found = parse_netlist(optimise(MapLut(cost=machine), text))
    assert found.gates == gates


def test_the_option_is_text() -> None:
    model = lgc.load(demo.model_path())
    mapped = lgc.optimize(model, "O2,map-lut{k=3 cost=sha3}")
    plain = lgc.optimize(model, "O2")
    assert mapped.stats[-1].name == 'map-lut{cost="sha3"}'
    nets = [m.chain.stages[0].net.data for m in (mapped, plain)]
    assert cost(nets[0], "sha3") < cost(nets[1], "sha3")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("map-lut{k=7}", "pass map-lut: k is 2 to 6, not 7"),
        ("map-lut{rounds=-1}", "pass map-lut: rounds cannot be -1"),
        (
            "map-lut{cost=luts}",
            "pass map-lut: cost is one of unit, two-input, neon, sha3, not luts",
        ),
        ("map-lut{k=4 cost=neon}", "pass map-lut: cost=neon needs k=3, not 4"),
    ],
)
def test_wrong_options(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.optimize(demo.model_path(), text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (0, (0, 0, 0)),
        (0x33, (0, 0, 0)),  # a wire
        (0xCC, (0, 0, 0)),  # its complement
        (0x03, (1, 1, 1)),
        (0x5A, (1, 1, 1)),
        (0x01, (2, 2, 2)),
        (XOR3, (2, 2, 1)),
        (SELECT, (3, 1, 1)),
        (CLEAR, (2, 2, 1)),
        (MAJORITY, (4, 2, 2)),
    ],
)
def test_prices(table: int, expected: tuple[int, int, int]) -> None:
    assert tuple(prices(machine)[table] for machine in MACHINES) == expected


@given(TABLE)
def test_more_instructions_cost_no_more(table: int) -> None:
    two_input, neon, sha3 = (prices(machine)[table] for machine in MACHINES)
    assert sha3 <= neon <= two_input <= 4


@given(TABLE, st.integers(0, 2))
def test_two_input_prices_ignore_signs_and_order(table: int, i: int) -> None:
    price = prices("two-input")
    word = np.uint64(table)
    assert price[table] == price[table ^ 0xFF] == price[int(tables.flip(word, 3, i))]
    assert price[table] == price[int(tables.swap(word, 3, i // 2, i // 2 + 1))]
