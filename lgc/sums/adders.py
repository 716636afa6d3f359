"""Adders for class sums: chains over pairs of bits, made for covering with lookup tables.

A full adder costs two three-input gates, sum and carry, and takes one bit away. Where its bits come
in pairs, as x and p = x ⊕ y, it costs less: with z for the bit that waits,

    sum    z' = z ⊕ p
    carry  c = p ? z : x = p ? ¬z' : x

and two adders in a row need three gates of three inputs, z ⊕ p ⊕ q and both carries, since the
first carry reads z and the second the last sum (Demenkov, Kojevnikov, Kulikov, Yaroslavtsev, "New
upper bounds on the Boolean circuit complexity of symmetric functions", 2010, add pairs so, with
gates of two inputs). What p costs is often nothing: where y is the gate of an output that nobody
else reads, the table of p absorbs it; a table of four inputs also absorbs the carry that y is. The
chain is written in gates of two and three inputs that a covering cuts as its tables allow (see
`lgc.covering`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .arithmetic import AND2, MUX, ONE, XOR2, Gates, Literal, Number

Order = Callable[[list[Literal]], list[Literal]]


def number(
    gates: Gates,
    terms: Sequence[tuple[Literal, int]],
    base: int,
    order: Order,
    length: int = 0,
) -> Number:
    """A binary number: ``base`` plus the weighted bits.

    Args:
        gates: what to build in.
        terms: bits with their weights, above 0.
        base: not negative.
        order: brings the bits of the lowest column into the order in which they are paired.
        length: most pairs in a chain, whose totals are added up in turn: a circuit of less depth
            and some more gates; 0 for no bound.
    """
    columns: list[list[Literal]] = []
    constant = [(gates.add(ONE, 0), base)] if base else []
    for bit, weight in [*terms, *constant]:
        columns += [[] for _ in range(weight.bit_length() - len(columns))]
        for place in range(weight.bit_length()):
            if weight >> place & 1:
                columns[place].append(bit)
    result: Number = []
    place = 0
    while place < len(columns):
        bits = order(columns[place]) if place == 0 else columns[place]
        step = 2 * length + 1 if length else max(1, len(bits))
        while len(bits) > 1:
            totals: list[Literal] = []
            for first in range(0, len(bits), step):
                total, carries = _chain(gates, bits[first : first + step])
                totals.append(total)
                if carries:
                    columns += [[]] * (place + 2 - len(columns))
                    columns[place + 1] = columns[place + 1] + carries
            bits = totals
        result.append(bits[0] if bits else None)
        place += 1
    return result


def _chain(gates: Gates, bits: list[Literal]) -> tuple[Literal, list[Literal]]:
    """Bits of one column: the bit that stays and the carries."""
    carries: list[Literal] = []
    half: list[Literal] = []
    if len(bits) % 2:
        total, start = bits[0], 1
    else:  # x ∧ y = x ∧ ¬(x ⊕ y)
        total, start = _xor(gates, bits[0], bits[1]), 2
        half.append(gates.add(AND2, bits[0], total ^ 1))
    for first in range(start, len(bits), 2):
        x, y = bits[first : first + 2]
        pair = _xor(gates, x, y)
        before, total = total, _xor(gates, total, pair)
        waits = total ^ 1 if len(carries) % 2 else before
        carries.append(gates.add(MUX, pair, waits, x))
    return total, carries + half


def _xor(gates: Gates, a: Literal, b: Literal) -> Literal:
    return gates.add(XOR2, a & ~1, b & ~1) ^ ((a ^ b) & 1)
