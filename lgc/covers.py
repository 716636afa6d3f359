"""Tables as covers of cubes: irredundant sums of products.

Minato, "Fast generation of irredundant sum-of-products forms from binary decision diagrams",
1992; on tables instead of diagrams, after Morreale's recursion.
"""

from __future__ import annotations

from functools import cache

from . import tables

Cube = str
"""For each fan-in ``0``, ``1`` or ``-`` for either."""


@cache
def cover(table: int, k: int) -> tuple[tuple[Cube, ...], int]:
    """Cubes that make up a table or, where those are fewer, its complement, and which: 1 or 0."""
    on, off = cubes(table, k), cubes(table ^ int(tables.ones(k)), k)
    return (on, 1) if len(on) <= len(off) else (off, 0)


@cache
def cubes(table: int, k: int) -> tuple[Cube, ...]:
    """Cubes that make up a table, none of which another makes needless."""
    return tuple(_between(table, table, k)[0])


def _between(least: int, most: int, k: int) -> tuple[list[Cube], int]:
    """Cubes of a table between two, and that table."""
    if not least:
        return [], 0
    if most == int(tables.ones(k)):
        return ["-" * k], most
    half = 1 << (k - 1)
    low = (1 << half) - 1  # the entries where the first fan-in is 1
    least0, least1, most0, most1 = least >> half, least & low, most >> half, most & low
    cubes0, found0 = _between(least0 & ~most1, most0, k - 1)
    cubes1, found1 = _between(least1 & ~most0, most1, k - 1)
    either, found = _between(least0 & ~found0 | least1 & ~found1, most0 & most1, k - 1)
    chosen = [value + cube for value, some in zip("01-", (cubes0, cubes1, either)) for cube in some]
    return chosen, (found0 | found) << half | found1 | found
