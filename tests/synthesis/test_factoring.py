"""factoring: the program of a table computes it, and takes few gates where it factors."""

from __future__ import annotations

import random
from itertools import pairwise, product

import numpy as np
import pytest

from lgc.equivalence import compare_netlists
from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.passes.rewrite import Rewrite
from lgc.synthesis.factoring import (
    BASE,
    FACTORING,
    GATES,
    MOST_CUBES,
    MOST_GATES,
    SCRATCH,
    factored,
)
from lgc.synthesis.rewriting import PATTERN


@loop(*FACTORING)
def _factor(
    leaves: int, words: int, pattern: Row, scratch: Row, cubes: Row, program: Row, tally: Row,
    made: Row,
) -> None:  # fmt: skip
    made[0] = factored(leaves, words, pattern, scratch, cubes, program, tally)


def leaves_of(leaves: int) -> list[np.ndarray]:
    """The table of each leaf, int64 words."""
    words = 1 << max(0, leaves - 6)
    return [
        np.array([PATTERN[i] if i < 6 else -(w >> (i - 6) & 1) for w in range(words)], np.int64)
        for i in range(leaves)
    ]


def check(table: np.ndarray, leaves: int, work: int) -> int | None:
    """Gates of the table's program, None where it has none; what it computes is compared."""
    scratch = np.zeros(SCRATCH, np.int64)
    scratch[: len(table)] = table
    program, tally, made = (np.zeros(size, np.int64) for size in (3 * MOST_GATES, 3, 1))
    _factor(
        work, leaves, len(table), PATTERN, scratch, np.zeros(MOST_CUBES, np.int64), program, tally,
        made,
    )  # fmt: skip
    if made[0] < 0:
        return None
    value = dict(enumerate(leaves_of(leaves)))
    for g in range(int(tally[GATES])):
        kind, a, b = program[3 * g : 3 * g + 3].tolist()
        assert kind == 0
        value[BASE + g] = (value[a >> 1] ^ -(a & 1)) & (value[b >> 1] ^ -(b & 1))
    root = int(made[0])
    assert (value[root >> 1] ^ -(root & 1) == table).all()
    return int(tally[GATES])


@pytest.mark.parametrize("work", [0, 10**9])  # plain Python, and compiled
@pytest.mark.parametrize("leaves", range(2, BASE + 1))
def test_programs_compute_their_tables(leaves: int, work: int) -> None:
    draw = random.Random(leaves)
    found = 0
    for _ in range(8):
        nets = leaves_of(leaves)
        for _ in range(leaves + 2):
            a, b = draw.sample(nets, 2)
            nets.append(draw.choice([a & b, a | b, a & ~b, a ^ b]))
        found += check(nets[-1], leaves, work) is not None
    assert found >= 5


def test_constants_have_none() -> None:
    for constant in (0, -1):
        assert check(np.full(1, constant, np.int64), 4, 0) is None


def test_parity_of_many_leaves_has_too_many_cubes() -> None:
    table = leaves_of(8)
    assert check(np.bitwise_xor.reduce(np.array(table)), 8, 0) is None


def test_products_of_sums_are_found() -> None:
    a, b, c, d, e, f = leaves_of(6)
    assert check((a | b | c) & (d | e | f), 6, 0) == 5
    assert check(~((a | b) & (c | d) & (e | f)), 6, 0) == 5
    assert check(a & b & c | a & b & d | a & e, 6, 0) == 4  # a(b(c ∨ d) ∨ e)


def expanded(groups: tuple[int, ...], seed: int) -> Netlist:
    """A product of sums, multiplied out, in random order."""
    draw = random.Random(seed)
    first = np.cumsum([0, *groups])
    cubes = [list(cube) for cube in product(*(range(a, b) for a, b in pairwise(first)))]
    draw.shuffle(cubes)
    table, fanin = list[int](), list[tuple[int, int]]()

    def add(gate: int, a: int, b: int) -> int:
        table.append(gate)
        fanin.append((a, b))
        return sum(groups) + len(table) - 1

    terms = list[int]()
    for cube in cubes:
        draw.shuffle(cube)
        term = cube[0]
        for net in cube[1:]:
            term = add(1, term, net)
        terms.append(term)
    while len(terms) > 1:
        a, b = (terms.pop(draw.randrange(len(terms))) for _ in range(2))
        terms.append(add(7, a, b))
    return Netlist(sum(groups), np.array(table, np.uint64), np.array(fanin, np.int32), terms)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rewrite_collapses_what_was_multiplied_out(seed: int) -> None:
    net = expanded((3, 3, 3), seed)
    after = Rewrite().rewrite(net)
    assert compare_netlists(net, after)
    assert after.gates == 8  # (a ∨ b ∨ c)(d ∨ e ∨ f)(g ∨ h ∨ i)
