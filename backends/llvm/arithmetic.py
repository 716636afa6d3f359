"""Class sums and argmax as gates: carry-save counters and comparators over planes.

Every operation is a function of three bits, so a target with a three-input instruction needs one
instruction for each: a full adder is two (XOR3 and MAJ), one bit of a comparison is one, one bit
of a selection is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

XOR3, MAJORITY = 0x69, 0x17
XOR2, AND2, NOT1 = 0x3C, 0x03, 0xF0  # of the first two fan-ins, of the first
OR2, ANDN2 = 0x3F, 0x0C
MUX = 0x53
"""``first ? second : third``: index 0..3 reads the third fan-in, 4..7 the second."""
GREATER = 0x4D
"""``third is the verdict of the lower bits``: a > b, or a = b and third."""
ZERO, ONE = 0x00, 0xFF


@dataclass
class Gates:
    """A growing list of three-input gates; net numbers start after ``inputs``."""

    inputs: int
    table: list[int] = field(default_factory=list[int])
    fanin: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    def add(self, table: int, a: int, b: int | None = None, c: int | None = None) -> int:
        """Append a gate and return its net; missing fan-ins repeat the first."""
        self.table.append(table)
        self.fanin.append((a, a if b is None else b, a if c is None else c))
        return self.inputs + len(self.table) - 1


class Counter:
    """Adds bits of one class, each with a power of two as weight, to a binary number.

    At most two nets wait in a column; a third makes a full adder at once, so that a bit is
    consumed while it is still in a register.
    """

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.columns: list[list[int]] = []

    def add(self, net: int, column: int = 0) -> None:
        """Add the bit ``net`` times ``2**column``."""
        while len(self.columns) <= column:
            self.columns.append([])
        waiting = self.columns[column]
        waiting.append(net)
        if len(waiting) == 3:
            a, b, c = waiting
            self.columns[column] = [self.gates.add(XOR3, a, b, c)]
            self.add(self.gates.add(MAJORITY, a, b, c), column + 1)

    def add_weighted(self, net: int, weight: int) -> None:
        """Add the bit ``net`` times ``weight``, a positive number."""
        for column in range(weight.bit_length()):
            if weight >> column & 1:
                self.add(net, column)

    def finish(self) -> list[int | None]:
        """The number, least significant bit first; None stands for 0."""
        column = 0
        while column < len(self.columns):
            waiting = self.columns[column]
            if len(waiting) == 2:
                a, b = waiting
                self.columns[column] = [self.gates.add(XOR2, a, b)]
                self.add(self.gates.add(AND2, a, b), column + 1)
            column += 1
        return [waiting[0] if waiting else None for waiting in self.columns]


def argmax(gates: Gates, numbers: list[list[int | None]]) -> list[int | None]:
    """Index of the largest number as bits, least significant first; the first maximum wins."""
    best = numbers[0]
    index: list[int | None] = [None] * (len(numbers) - 1).bit_length()
    for place, number in enumerate(numbers[1:], 1):
        wins = _greater(gates, number, best)
        if wins is None:
            continue
        size = max(len(best), len(number))
        best = [
            _select(gates, wins, one, other)
            for one, other in zip(_pad(number, size), _pad(best, size))
        ]
        for bit, known in enumerate(index):
            if place >> bit & 1:
                index[bit] = wins if known is None else gates.add(OR2, wins, known)
            elif known is not None:
                index[bit] = gates.add(ANDN2, known, wins)
    return index


def _pad(number: list[int | None], size: int) -> list[int | None]:
    return number + [None] * (size - len(number))


def _greater(gates: Gates, left: list[int | None], right: list[int | None]) -> int | None:
    """Whether left > right, from the lowest bit up; None when it never is."""
    size = max(len(left), len(right))
    verdict: int | None = None
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


def _select(gates: Gates, which: int, one: int | None, other: int | None) -> int | None:
    if one is None:
        return None if other is None else gates.add(ANDN2, other, which)
    return gates.add(AND2, which, one) if other is None else gates.add(MUX, which, one, other)
