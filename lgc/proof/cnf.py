"""Circuits as clauses: one variable a net, a cover of each gate's table and its complement.

Literals follow DIMACS: variables count from 1, a negative number is a complement. Net ``n`` of a
circuit is variable ``n + 1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from .. import tables
from ..netlist import Netlist
from ..surgery import arity, tidy

Clause = tuple[int, ...]


def clauses(net: Netlist) -> Iterator[list[int]]:
    """Clauses that hold exactly when every net has the value its gate gives it."""
    net = tidy(net)
    rows = zip(net.table.tolist(), net.fanin.tolist(), arity(net).tolist())
    for own, (table, fanin, reads) in enumerate(rows, net.inputs + 1):
        variable = (*(read + 1 for read in fanin[:reads]), own)
        for clause in narrow_clauses(table, net.k, reads):
            yield [variable[abs(x) - 1] * (1 if x > 0 else -1) for x in clause]


@cache
def narrow_clauses(table: int, k: int, reads: int) -> tuple[Clause, ...]:
    """Clauses of a gate of ``k`` fan-ins that depends on the first few alone."""
    return gate_clauses(narrow(table, k, reads), reads)


@cache
def narrow(table: int, k: int, fewer: int) -> int:
    """The table over the first fan-ins alone."""
    return sum((table >> (bit << (k - fewer)) & 1) << bit for bit in range(1 << fewer))


@cache
def gate_clauses(table: int, k: int) -> tuple[Clause, ...]:
    """Clauses of a gate: variables ``1 … k`` are its fan-ins, ``k + 1`` is what it gives.

    One clause for each cube of a cover of the function and of its complement, without cubes that
    are not needed.
    """
    found: list[Clause] = []
    for function, result in ((table, k + 1), (table ^ int(tables.ones(k)), -(k + 1))):
        for cube in _cover(function, k):
            literals = [-(i + 1) if bit else i + 1 for i, bit in enumerate(cube) if bit is not None]
            found.append((*literals, result))
    return tuple(found)


Cube = tuple[int | None, ...]
"""For each fan-in its value, or None for either."""


def _cover(function: int, k: int) -> list[Cube]:
    """A few cubes that make up a function, none of which another makes needless."""
    return _irredundant(function, function, k)[0]


def _irredundant(least: int, most: int, k: int) -> tuple[list[Cube], int]:
    """Cubes of a function between two, and that function (Minato and Morreale, 1993)."""
    if not least:
        return [], 0
    if most == int(tables.ones(k)):
        return [(None,) * k], most
    half = 1 << (k - 1)
    low = (1 << half) - 1  # the entries where the first fan-in is 1
    least0, least1, most0, most1 = least >> half, least & low, most >> half, most & low
    cubes0, found0 = _irredundant(least0 & ~most1, most0, k - 1)
    cubes1, found1 = _irredundant(least1 & ~most0, most1, k - 1)
    rest = least0 & ~found0 | least1 & ~found1
    cubes, found = _irredundant(rest, most0 & most1, k - 1)
    chosen: list[Cube] = [(0, *cube) for cube in cubes0]
    chosen += [(1, *cube) for cube in cubes1]
    chosen += [(None, *cube) for cube in cubes]
    return chosen, (found0 | found) << half | found1 | found
