"""Wide gates as gates of two or three: the same function, in as few as are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import overlaps, peeling, tables
from lgc.equivalence import compare_netlists
from lgc.netlist import Netlist
from lgc.splitting import _Ways, split  # pyright: ignore[reportPrivateUsage]
from lgc.surgery import arity
from lgc.words import VARIABLE as WORDS
from lgc.words import signed
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


def random_tables(wide: int, count: int) -> list[int]:
    words = np.random.default_rng(wide).integers(0, 1 << 64, count, np.uint64)
    return (words >> np.uint64(64 - (1 << wide))).tolist()


@pytest.mark.parametrize(("wide", "most"), [(4, 2.5), (5, 5.2), (6, 10.3)])
def test_tables_without_structure(wide: int, most: float) -> None:
    """Gates of three on average; before overlaps and kept variables 2.7, 5.8 and 11.7."""
    every = random_tables(wide, 60)
    assert sum(gates(table, wide, 3) for table in every) <= most * len(every)


def overlapping(random: np.random.Generator) -> int:
    """F(q, g, h) of three variables each, of five that all occur."""
    while True:
        sets = [random.permutation(5)[:3] for _ in range(3)]
        if len(np.unique(np.concatenate(sets))) < 5:
            continue
        parts: list[int] = []
        for chosen in (*sets, None):
            reads = parts if chosen is None else [VARIABLE[i] for i in chosen]
            rows = [
                (reads[0] if entry & 4 else ONES ^ reads[0])
                & (reads[1] if entry & 2 else ONES ^ reads[1])
                & (reads[2] if entry & 1 else ONES ^ reads[2])
                for entry in range(8)
                if random.integers(0, 2)
            ]
            parts.append(int(np.bitwise_or.reduce(np.array([0, *rows], np.uint64))))
        if all(tables.depends(np.uint64(parts[3]), 6, i) for i in range(5)):
            return parts[3]


def test_overlaps_are_found() -> None:
    random = np.random.default_rng(0)
    every = [overlapping(random) for _ in range(60)]
    assert sum(overlaps.overlap(table, (0, 1, 2, 3, 4)) is not None for table in every) >= 45
    assert sum(gates(table, 6, 3) <= 4 for table in every) >= 54


def test_loops_give_the_same_as_plain_python() -> None:
    random = np.random.default_rng(1)
    for table in (overlapping(random), overlapping(random), random_tables(6, 1)[0]):
        word = signed(table)
        for one, many in ((overlaps._overlap, overlaps.ROOM), (peeling._peels, 8)):
            results: list[list[int]] = []
            for run in (one.compiled, one.plain):
                room, found = np.zeros(many, np.int64), np.zeros(1, np.int64)
                if one is overlaps._overlap:
                    run(word, 31, WORDS, room)
                    found = room[: overlaps.DONE + 1]
                else:
                    run(word, 63, 3, WORDS, room, found)
                results.append(found.tolist())
            assert results[0] == results[1]


@pytest.mark.parametrize("k", [2, 3])
def test_a_gate_can_be_taken_off_or_not(k: int) -> None:
    ways = _Ways(6, k, hasty=False)
    seen: set[bool] = set()
    random = np.random.default_rng(2)
    every = [*random_tables(6, 10), *(overlapping(random) for _ in range(10))]
    every += [table & A for table in random_tables(6, 3)]
    every += [(A & B | C & ~B & ONES) ^ table & D & E for table in (ONES, F)]
    for table in every:
        support = ways.support(table)
        found = ways._peeled(table, support) is not None
        assert peeling.peels(table, support, k) == found
        seen.add(found)
    assert seen == {False, True}
