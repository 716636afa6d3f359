"""Tables as covers of cubes: irredundant sums of products.

Minato, "Fast generation of irredundant sum-of-products forms from binary decision diagrams",
1992; on tables instead of diagrams, after Morreale's recursion.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .. import tables

Cube = str
"""For each fan-in ``0``, ``1`` or ``-`` for either."""


@cache
def cover(table: int, k: int) -> tuple[tuple[Cube, ...], int]:
    """Cubes that make up a table or, where those are fewer, its complement, and which: 1 or 0."""
    on, off = cubes(table, k), cubes(table ^ int(tables.ones(k)), k)
    return (on, 1) if len(on) <= len(off) else (off, 0)


@cache
def cubes(table: int, k: int) -> tuple[Cube, ...]:
    """Cubes that make up a table, none of which can be left out."""
    return tuple(_between(table, table, k, int(tables.ones(k)))[0])


def _between(least: int, most: int, k: int, ones: int) -> tuple[list[Cube], int]:
    """A cover between two tables, and its table."""
    if not least:
        return [], 0
    if most == ones:
        return ["-" * k], ones
    low, high = np.uint64(least), np.uint64(most)
    i = next(i for i in range(k) if tables.depends(low, k, i) or tables.depends(high, k, i))
    least0, least1 = (int(tables.cofactor(low, k, i, value)) for value in (0, 1))
    most0, most1 = (int(tables.cofactor(high, k, i, value)) for value in (0, 1))
    cubes0, made0 = _between(least0 & ~most1, most0, k, ones)
    cubes1, made1 = _between(least1 & ~most0, most1, k, ones)
    either, made = _between(least0 & ~made0 | least1 & ~made1, most0 & most1, k, ones)
    x = int(tables.variable(k, i))
    halves = [
        f"{cube[:i]}{value}{cube[i + 1 :]}"
        for value, some in (("0", cubes0), ("1", cubes1))
        for cube in some
    ]
    return halves + either, made | made0 & ~x | made1 & x
