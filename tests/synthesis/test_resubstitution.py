"""Resubstitution: what one or two gates of divisors express is found, and nothing else is."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable

import pytest

from lgc.synthesis.divisors import MOST, ROOM
from lgc.synthesis.resubstitution import (
    ALONE,
    AND,
    FIRST,
    INNER,
    KIND,
    NOT_AND,
    PAIRS,
    SECOND,
    SIGN,
    THIRD,
    XOR,
    express,
)

ONES = (1 << 64) - 1
DIVISORS = 7


def signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def value_of(recipe: list[int], words: list[int]) -> int:
    """The word that a recipe computes."""

    def read(literal: int) -> int:
        return words[literal >> 1] ^ (ONES if literal & 1 else 0)

    first = read(recipe[FIRST])
    if recipe[KIND] == ALONE:
        return first ^ (ONES if recipe[SIGN] else 0)
    other = read(recipe[SECOND])
    if recipe[INNER] != ALONE:
        third = read(recipe[THIRD])
        inner = {AND: other & third, NOT_AND: ~(other & third) & ONES, XOR: other ^ third}
        other = inner[recipe[INNER]]
    result = first ^ other if recipe[KIND] == XOR else first & other
    return result ^ (ONES if recipe[SIGN] else 0)


def attempt(words: list[int], target: int, spend: int, aig: int = 0) -> int | None:
    """Gates that the recipe for a word takes, None if there is none."""
    value = [0] * ((MOST + 1) * ROOM)
    for place, word in enumerate([*words, target]):
        value[place * ROOM] = signed(word)
    count = len(words) + 1
    recipe = [0] * 6
    found = express(
        aig, count - 1, spend, [1] * count, list(range(count)), value, [0, 0, count, 1],
        [0] * MOST, [0] * 2 * MOST, [0] * 3 * PAIRS, recipe, [0, 0, 1],
    )  # fmt: skip
    if not found:
        return None
    assert value_of(recipe, words) == target
    if recipe[KIND] == ALONE:
        return 0
    return 1 if recipe[INNER] == ALONE else 2


Gate = Callable[[int, int], int]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("outer", [operator.and_, operator.or_, operator.xor])
def test_one_gate(outer: Gate, seed: int) -> None:
    draw = random.Random(seed)
    words = [draw.getrandbits(64) for _ in range(DIVISORS)]
    target = outer(words[1], words[4] ^ ONES)
    assert attempt(words, target, 0) is None
    assert attempt(words, target, 1) == 1
    assert attempt([*words, target ^ ONES], target, 1) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("outer", [operator.and_, operator.or_, operator.xor])
@pytest.mark.parametrize("inner", [operator.and_, operator.or_, operator.xor])
def test_two_gates(outer: Gate, inner: Gate, seed: int) -> None:
    draw = random.Random(seed)
    words = [draw.getrandbits(64) for _ in range(DIVISORS)]
    target = outer(words[0] ^ ONES, inner(words[5], words[3] ^ ONES))
    assert attempt(words, target, 1) is None
    assert attempt(words, target, 2) == 2


def test_an_xor_is_dear_in_an_and_inverter_graph() -> None:
    draw = random.Random(1)
    words = [draw.getrandbits(64) for _ in range(DIVISORS)]
    target = words[0] ^ words[1]
    assert attempt(words, target, 2, aig=1) is None
    assert attempt(words, target, 3, aig=1) == 1
    assert attempt(words, target ^ words[2], 9, aig=1) is None


def test_other_words_are_not_expressed() -> None:
    draw = random.Random(2)
    words = [draw.getrandbits(64) for _ in range(DIVISORS)]
    assert attempt(words, draw.getrandbits(64), 2) is None
