"""Wide gates as gates of two or three: the same function, in as few as are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import tables
from lgc.equivalence import compare_netlists
from lgc.netlist import Netlist
from lgc.splitting import split
from lgc.surgery import arity
from tests.backends.corpus import random_net
from tests.strategies import netlists


@given(netlists(k=None), st.sampled_from([2, 3]))
def test_the_function_stays(net: Netlist, k: int) -> None:
    made = split(net, k)
    assert made.k == k
    assert compare_netlists(net, made)


@pytest.mark.parametrize("hasty", [False, True])
@pytest.mark.parametrize("wide", [3, 4, 5, 6])
@pytest.mark.parametrize("k", [2, 3])
def test_any_table(k: int, wide: int, hasty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if hasty:
        monkeypatch.setattr("lgc.splitting.MANY", 0)
    net = random_net(8, 60, 20, wide, wide)
    made = split(net, k)
    assert made.k == k
    assert compare_netlists(net, made)


def gates(table: int, wide: int, k: int) -> int:
    """Of a function alone; none is a wire."""
    made = split(Netlist(wide, [table], [list(range(wide))], [wide]), k)
    assert compare_netlists(Netlist(wide, [table], [list(range(wide))], [wide]), made)
    assert made.outputs.tolist() == [made.nets - 1]
    assert (arity(made) > 1).all()
    return made.gates


VARIABLE = [int(tables.variable(6, i)) for i in range(6)]
A, B, C, D, E, F = VARIABLE
ONES = int(tables.ones(6))


@pytest.mark.parametrize(
    ("table", "twos", "threes"),
    [
        (A ^ B ^ C ^ D ^ E ^ F, 5, 3),
        (A & B & C & D & E & F, 5, 3),
        (ONES ^ (A & B & C & D & E & F), 5, 3),
        ((A & B) | (C & D) | (E & F), 5, 3),
        (A & B | ~A & ONES & C, 3, 1),  # a choice
        ((A & ((B & C) | (~B & D))) ^ (E & F), 6, 3),
        (A & (B & C | ~B & D) | ~A & (B & E | ~B & F), 9, 3),  # one of four
        ((A & B) | (C & (A | B)), 4, 1),  # a majority
        (((A & B) | (C & (A | B))) ^ D ^ E, 6, 2),
    ],
)
def test_functions_whose_best_circuits_are_known(table: int, twos: int, threes: int) -> None:
    assert gates(table & ONES, 6, 2) == twos
    assert gates(table & ONES, 6, 3) == threes


def test_all_functions_of_three_and_samples_of_four() -> None:
    """Knuth, TAOCP 4A, 7.1.2: any of three takes up to 4 gates of two; any of four up to 7."""
    for table in range(256):
        if len([i for i in range(3) if tables.depends(np.uint64(table), 3, i)]) > 1:
            assert gates(table, 3, 2) <= 4
    random = np.random.default_rng(0)
    for table in random.integers(0, 1 << 16, 200).tolist():
        if all(tables.depends(np.uint64(table), 4, i) for i in range(4)):
            assert gates(table, 4, 2) <= 8
            assert gates(table, 4, 3) <= 3
