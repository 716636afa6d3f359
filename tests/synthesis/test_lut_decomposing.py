"""Decomposition into LUTs of three: right, and as few as there can be for four inputs."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgc import tables
from lgc.synthesis.classes import classes
from lgc.synthesis.lut_cones import WIDE
from lgc.synthesis.lut_decomposing import (
    LENGTH,
    NONE,
    SAVED,
    STEP,
    STEPS,
    VOID,
    cofactor,
    decompose,
)
from lgc.synthesis.lut_nets import support
from lgc.synthesis.lut_rewriting import UNIT

ONES = (1 << 64) - 1
PATTERN = [int(tables.variable(6, i)) for i in range(5, -1, -1)]
BUDGET = 20


def signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def attempt(function: int, leaves: int) -> int | None:
    """LUTs found for a function of 64 entries, whose value is checked; None if there are none."""
    nets = leaves + 1
    sign, signal = [0] * (STEPS + 1), [NONE] * ((STEPS + 1) * WIDE)
    sign[0] = signed(function)
    signal[:leaves] = range(leaves)
    steps = [0] * (2 * STEPS * STEP)
    best = [-1, 0, 0, 0, BUDGET, 1]
    decompose(
        leaves, 0, 0, [signed(word) for word in PATTERN], [0] * nets, [0] * 3 * nets, [0] * nets,
        [1] * nets, list(range(nets)), [-1] * nets, [-1] * 3 * nets, list(UNIT), sign, signal,
        steps, best,
    )  # fmt: skip
    if not best[LENGTH]:
        return None
    made: list[int] = []
    for s in range(best[LENGTH]):
        table, *operands = steps[STEP * (STEPS + s) : STEP * (STEPS + s + 1)]
        assert table != VOID  # nothing is there
        words = [0 if x == NONE else PATTERN[x] if x >= 0 else made[-1 - x] for x in operands]
        value = 0
        for entry in range(8):
            if table >> (7 - entry) & 1:
                term = ONES
                for i, word in enumerate(words):
                    term &= word if entry >> (2 - i) & 1 else ~word & ONES
                value |= term
        made.append(value)
    assert made[-1] == function
    return BUDGET - best[SAVED]


def spread(table: int) -> int:
    """A table of four inputs over the places of a cut, the first of which is the low bit."""
    word = 0
    for entry in range(64):
        index = sum((entry >> i & 1) << (3 - i) for i in range(4))
        word |= (table >> (15 - index) & 1) << (63 - entry)
    return word


@cache
def of_two_luts() -> frozenset[int]:
    """All functions of four inputs that two LUTs compute: every pair of LUTs is run through."""
    variable = [np.uint64(tables.variable(4, i)) for i in range(4)]
    ones = np.uint64(0xFFFF)
    found: set[int] = set()
    for missing in range(4):
        three = [variable[i] for i in range(4) if i != missing]
        inner = every_table(three, ones)
        for other in range(4):
            if other != missing:
                for h in inner:
                    found.update(
                        every_table([h, variable[missing], variable[other]], ones).tolist()
                    )
    return frozenset(found)


def every_table(operands: list[np.uint64], ones: np.uint64) -> np.ndarray:
    """The values of all 256 LUTs over three words."""
    terms = [
        (a if e & 4 else a ^ ones) & (b if e & 2 else b ^ ones) & (c if e & 1 else c ^ ones)
        for e in range(8)
        for a, b, c in [operands]
    ]
    values = np.zeros(256, np.uint64)
    for e, term in enumerate(terms):
        values |= np.where(np.arange(256) >> (7 - e) & 1, term, np.uint64(0)).astype(np.uint64)
    return np.unique(values)


def test_every_class_of_four_inputs_takes_as_few_as_it_can() -> None:
    counts = [0, 0, 0, 0]
    for table in classes().smallest.tolist():
        depending = sum(bool(tables.depends(np.uint64(table), 4, i)) for i in range(4))
        least = 3
        if depending <= 3:
            least = int(depending > 1)
        elif table in of_two_luts():
            least = 2
        assert attempt(spread(table), 4) == least, hex(table)
        counts[least] += 1
    assert counts == [2, 12, 117, 91]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(4, 6))
def test_what_was_composed_is_decomposed(seed: int, leaves: int) -> None:
    draw = random.Random(seed)
    words = draw.sample(PATTERN[:leaves], leaves)
    luts = 0
    while len(words) > 1:
        three = [words.pop() for _ in range(min(3, len(words)))]
        table, value = draw.randrange(256), 0
        for entry in range(8):
            if table >> (7 - entry) & 1:
                term = ONES
                for i, word in enumerate(three):
                    term &= word if entry >> (2 - i) & 1 else ~word & ONES
                value |= term
        words.append(value)
        luts += 1
    found = attempt(words[0], leaves)
    assert found is not None
    assert found <= luts


@pytest.mark.parametrize("seed", range(3))
def test_a_random_function_of_six_is_left_alone(seed: int) -> None:
    assert attempt(random.Random(seed).getrandbits(64), 6) is None


@given(st.integers(0, ONES), st.integers(0, 5), st.integers(0, 1))
def test_a_place_is_held(function: int, i: int, value: int) -> None:
    held = cofactor(signed(function), i, value, [signed(word) for word in PATTERN])
    assert held & ONES == int(tables.cofactor(np.uint64(function), 6, 5 - i, value))
    assert -(1 << 63) <= held < 1 << 63


@given(st.integers(0, 255))
def test_support(table: int) -> None:
    depending = [bool(tables.depends(np.uint64(table), 3, i)) for i in range(3)]
    assert support(table) == 4 * depending[0] + 2 * depending[1] + depending[2]
