"""Growing netlists by rows of literals, and class sums over literals.

A literal is twice a net's number, plus 1 for its complement: complements cost nothing, the table
that reads them absorbs them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .netlist import Netlist

Ints = NDArray[np.int64]

AND = np.array([1, 2, 4, 8])
OR = np.array([7, 11, 13, 14])
"""Tables by which fan-ins are complemented, the first as 2."""


class Gates:
    """Gates of two fan-ins behind ``inputs`` bits, many added at a time."""

    def __init__(self, inputs: int) -> None:
        self.inputs, self.nets = inputs, inputs
        self._table = [np.zeros(0, np.int64)]
        self._fanin = [np.zeros((0, 2), np.int64)]

    def add(self, kind: Ints, a: Ints, b: Ints) -> Ints:
        """A gate of a kind, `AND` or `OR`, for each pair of literals: their literals."""
        self._table.append(kind[(a & 1) << 1 | b & 1])
        self._fanin.append(np.stack([a >> 1, b >> 1], axis=1))
        made = 2 * np.arange(self.nets, self.nets + len(a))
        self.nets += len(a)
        return made

    def conjunctions(self, literal: Ints, product: Ints) -> Ints:
        """The conjunction of the literals of each product, by balanced trees.

        Args:
            product: which one each literal belongs to, in rising order, none without literals.

        Returns:
            One literal for each product.
        """
        while len(literal) > 1:
            place = np.arange(len(product)) - np.searchsorted(product, product)
            first = (place % 2 == 0) & (np.append(product[1:], -1) == product)
            if not first.any():
                break
            at = np.flatnonzero(first)
            literal = literal.copy()
            literal[at] = self.add(AND, literal[at], literal[at + 1])
            stays = np.ones(len(literal), np.bool_)
            stays[at + 1] = False
            literal, product = literal[stays], product[stays]
        return literal

    def netlist(self, outputs: Ints) -> Netlist:
        """All gates, with these nets as outputs."""
        table, fanin = np.concatenate(self._table), np.concatenate(self._fanin)
        return Netlist(self.inputs, table, fanin.astype(np.int32), outputs)


@dataclass(frozen=True, eq=False)
class Sum:
    """Class sums over nets.

    Attributes:
        net, group, weight: int64 ``(terms,)``, at least one.
        offset: int64 ``(scores,)``.
    """

    net: Ints
    group: Ints
    weight: Ints
    offset: Ints


def weigh(literal: Ints, group: Ints, weight: Ints, offset: Ints) -> Sum:
    """Class sums over literals: w·¬b = w − w·b. Without a term, net 0 counts 0."""
    more = np.zeros_like(offset)
    np.add.at(more, group, (literal & 1) * weight)
    if not len(literal):
        literal = group = weight = np.zeros(1, np.int64)
    return Sum(literal >> 1, group, np.where(literal & 1, -weight, weight), offset + more)
