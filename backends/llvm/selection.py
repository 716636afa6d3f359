"""Instruction selection: a program whose every gate is one instruction of the machine.

With an instruction for any function of three planes there is nothing to do. Elsewhere gates become
and, and-not, or and xor; complements ride along as literals, since each of the four takes them for
another of the four, so that only complemented outputs cost an instruction.
"""

from __future__ import annotations

from functools import cache

from lgc.narrowing import int_rows, ints
from lgc.netlist import Netlist
from lgc.surgery import tidy

from .arithmetic import AND2, OR2, WIRE, XOR2, XOR3, Gates, Literal
from .machine import Machine

AND_NOT = 0x30
"""~first & second."""

TRUE, FALSE = -1, -2
Value = int
"""A literal, or a constant."""


def select(net: Netlist, machine: Machine) -> Netlist:
    """Rewrite a tidy netlist of three fan-ins into instructions; outputs keep their places."""
    return net if machine.ternary else tidy(_binary(net))


class _Binary:
    """Builds two-input gates, each once."""

    def __init__(self, inputs: int) -> None:
        self.gates = Gates(inputs)
        self.known: dict[tuple[int, int, int], Literal] = {}

    def gate(self, table: int, a: Literal, b: Literal) -> Literal:
        key = (table, a, b)
        if key not in self.known:
            self.known[key] = self.gates.add(table, a, b)
        return self.known[key]

    def both(self, a: Value, b: Value) -> Value:
        """a ∧ b."""
        if FALSE in (a, b) or (a >= 0 and a ^ b == 1):
            return FALSE
        if a in (TRUE, b):
            return b
        if b == TRUE:
            return a
        a, b = (a, b) if a < b else (b, a)
        if a & b & 1:
            return self.gate(OR2, a ^ 1, b ^ 1) ^ 1
        if b & 1:
            a, b = b, a
        return self.gate(AND_NOT, a ^ 1, b) if a & 1 else self.gate(AND2, a, b)

    def either(self, a: Value, b: Value) -> Value:
        """a ∨ b."""
        return _not(self.both(_not(a), _not(b)))

    def differ(self, a: Value, b: Value) -> Value:
        """a ⊕ b."""
        for one, other in ((a, b), (b, a)):
            if one == FALSE:
                return other
            if one == TRUE:
                return _not(other)
        odd = (a ^ b) & 1
        a, b = sorted((a & ~1, b & ~1))
        return (FALSE if a == b else self.gate(XOR2, a, b)) ^ odd

    def three(self, table: int, reads: tuple[Value, Value, Value]) -> Value:
        """Any function of three bits: split at the fan-in that leaves the least to do."""
        a, b, c = reads
        if table in (XOR3, XOR3 ^ 0xFF):
            value = self.differ(self.differ(a, b), c)
            return value if table == XOR3 else _not(value)
        place = _split(table)
        a, b, c = reads[place], *(reads[i] for i in range(3) if i != place)
        low, high = _cofactors(table, place)
        zero, change = self.two(low, b, c), self.two(low ^ high, b, c)
        return self.differ(zero, self.both(a, change))

    def two(self, table: int, a: Value, b: Value) -> Value:
        """Any function of two bits."""
        if table > 7:
            return _not(self.two(table ^ 15, a, b))
        if table in (0, 3, 5):
            return {0: FALSE, 3: a, 5: b}[table]
        if table == 6:
            return self.differ(a, b)
        if table == 7:
            return self.either(a, b)
        return self.both(a if table != 4 else _not(a), b if table != 2 else _not(b))


def _not(value: Value) -> Value:
    return value ^ 1  # also exchanges the constants


def _cofactors(table: int, place: int) -> tuple[int, int]:
    """The tables of the other two fan-ins where fan-in ``place`` is 0 and 1."""
    low = high = 0
    for index in range(8):
        bit = table >> (7 - index) & 1
        if index & 4 >> place:
            high = high << 1 | bit
        else:
            low = low << 1 | bit
    return low, high


@cache
def _split(table: int) -> int:
    """The fan-in to split at: the one whose cofactors and their difference are cheapest."""

    def cost(place: int) -> int:
        low, high = _cofactors(table, place)
        free = (0, 3, 5, 10, 12, 15)
        return (low not in free) + (low ^ high not in free) + (low not in (0, 15))

    return min(range(3), key=cost)


def _binary(net: Netlist) -> Netlist:
    build = _Binary(net.inputs)
    value: list[Value] = [2 * i for i in range(net.inputs)]
    for table, (a, b, c) in zip(ints(net.table), int_rows(net.fanin)):
        if a == b == c:
            value.append({0: FALSE, WIRE: value[a], 0xFF: TRUE}.get(table, value[a] ^ 1))
        elif a == c:
            small = sum((table >> bit & 1) << place for place, bit in enumerate((0, 2, 5, 7)))
            value.append(build.two(small, value[a], value[b]))
        else:
            value.append(build.three(table, (value[a], value[b], value[c])))
    outputs: list[Literal | None] = []
    for output in ints(net.outputs):
        number = value[output]
        outputs.append(None if number == FALSE else number)
        if number == TRUE:
            outputs[-1] = build.gates.add(0xFF, 0)
    return build.gates.netlist(outputs)
