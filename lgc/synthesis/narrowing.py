"""Splitting: gates of three to six fan-ins as gates of two.

A function is split at a variable x where that takes one gate, g(x, h), if there is such a variable;
else by Shannon, x ∧ f₁ ∨ ¬x ∧ f₀, or by Davio, f₀ ⊕ x ∧ (f₀ ⊕ f₁), whichever leaves functions of
fewer variables. What two branches share is built once. Each table is split once, whatever the
number of gates that have it.
"""

from __future__ import annotations

import numpy as np

from .. import tables
from ..netlist import Netlist
from ..surgery import tidy, widen

Signal = tuple[int, bool]
"""An operand, a fan-in or after these a gate, and whether it is complemented."""

AND, XOR, OR = 1, 6, 7


def narrow(net: Netlist) -> Netlist:
    """The same function in gates of two fan-ins; what has two or fewer stays one gate."""
    if net.k <= 2:
        return widen(net, 2)
    net = tidy(net)
    distinct, which = np.unique(net.table, return_inverse=True)
    split = [_Split(int(table), net.k) for table in distinct]
    length = np.array([len(one.gates) for one in split], np.int64)
    rows = np.array([gate for one in split for gate in one.gates], np.int64).reshape(-1, 3)
    first = np.cumsum(length) - length

    count = length[which]
    begin = net.inputs + np.cumsum(count) - count
    gate = np.repeat(np.arange(net.gates), count)
    step = rows[first[which][gate] + np.arange(len(gate)) - (begin - net.inputs)[gate]]
    number = np.concatenate([np.arange(net.inputs), begin + count - 1])
    fanin = np.zeros((len(gate), 2), np.int64)
    for i in range(2):
        operand = step[:, 1 + i]
        outside = number[net.fanin[gate, np.minimum(operand, net.k - 1)]]
        fanin[:, i] = np.where(operand < net.k, outside, begin[gate] + operand - net.k)
    return Netlist(net.inputs, step[:, 0], fanin, number[net.outputs])


class _Split:
    """The gates of a table: rows of a two-input table and its operands; the last is the result."""

    def __init__(self, table: int, k: int) -> None:
        self.k, self.ones = k, int(tables.ones(k))
        self.gates: list[tuple[int, int, int]] = []
        self.made: dict[int, Signal] = {}
        for i in range(k):
            variable = int(tables.variable(k, i))
            self.made[variable], self.made[variable ^ self.ones] = (i, False), (i, True)
        support = self._support(table)
        one = table & 1  # f(1, …, 1)
        if len(support) > 1:
            self.build(table)
        elif support:  # after `tidy` the first fan-in
            self.gates.append((3 if one else 12, 0, 0))
        else:
            self.gates.append((15 * one, 0, 0))

    def build(self, table: int) -> Signal:
        """The signal that computes a table that is not constant."""
        if table in self.made:
            return self.made[table]
        support = self._support(table)
        if len(support) == 2:
            values = [self._at(table, support, index) for index in range(4)]
            gate = int("".join(map(str, values)), 2)
            return self._gate(table, gate, (support[0], False), (support[1], False))
        best: tuple[int, int, bool] | None = None
        for x in support:
            low, high = self._cofactor(table, x, 0), self._cofactor(table, x, 1)
            other = low ^ high
            for part, rest, form in (
                (low, high, AND if low == 0 else 13),  # x ∧ f₁, ¬x ∨ f₁
                (high, low, 4 if high == 0 else OR),  # ¬x ∧ f₀, x ∨ f₀
                (other, low, XOR),  # x ⊕ f₀
            ):
                if part in (0, self.ones) and (form != XOR or part):
                    return self._gate(table, form, (x, False), self.build(rest))
            sizes = [len(self._support(part)) for part in (low, high, other)]
            for size, shannon in ((sizes[0] + sizes[1], True), (sizes[0] + sizes[2], False)):
                if best is None or size < best[0]:
                    best = (size, x, shannon)
        assert best is not None
        _, x, shannon = best
        low, high = self._cofactor(table, x, 0), self._cofactor(table, x, 1)
        variable = int(tables.variable(self.k, x))
        if shannon:
            upper, lower = high & variable, low & ~variable & self.ones
            one = self._gate(upper, AND, (x, False), self.build(high))
            return self._gate(table, OR, one, self._gate(lower, 4, (x, False), self.build(low)))
        part = (low ^ high) & variable
        one = self._gate(part, AND, (x, False), self.build(low ^ high))
        return self._gate(table, XOR, one, self.build(low))

    def _gate(self, table: int, gate: int, one: Signal, other: Signal) -> Signal:
        """A new gate over two signals, whose complements its table absorbs."""
        if table not in self.made:
            word = np.uint64(gate)
            for i, (_, negated) in enumerate((one, other)):
                word = tables.flip(word, 2, i) if negated else word
            signal = self.k + len(self.gates)
            self.gates.append((int(word), one[0], other[0]))
            self.made[table], self.made[table ^ self.ones] = (signal, False), (signal, True)
        return self.made[table]

    def _cofactor(self, table: int, x: int, value: int) -> int:
        mask, stride = int(tables.variable(self.k, x)), 1 << (self.k - 1 - x)
        half = table & mask if value else table >> stride & mask
        return half | half << stride

    def _support(self, table: int) -> list[int]:
        every = range(self.k)
        return [x for x in every if self._cofactor(table, x, 0) != self._cofactor(table, x, 1)]

    def _at(self, table: int, support: list[int], index: int) -> int:
        """The value where the two variables of the support are the bits of an index."""
        for place, x in enumerate(support):
            table = self._cofactor(table, x, index >> (1 - place) & 1)
        return table & 1
