"""Class sums and argmax as gates: carry-save counters and comparators over planes.

Every operation is a function of three bits, so a target with a three-input instruction needs one
instruction for each: a full adder is two (XOR3 and CARRY), one bit of a comparison is one, one bit
of a selection is one. Bits are literals: complements cost nothing, the next table absorbs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from .. import tables
from ..netlist import Netlist

XOR3 = 0x69
XOR2, AND2, WIRE = 0x3C, 0x03, 0x0F  # of the first two fan-ins, of the first
OR2, ANDN2 = 0x3F, 0x0C
ONE = 0xFF
CARRY = 0x71
"""Of a full adder, from its sum and two of its three bits: these where they agree, else ¬sum."""
MUX = 0x53
"""``first ? second : third``: index 0..3 reads the third fan-in, 4..7 the second."""
GREATER = 0x4D
"""``third is the verdict of the lower bits``: a > b, or a = b and third."""

Literal = int
"""A bit: twice a net's number, plus 1 for its complement."""


@cache
def flipped(table: int, complements: int) -> int:
    """A three-input table that reads complements, the bit 4 >> i of ``complements`` for i."""
    word = np.uint64(table)
    for i in range(3):
        if complements & 4 >> i:
            word = tables.flip(word, 3, i)
    return int(word)


@dataclass
class Gates:
    """A growing list of three-input gates; net numbers start after ``inputs``."""

    inputs: int
    table: list[int] = field(default_factory=list[int])
    fanin: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    def add(
        self, table: int, a: Literal, b: Literal | None = None, c: Literal | None = None
    ) -> Literal:
        """Append a gate and return its output; missing fan-ins repeat the first."""
        b = a if b is None else b
        c = a if c is None else c
        complements = (a & 1) << 2 | (b & 1) << 1 | (c & 1)
        self.table.append(flipped(table, complements) if complements else table)
        self.fanin.append((a >> 1, b >> 1, c >> 1))
        return 2 * (self.inputs + len(self.table) - 1)

    def netlist(self, outputs: list[Literal | None]) -> Netlist:
        """The gates as a netlist; None is a constant 0, which is also the output of none."""
        numbers: list[int] = []
        for output in outputs or [None]:
            if output is None:
                output = self.add(0, 0)
            elif output & 1:
                output = self.add(WIRE, output)
            numbers.append(output >> 1)
        rows = np.array(self.fanin, np.int32).reshape(-1, 3)
        return Netlist(self.inputs, np.array(self.table, np.uint64), rows, numbers)


class Counter:
    """Adds bits of one class, each with a power of two as weight, to a binary number.

    At most two bits wait in a column; a third makes a full adder at once, so that a bit is
    consumed while it is still in a register.
    """

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.columns: list[list[Literal]] = []

    def add(self, bit: Literal, column: int = 0) -> None:
        """Add the bit times ``2**column``."""
        while len(self.columns) <= column:
            self.columns.append([])
        waiting = self.columns[column]
        waiting.append(bit)
        if len(waiting) == 3:
            a, b, c = waiting
            odd = (a ^ b ^ c) & 1
            total = self.gates.add(XOR3, a & ~1, b & ~1, c & ~1) ^ odd
            self.columns[column] = [total]
            # read from the sum, the carry leaves one bit with no further reader, whose register
            # the sum can take: an instruction of three operands overwrites one of them
            self.add(self.gates.add(CARRY, total, b, c), column + 1)

    def add_weighted(self, bit: Literal, weight: int) -> None:
        """Add the bit times ``weight``, a positive number."""
        for column in range(weight.bit_length()):
            if weight >> column & 1:
                self.add(bit, column)

    def finish(self) -> list[Literal | None]:
        """The number, least significant bit first; None stands for 0."""
        column = 0
        while column < len(self.columns):
            waiting = self.columns[column]
            if len(waiting) == 2:
                a, b = waiting
                odd = (a ^ b) & 1
                self.columns[column] = [self.gates.add(XOR2, a & ~1, b & ~1) ^ odd]
                self.add(self.gates.add(AND2, a, b), column + 1)
            column += 1
        return [waiting[0] if waiting else None for waiting in self.columns]


Number = list[Literal | None]
"""Bits, least significant first; None stands for 0."""


def raised(gates: Gates, number: Number, more: int, size: int) -> Number:
    """A number plus a constant of any sign, as ``size`` bits of two's complement."""
    bits = _pad(number, size)[:size]
    if not more:
        return bits
    one = gates.add(ONE, 0)
    result: Number = []
    carry: Literal | None = None
    for place, bit in enumerate(bits):
        # bit + constant + carry, of which one or two may be known to be 0
        given = [x for x in (bit, one if more >> place & 1 else None, carry) if x is not None]
        carry = None
        if len(given) == 3:
            total = gates.add(XOR3, *given)
            carry = gates.add(CARRY, total, *given[1:])
        elif len(given) == 2:
            total, carry = gates.add(XOR2, *given), gates.add(AND2, *given)
        else:
            total = given[0] if given else None
        result.append(total)
    return result


def argmax(gates: Gates, numbers: Sequence[Number]) -> Number:
    """Index of the largest number; the first maximum wins. Neighbours meet, as in a tournament."""
    players = [(list(number), list[Literal | None]()) for number in numbers]
    while len(players) > 1:
        rest = players[len(players) // 2 * 2 :]
        players = [_duel(gates, *pair) for pair in zip(players[::2], players[1::2])]
        # who sits out is the first of a pair to come, with a bit that says so
        players += [(number, [*index, None]) for number, index in rest]
    return players[0][1]


Player = tuple[Number, Number]
"""A number, and the index of where it stands in its part of the row."""


def _duel(gates: Gates, one: Player, other: Player) -> Player:
    """The larger number, and its index in the joined part."""
    wins = _greater(gates, other[0], one[0])
    if wins is None:
        return one[0], [*one[1], None]
    size = max(len(one[0]), len(other[0]))
    number = [_select(gates, wins, x, y) for x, y in zip(_pad(other[0], size), _pad(one[0], size))]
    index = [_select(gates, wins, x, y) for x, y in zip(other[1], one[1])]
    return number, [*index, wins]


def _pad(number: Number, size: int) -> Number:
    return number + [None] * (size - len(number))


def _greater(gates: Gates, left: Number, right: Number) -> Literal | None:
    """Whether left > right, from the lowest bit up; None when it never is."""
    size = max(len(left), len(right))
    verdict: Literal | None = None
    for a, b in zip(_pad(left, size), _pad(right, size)):
        if a is not None and b is not None:
            verdict = (
                gates.add(ANDN2, a, b) if verdict is None else gates.add(GREATER, a, b, verdict)
            )
        elif a is not None:
            verdict = a if verdict is None else gates.add(OR2, a, verdict)
        elif b is not None and verdict is not None:
            verdict = gates.add(ANDN2, verdict, b)
    return verdict


def _select(
    gates: Gates, which: Literal, one: Literal | None, other: Literal | None
) -> Literal | None:
    if one is None:
        return None if other is None else gates.add(ANDN2, other, which)
    return gates.add(AND2, which, one) if other is None else gates.add(MUX, which, one, other)
