"""Prices: how many instructions each function of three planes takes, by kind of machine.

A table of 256 numbers for each kind, found by running all programs of up to three instructions;
what none of them computes takes four (the hardest function of three bits needs no more: Knuth, The
Art of Computer Programming, 7.1.2). A complement is free: and, or and xor have forms for all
signs of what they read, and a reader takes either sign of what they give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations, permutations

_ONES = 0xFF
_INPUTS = (0x0F, 0x33, 0x55)
MOST = 4

Instruction = Callable[[tuple[int, ...]], Iterator[int]]


def _two_input(have: tuple[int, ...]) -> Iterator[int]:
    """and, or and xor with any signs."""
    for a, b in combinations(have, 2):
        yield from (a & b, a & ~b, ~a & b, a | b, a ^ b)


def _select(have: tuple[int, ...]) -> Iterator[int]:
    """a ? b : c, both with the same sign."""
    for a, b, c in permutations(have, 3):
        yield (a & b) | (~a & c)


def _xor_three(have: tuple[int, ...]) -> Iterator[int]:
    for a, b, c in combinations(have, 3):
        yield a ^ b ^ c


def _xor_clear(have: tuple[int, ...]) -> Iterator[int]:
    for a, b, c in permutations(have, 3):
        yield a ^ (b & ~c)


MACHINES: dict[str, tuple[Instruction, ...]] = {
    "two-input": (_two_input,),
    "neon": (_two_input, _select),
    "sha3": (_two_input, _select, _xor_three, _xor_clear),
}
"""Instructions by kind: plain vector units; AArch64 with `BSL`; `EOR3` and `BCAX` beside it."""


@cache
def prices(machine: str) -> tuple[int, ...]:
    """Instructions for each table of three fan-ins."""
    price = [MOST] * (_ONES + 1)
    states = {_INPUTS}
    for table in (0, *_INPUTS):
        price[table] = price[table ^ _ONES] = 0
    for spent in range(1, MOST):
        after: set[tuple[int, ...]] = set()
        for have in states:
            for instruction in MACHINES[machine]:
                for made in instruction(have):
                    table = min(made & _ONES, ~made & _ONES)
                    price[table] = min(price[table], spent)
                    price[table ^ _ONES] = price[table]
                    if spent < MOST - 1 and table not in (0, *have):
                        after.add((*have, table))
        states = after
    return tuple(price)
