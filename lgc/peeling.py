"""Peeling: whether a single gate can be taken off a function, in any of the ways of `splitting`.

Most functions without structure have no such way, and trying each takes longer than this, which
tries all: for every two and three variables, what their values make of the function.
"""

from __future__ import annotations

import numpy as np

from .loops import Row, loop
from .words import VARIABLE, WIDE, cofactor, signed


def cofactors(on: int, a: int, b: int, c: int, variable: Row, part: Row) -> int:
    """The cofactors by two variables, or by three where c is not negative; how many."""
    count = 0
    for entry in range(8 if c >= 0 else 4):
        word = on
        if c >= 0:
            word = cofactor(word, c, entry & 1, variable)
            word = cofactor(word, b, entry >> 1 & 1, variable)
            word = cofactor(word, a, entry >> 2, variable)
        else:
            word = cofactor(word, b, entry & 1, variable)
            word = cofactor(word, a, entry >> 1, variable)
        part[entry] = word
        count += 1
    return count


def kinds(part: Row, count: int, first: int, step: int) -> int:
    """How many different ones there are among some of the cofactors; 3 for more than two."""
    other, found = part[first], 1
    for i in range(first, count):
        if (i - first) % step == 0 and part[i] != part[first] and part[i] != other:
            found += 1
            other = part[i]
    return min(found, 3)


def over(part: Row, count: int) -> bool:
    """Whether all cofactors that are no constants are one function or its complement."""
    proper = 0
    for i in range(count):
        if part[i] != 0 and part[i] != -1:
            if proper == 0:
                proper = part[i]
            elif part[i] != proper and part[i] != ~proper:
                return False
    return True


@loop(cofactor, cofactors, kinds, over)
def _peels(on: int, support: int, wide: int, variable: Row, part: Row, found: Row) -> None:
    """Whether a gate of ``wide`` fan-ins can be taken off."""
    for a in range(WIDE):
        if not support >> a & 1:
            continue
        part[0], part[1] = cofactor(on, a, 0, variable), cofactor(on, a, 1, variable)
        if over(part, 2):
            found[0] = 1
        for b in range(WIDE if found[0] == 0 else 0):
            if not (support & ~(1 << a)) >> b & 1:
                continue
            count = cofactors(on, a, b, -1, variable, part)
            if kinds(part, count, 0, 1) < 3 or (wide == 3 and over(part, count)):
                found[0] = 1
            for c in range(WIDE if wide == 3 else 0):
                if not (support & ~(1 << a | 1 << b)) >> c & 1:
                    continue
                count = cofactors(on, a, b, c, variable, part)
                if kinds(part, count, 0, 2) < 3 and kinds(part, count, 1, 2) < 3:
                    found[0] = 1


def peels(table: int, support: tuple[int, ...], k: int) -> bool:
    """Whether a gate of k fan-ins can be taken off a table of six variables."""
    found, inside = np.zeros(1, np.int64), sum(1 << i for i in support)
    _peels.compiled(signed(table), inside, k, VARIABLE, np.zeros(8, np.int64), found)
    return bool(found[0])
