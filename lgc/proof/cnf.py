"""Circuits as clauses: one variable a net, the prime implicants of each gate's table.

Literals follow DIMACS: variables count from 1, a negative number is a complement. Net ``n`` of a
circuit is variable ``n + 1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations, product

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
        for clause in gate_clauses(_narrow(table, net.k, reads), reads):
            yield [variable[abs(x) - 1] * (1 if x > 0 else -1) for x in clause]


@cache
def _narrow(table: int, k: int, fewer: int) -> int:
    """The table over the first fan-ins alone."""
    return sum((table >> (bit << (k - fewer)) & 1) << bit for bit in range(1 << fewer))


@cache
def gate_clauses(table: int, k: int) -> tuple[Clause, ...]:
    """Clauses of a gate: variables ``1 … k`` are its fan-ins, ``k + 1`` is what it gives.

    One clause for each prime implicant of the function and of its complement in a small cover
    (Quine, McCluskey; the cover is greedy).
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
    """A few primes that make up a function."""
    left = {point for point in range(1 << k) if function >> ((1 << k) - 1 - point) & 1}
    chosen: list[Cube] = []
    primes = _primes(frozenset(left), k)
    while left:
        best = max(primes, key=lambda prime: len(left & prime[1]))
        left -= best[1]
        chosen.append(best[0])
    return chosen


def _primes(ones: frozenset[int], k: int) -> list[tuple[Cube, frozenset[int]]]:
    """Prime implicants with the points they cover, the largest first."""
    found: list[tuple[Cube, frozenset[int]]] = []
    for size in range(k + 1):
        for fixed in combinations(range(k), size):
            for values in product((0, 1), repeat=size):
                cube: list[int | None] = [None] * k
                for i, value in zip(fixed, values):
                    cube[i] = value
                points = frozenset(
                    p
                    for p in range(1 << k)
                    if all(p >> (k - 1 - i) & 1 == v for i, v in zip(fixed, values))
                )
                if points <= ones and not any(points <= other for _, other in found):
                    found.append((tuple(cube), points))
    return found
