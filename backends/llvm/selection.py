"""Instruction selection: a program whose every gate is one instruction of the machine.

With an instruction for any function of three planes there is nothing to do. Elsewhere gates become
and, and-not, or and xor; complements ride along as literals, since each of the four takes them for
another of the four, so that only complemented outputs cost an instruction. A full adder is five
instructions; on a machine that selects between planes, which gets `SELECT` too, it is three.
"""

from __future__ import annotations

from functools import cache
from itertools import product

from lgc.guards import int_rows, ints
from lgc.netlist import Netlist
from lgc.sums.arithmetic import AND2, MUX, OR2, WIRE, XOR2, XOR3, Gates, Literal
from lgc.surgery import tidy

from .machine import Machine

AND_NOT = 0x30
"""~first & second."""
SELECT = MUX
"""first ? second : third."""

TRUE, FALSE = -1, -2
Value = int
"""A literal, or a constant."""


def select(net: Netlist, machine: Machine) -> Netlist:
    """Rewrite a tidy netlist of three fan-ins into instructions; outputs keep their places."""
    return net if machine.ternary else tidy(_binary(net, machine.selects))


class _Binary:
    """Builds two-input gates, and selections where there are such, each once."""

    def __init__(self, inputs: int, selects: bool) -> None:
        self.gates = Gates(inputs)
        self.selects = selects
        self.known: dict[tuple[int, ...], Literal] = {}

    def gate(self, table: int, *reads: Literal) -> Literal:
        key = (table, *reads)
        if key not in self.known:
            self.known[key] = self.gates.add(table, *reads)
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
        free = self.free_difference(a, b)
        if free is None:
            low, high = sorted((a & ~1, b & ~1))
            return self.gate(XOR2, low, high) ^ (a ^ b) & 1
        return free

    def free_difference(self, a: Value, b: Value) -> Value | None:
        """a ⊕ b where it costs nothing: a gate there is already, or (u ⊕ v) ⊕ v = u."""
        odd = (a ^ b) & 1
        a, b = sorted((a & ~1, b & ~1))
        if a == b:
            return FALSE ^ odd
        for one, other in ((a, b), (b, a)):
            gate = (one >> 1) - self.gates.inputs
            if gate >= 0 and self.gates.table[gate] == XOR2:
                u, v, _ = self.gates.fanin[gate]
                if other >> 1 in (u, v):
                    return 2 * (u + v - (other >> 1)) ^ odd
        known = self.known.get((XOR2, a, b))
        return None if known is None else known ^ odd

    def three(self, table: int, reads: tuple[Value, Value, Value]) -> Value:
        """Any function of three bits: split at the fan-in that leaves the least to do."""
        a, b, c = reads
        if table in (XOR3, XOR3 ^ 0xFF):
            value = self.differ(self.differ(a, b), c)
            return value if table == XOR3 else _not(value)
        if table in _MAJORITIES and min(reads) >= 0:
            ways = [
                tuple(reads[literal >> 1] ^ literal & 1 for literal in way)
                for way in _MAJORITIES[table]
            ]
            x, y, one, zero = min(ways, key=self.majority_cost)
            return self.choose(self.differ(x, y), one, zero)
        place, select = _split(table, self.selects)
        a, b, c = reads[place], *(reads[i] for i in range(3) if i != place)
        low, high = _cofactors(table, place)
        zero = self.two(low, b, c)
        if select:
            return self.choose(a, self.two(high, b, c), zero)
        return self.differ(zero, self.both(a, self.two(low ^ high, b, c)))

    def majority_cost(self, way: tuple[Literal, ...]) -> int:
        """Instructions of a way in `_MAJORITIES`, beyond those of every way."""
        x, y, one, zero = way
        return (self.free_difference(x, y) is None) + (self.selects and (one ^ zero) & 1)

    def choose(self, a: Value, one: Value, zero: Value) -> Value:
        """a ? one : zero."""
        constant = min(a, one, zero) < 0
        alike = (one ^ zero) < 2 or a >> 1 in (one >> 1, zero >> 1)
        if not self.selects or constant or alike:
            return self.differ(zero, self.both(a, self.differ(zero, one)))
        if a & 1:  # ¬a ? one : zero = a ? zero : one
            a, one, zero = a ^ 1, zero, one
        if one & zero & 1:
            return self.choose(a, one ^ 1, zero ^ 1) ^ 1
        return self.gate(SELECT, a, self.plain(one), self.plain(zero))

    def plain(self, a: Literal) -> Literal:
        """The same bit, its complement computed if it is one."""
        return self.gate(WIRE, a) if a & 1 else a

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


def _majorities() -> dict[int, list[tuple[Literal, ...]]]:
    """The ways to compute a majority of three bits or complements: x ⊕ y ? one : zero.

    Where two bits differ the third decides, else they do. By table; x, y, one and zero are twice a
    fan-in, plus 1 for its complement. A full adder has such a difference already.
    """
    found: dict[int, list[tuple[Literal, ...]]] = {}
    for x, y, third in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        signed = [2 * x, 2 * y, 2 * x + 1, 2 * y + 1]
        pairs = list(product(signed, (2 * third, 2 * third + 1)))
        for one, zero in pairs + [(zero, one) for one, zero in pairs]:
            table = 0
            for index in range(8):
                bits = index >> 2, index >> 1 & 1, index & 1
                chosen = one if bits[x] ^ bits[y] else zero
                table = table << 1 | bits[chosen >> 1] ^ chosen & 1
            found.setdefault(table, []).append((2 * x, 2 * y, one, zero))
    return found


_MAJORITIES = _majorities()


@cache
def _split(table: int, selects: bool) -> tuple[int, bool]:
    """The fan-in to split at, and whether the halves are selected: what costs least.

    f = a ? f1 : f0 = f0 ⊕ a ∧ (f0 ⊕ f1)
    """

    def cost(place: int, select: bool) -> int:
        low, high = _cofactors(table, place)
        if select:
            return 1 + sum(part not in _FREE for part in (low, high)) + _complements(low, high)
        change = low ^ high
        return (low not in _FREE) + (change not in _FREE) + (low not in (0, 15)) + 1

    ways = [(place, select) for select in (False, True)[: 1 + selects] for place in range(3)]
    return min(ways, key=lambda way: cost(*way))


_FREE = (0, 3, 5, 10, 12, 15)
"""Functions of two bits that are constants, one of them, or its complement."""


def _complements(low: int, high: int) -> int:
    """Instructions that complement a side of a selection: where only one is complemented."""
    inverted = [part in (10, 12) for part in (low, high)]
    return 8 if {low, high} & {0, 15} else int(inverted[0] != inverted[1])


def _binary(net: Netlist, selects: bool) -> Netlist:
    build = _Binary(net.inputs, selects)
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
