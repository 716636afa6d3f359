"""Bit tricks on tables against their definition, entry by entry."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import tables


def value(table: int, bits: tuple[int, ...]) -> int:
    """f(bits) by the definition: the first fan-in is the most significant index bit."""
    index = int("".join(map(str, bits)), 2)
    return table >> ((1 << len(bits)) - 1 - index) & 1


@st.composite
def table_and_place(draw: st.DrawFn) -> tuple[int, int, int]:
    k = draw(st.integers(1, 6))
    return k, draw(st.integers(0, int(tables.ones(k)))), draw(st.integers(0, k - 1))


def test_two_input_tables_are_difflogic_gate_numbers() -> None:
    names = dict(enumerate(tables.EXPRESSIONS))
    for gate, text in names.items():
        for a, b in product((0, 1), repeat=2):
            python = text.replace("~", "1^").replace("&", " and ").replace("|", " or ")
            expected = {
                "0": 0, "1": 1, "a": a, "b": b, "~a": 1 - a, "~b": 1 - b,
                "a&b": a & b, "a&~b": a & (1 - b), "~a&b": (1 - a) & b, "a^b": a ^ b,
                "a|b": a | b, "~(a|b)": 1 - (a | b), "~(a^b)": 1 - (a ^ b),
                "a|~b": a | (1 - b), "~a|b": (1 - a) | b, "~(a&b)": 1 - (a & b),
            }[text]  # fmt: skip
            assert value(gate, (a, b)) == expected, (python, a, b)


@given(table_and_place())
def test_flip_complements_one_fanin(case: tuple[int, int, int]) -> None:
    k, table, i = case
    flipped = int(tables.flip(np.uint64(table), k, i))
    for bits in product((0, 1), repeat=k):
        other = tuple(1 - b if place == i else b for place, b in enumerate(bits))
        assert value(flipped, bits) == value(table, other)


@given(table_and_place(), st.integers(0, 1))
def test_cofactor_holds_one_fanin(case: tuple[int, int, int], held: int) -> None:
    k, table, i = case
    half = int(tables.cofactor(np.uint64(table), k, i, held))
    for bits in product((0, 1), repeat=k):
        other = tuple(held if place == i else b for place, b in enumerate(bits))
        assert value(half, bits) == value(table, other)


@given(table_and_place(), st.integers(0, 5))
def test_identify_and_swap(case: tuple[int, int, int], other: int) -> None:
    k, table, i = case
    j = other % k
    if i == j:
        return
    i, j = min(i, j), max(i, j)
    same = int(tables.identify(np.uint64(table), k, i, j))
    swapped = int(tables.swap(np.uint64(table), k, i, j))
    for bits in product((0, 1), repeat=k):
        equal = tuple(bits[i] if place == j else b for place, b in enumerate(bits))
        assert value(same, bits) == value(table, equal)
        exchanged = list(bits)
        exchanged[i], exchanged[j] = bits[j], bits[i]
        assert value(swapped, bits) == value(table, tuple(exchanged))


@given(table_and_place())
def test_depends(case: tuple[int, int, int]) -> None:
    k, table, i = case
    halves = [int(tables.cofactor(np.uint64(table), k, i, held)) for held in (0, 1)]
    assert bool(tables.depends(np.uint64(table), k, i)) == (halves[0] != halves[1])


@given(table_and_place(), st.integers(0, 3))
def test_widen_appends_unused_fanins(case: tuple[int, int, int], more: int) -> None:
    k, table, _ = case
    wider = min(k + more, 6)
    wide = int(tables.widen(np.uint64(table), k, wider))
    for bits in product((0, 1), repeat=wider):
        assert value(wide, bits) == value(table, bits[:k])


@pytest.mark.parametrize("k", range(1, 7))
def test_variable_is_a_projection(k: int) -> None:
    for i in range(k):
        for bits in product((0, 1), repeat=k):
            assert value(int(tables.variable(k, i)), bits) == bits[i]


def test_arrays_work_like_scalars() -> None:
    many = np.arange(16, dtype=np.uint64)
    for i in range(2):
        flipped = tables.flip(many, 2, i)
        assert [int(t) for t in flipped] == [int(tables.flip(t, 2, i)) for t in many]
