"""Circuits as clauses: one variable a net, a cover of each gate's table and its complement.

Literals follow DIMACS: variables count from 1, a negative number is a complement. Net ``n`` of a
circuit is variable ``n + 1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from .. import tables
from ..covers import cubes
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
    return int(tables.narrow(np.uint64(table), k, fewer))


@cache
def gate_clauses(table: int, k: int) -> tuple[Clause, ...]:
    """Clauses of a gate: variables ``1 … k`` are its fan-ins, ``k + 1`` is what it gives.

    One clause for each cube of a cover of the function and of its complement, without cubes that
    are not needed.
    """
    return tuple(
        (*(-(i + 1) if bit == "1" else i + 1 for i, bit in enumerate(cube) if bit != "-"), result)
        for function, result in ((table, k + 1), (table ^ int(tables.ones(k)), -(k + 1)))
        for cube in cubes(function, k)
    )
