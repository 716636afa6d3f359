"""Conjunctions of many literals at once: gates of two fan-ins in rounds, all groups in step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..netlist import Netlist

Ints = NDArray[np.int64]

_PAIR = np.array([1, 2, 4, 8], np.uint64)
"""a ∧ b, by whether the complement of a and of b is meant."""


class Gates:
    """Gates over so many inputs. A literal is twice a net, and 1 more for its complement."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.nets = inputs
        self._table: list[NDArray[np.uint64]] = []
        self._fanin: list[Ints] = []

    def _add(self, table: NDArray[np.uint64], fanin: Ints) -> Ints:
        """Add gates; their literals."""
        self._table.append(table)
        self._fanin.append(fanin)
        self.nets += len(table)
        return 2 * np.arange(self.nets - len(table), self.nets)

    def all_of(self, literal: Ints, group: Ints, groups: int) -> Ints:
        """The conjunction of the literals of each group, int64 ``(groups,)``; 1 of an empty one.

        Args:
            group: number of the group of each literal, not falling.
        """
        while True:
            first = np.searchsorted(group, group)
            place = np.arange(len(group)) - first
            size = np.searchsorted(group, group, "right") - first
            left = np.flatnonzero((place % 2 == 0) & (place + 1 < size))
            if not len(left):
                break
            a, b = literal[left], literal[left + 1]
            kind = (a & 1) * 2 + (b & 1)
            literal = literal.copy()
            literal[left] = self._add(_PAIR[kind], np.stack([a >> 1, b >> 1], axis=1))
            kept = np.ones(len(group), np.bool_)
            kept[left + 1] = False
            literal, group = literal[kept], group[kept]
        found = np.full(groups, -1, np.int64)
        found[group] = literal
        if (found < 0).any():
            found[found < 0] = self._add(np.array([15], np.uint64), np.zeros((1, 2), np.int64))[0]
        return found

    def any_of(self, literal: Ints, group: Ints, groups: int) -> Ints:
        """The disjunction, 0 of an empty group: ¬(¬a ∧ ¬b ∧ …)."""
        return self.all_of(literal ^ 1, group, groups) ^ 1

    def netlist(self, literal: Ints) -> Netlist:
        """The netlist that gives some literals."""
        inverted = np.flatnonzero(literal & 1)
        distinct, place = np.unique(literal[inverted] >> 1, return_inverse=True)
        output = literal >> 1
        if len(distinct):
            fanin = np.stack([distinct, distinct], axis=1)
            made = self._add(np.full(len(distinct), 12, np.uint64), fanin)
            output[inverted] = made[place] >> 1
        table = np.concatenate([np.zeros(0, np.uint64), *self._table])
        fanin = np.concatenate([np.zeros((0, 2), np.int64), *self._fanin])
        return Netlist(self.inputs, table, fanin.astype(np.int32), output.astype(np.int32))
