"""Adders for class sums: chains over the bits of a column, made for covering with lookup tables.

A full adder costs two three-input gates, sum and carry, and takes one bit away. Where its bits come
in pairs, as x and p = x ⊕ y, it costs less: with z for the bit that waits,

    sum    z' = z ⊕ p
    carry  c = p ? z : x = p ? ¬z' : x

and two adders in a row need three gates of three inputs, z ⊕ p ⊕ q and both carries, since the
first carry reads z and the second the last sum (Demenkov, Kojevnikov, Kulikov, Yaroslavtsev, "New
upper bounds on the Boolean circuit complexity of symmetric functions", 2010, add pairs so, with
gates of two inputs). What p costs is often nothing: where y is the gate of an output that nobody
else reads, the table of p absorbs it.

So the lowest column is added. Bits of the others are mostly carries, and tables of four inputs add
these for one table each, in a chain that takes them one by one, t = z ⊕ x and z' = t ⊕ y: the carry

    c = t ? ¬z' : z

is a function of three totals that follow one another, and the chain of the next column absorbs it
in the table that adds it. No carry is then computed. A class of n bits takes about 3n/2 tables, n/2
for each of the two lowest columns; full adders take 2n.

The chains are written in gates of two and three inputs that a covering cuts as its tables allow
(see `lgc.covering`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..loops import Row, loop
from .arithmetic import AND2, MUX, ONE, XOR2, Number, flipped

Ints = NDArray[np.int64]

Order = Callable[[Ints], Ints]

STEPS = 20
"""About what one bit costs in a loop."""


@dataclass(frozen=True, eq=False)
class Added:
    """Gates of three fan-ins behind others, and the number that they make.

    Attributes:
        table: int64 ``(gates,)``.
        fanin: int64 ``(gates, 3)``.
    """

    table: Ints
    fanin: Ints
    number: Number


def add_up(
    first: int, literal: Ints, weight: Ints, base: int, order: Order, length: int = 0
) -> Added:
    """A binary number: ``base`` plus the weighted bits.

    Args:
        first: the net that the first new gate is.
        literal: int64 ``(bits,)``, what is added.
        weight: int64 ``(bits,)``, above 0.
        base: not negative.
        order: brings the bits of the lowest column into the order in which they are paired.
        length: most pairs in a chain, whose totals are added up in turn: a circuit of less depth
            and some more gates; 0 for no bound.
    """
    table, fanin = [np.zeros(0, np.int64)], [np.zeros((0, 3), np.int64)]
    made = 0
    if base:
        table.append(np.array([ONE]))
        fanin.append(np.zeros((1, 3), np.int64))
        literal, weight, made = np.append(literal, 2 * first), np.append(weight, base), 1
    places = int(weight.max(initial=0)).bit_length()
    columns = [literal[weight >> place & 1 > 0] for place in range(places)]
    result: Number = []
    place = 0
    while place < len(columns):
        bits = order(columns[place]) if place == 0 else columns[place]
        step = 2 * length + 1 if length else max(1, len(bits))
        while len(bits) > 1:
            new, reads, bits, carries = _column(first + made, bits, step, place > 0)
            table.append(new)
            fanin.append(reads)
            made += len(new)
            if len(carries):
                columns += [carries[:0]] * (place + 2 - len(columns))
                columns[place + 1] = np.concatenate([columns[place + 1], carries])
        result.append(int(bits[0]) if len(bits) else None)
        place += 1
    return Added(np.concatenate(table), np.concatenate(fanin), result)


def _column(first: int, bits: Ints, step: int, singly: bool) -> tuple[Ints, Ints, Ints, Ints]:
    """Chains over the bits of one column: tables and fan-ins, bits that stay, carries."""
    most = 3 * (len(bits) // 2)
    table, fanin = np.zeros(most, np.int64), np.zeros(3 * most, np.int64)
    totals, carries, count = np.zeros_like(bits), np.zeros_like(bits), np.zeros(3, np.int64)
    _chains(
        STEPS * len(bits), first, bits, step, singly, XOR2, _AND2, _MUX, table, fanin, totals,
        carries, count,
    )  # fmt: skip
    gates, left, carried = count.tolist()
    return table[:gates], fanin.reshape(-1, 3)[:gates], totals[:left], carries[:carried]


_AND2, _MUX = (
    np.array([flipped(table, complements) for complements in range(8)]) for table in (AND2, MUX)
)
"""By which of its fan-ins are complemented, the first as 4."""


def _gate(
    first: int, choice: int, a: int, b: int, c: int, table: Row, fanin: Row, count: Row
) -> int:
    """One more gate: its literal."""
    at = count[0]
    table[at] = choice
    fanin[3 * at], fanin[3 * at + 1], fanin[3 * at + 2] = a >> 1, b >> 1, c >> 1
    count[0] = at + 1
    return 2 * (first + at)


@loop(_gate)
def _chains(
    first: int, bits: Row, step: int, singly: int, xor: int, both: Row, mux: Row, table: Row,
    fanin: Row, totals: Row, carries: Row, count: Row,
) -> None:  # fmt: skip
    """Chains over ``step`` bits each; ``count``: gates, bits that stay, carries."""
    for chain in range((len(bits) + step - 1) // step):
        start = chain * step
        end = min(start + step, len(bits))
        at, total, chained = start + 1, bits[start], 0
        if (end - start) % 2 == 0:  # x ∧ y = x ∧ ¬(x ⊕ y)
            x, y = bits[start], bits[start + 1]
            total = _gate(first, xor, x, y, x, table, fanin, count) ^ (x ^ y) & 1
            kind = both[(x & 1) << 2 | (~total & 1) << 1 | x & 1]
            carries[count[2]] = _gate(first, kind, x, total, x, table, fanin, count)
            count[2] = count[2] + 1
            at = start + 2
        while at < end:
            x, y, waits = bits[at], bits[at + 1], total
            # the carry: which ? other : equal, where ``equal`` is one of two bits that are the same
            if singly:
                which = _gate(first, xor, total, x, total, table, fanin, count) ^ (total ^ x) & 1
                total = _gate(first, xor, which, y, which, table, fanin, count) ^ (which ^ y) & 1
                other, equal = total ^ 1, waits
            else:
                which = _gate(first, xor, x, y, x, table, fanin, count) ^ (x ^ y) & 1
                total = _gate(first, xor, waits, which, waits, table, fanin, count)
                total ^= (waits ^ which) & 1
                other, equal = waits, x
                if chained % 2:
                    other = total ^ 1
            kind = mux[(which & 1) << 2 | (other & 1) << 1 | equal & 1]
            carries[count[2]] = _gate(first, kind, which, other, equal, table, fanin, count)
            count[2] = count[2] + 1
            chained += 1
            at += 2
        totals[count[1]] = total
        count[1] = count[1] + 1
