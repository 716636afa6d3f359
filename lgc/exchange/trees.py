"""Conjunctions, disjunctions and parities of any number of symbols of a file, as trees of gates.

Only what has more than six fan-ins is taken apart so; that is rare, hence plain Python. Gates of up
to six are split by `lgc.splitting`, after a file is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .. import tables
from .connecting import NONE, Gates

Part = tuple[int, bool]
"""A symbol, and whether its complement is meant."""

_K = tables.MAX_FANIN


class Parts:
    """New gates over symbols of a file and symbols of their own."""

    def __init__(self, symbols: int) -> None:
        self.next = symbols
        self.rows: list[tuple[int, list[int], int, int]] = []  # own, reads, table, line
        self.start = 0

    def all_of(self, parts: Sequence[Part]) -> Part:
        """The conjunction."""
        return self._tree(parts, 0)

    def any_of(self, parts: Sequence[Part]) -> Part:
        """The disjunction: ¬(¬a ∧ ¬b ∧ …)."""
        symbol, inverted = self.all_of([(symbol, not inverted) for symbol, inverted in parts])
        return symbol, not inverted

    def parity(self, parts: Sequence[Part]) -> Part:
        """Whether an odd number are 1."""
        return self._tree(parts, 1)

    def _tree(self, parts: Sequence[Part], kind: int) -> Part:
        """Each gate takes the six that wait longest: n parts need ⌈(n - 1) / 5⌉ gates."""
        waiting = deque(parts)
        while len(waiting) > _K:
            waiting.append(self._gate([waiting.popleft() for _ in range(_K)], kind))
        return self._gate(waiting, kind)

    def _gate(self, group: Collection[Part], kind: int) -> Part:
        if len(group) == 1:
            return next(iter(group))
        self.next += 1
        reads = [symbol for symbol, _ in group]
        table = _table(kind, tuple(inverted for _, inverted in group))
        self.rows.append((self.next - 1, reads, table, 0))
        return self.next - 1, False

    def define(self, own: int, part: Part, inverted: bool, line: int) -> None:
        """Make a symbol of the file the part, or its complement."""
        table = _table(0, (part[1] != bool(inverted),))
        self.rows.append((own, [part[0]], table, 0))
        self.rows[self.start :] = [(*row[:3], int(line)) for row in self.rows[self.start :]]
        self.start = len(self.rows)

    def replace(self, gates: Gates, taken: NDArray[np.bool_]) -> Gates:
        """The gates without those taken apart, and then these."""
        wide = gates.reads.shape[1]
        reads = np.full((len(self.rows), _K), NONE, np.int64)
        for place, row in enumerate(self.rows):
            reads[place, : len(row[1])] = row[1]
        before = np.full((len(gates.own), _K), NONE, np.int64)
        before[:, :wide] = gates.reads
        table = np.array([row[2] for row in self.rows], np.uint64)
        return Gates(
            np.concatenate([gates.own[~taken], [row[0] for row in self.rows]]).astype(np.int64),
            np.concatenate([before[~taken], reads]),
            np.concatenate([tables.widen(gates.table[~taken], wide, _K), table]),
            np.concatenate([gates.line[~taken], [row[3] for row in self.rows]]).astype(np.int64),
        )


@cache
def _table(kind: int, inverted: tuple[bool, ...]) -> int:
    """Conjunction (0) or parity (1) of the first fan-ins of six."""
    ones = int(tables.ones(_K))
    table = 0 if kind else ones
    for i, complement in enumerate(inverted):
        x = int(tables.variable(_K, i)) ^ (ones if complement else 0)
        table = table ^ x if kind else table & x
    return table
