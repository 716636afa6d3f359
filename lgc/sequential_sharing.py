"""The sweep of `lgc.sharing` one gate after another: for netlists of many levels of few gates.

What NumPy does for the gates of a level at once costs half a millisecond a level however few they
are; here a gate costs about a tenth of a microsecond wherever it stands. Both give the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import tables
from .loops import Row, loop
from .netlist import Netlist

Ints = NDArray[np.int64]

STEPS = 40
"""About what one gate costs."""


def take_in_turn(
    net: Netlist, order: NDArray[np.int64], share: bool
) -> tuple[tables.Tables, NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    """Fold the gates in an order in which each comes after those it reads.

    Returns:
        Table and fan-ins of the gates that stand for themselves, of others as they were; which net
        stands for each net, -1 for the constants, and whether it is complemented.
    """
    k = net.k
    table, fanin = net.table.view(np.int64).copy(), net.fanin.astype(np.int64).ravel()
    stands_for, phase = np.arange(net.nets), np.zeros(net.nets, np.int64)
    ones = [int(one) for one in np.array([tables.ones(k)]).view(np.int64)]
    masks = np.array([tables.variable(k, i) for i in range(k)]).view(np.int64)
    slots = np.full(1 << max(4, (2 * net.gates).bit_length()), -1, np.int64)
    places = [np.zeros(k, np.int64) for _ in range(4)]
    _take_in_turn(
        net.gates * STEPS, net.inputs, k, int(share), ones[0], masks, order, table, fanin,
        stands_for, phase, slots, *places,
    )  # fmt: skip
    number = (fanin.reshape(-1, k).astype(np.int32), stands_for.astype(np.int32))
    return table.view(np.uint64), *number, phase > 0


def _read(table: int, word: int, index: int, entries: int, first: bool) -> int:
    """A table that grows from its highest bit by that of another; both may be full words."""
    bit = table >> (entries - 1 - index) & 1
    if first and entries == 64:
        return -bit
    return word << 1 | bit


def _settled(table: int, k: int, stands: Row, turned: Row, same: Row) -> int:
    """The table over what its fan-ins stand for: constants known, equal ones read once."""
    entries = 1 << k
    word = 0
    for entry in range(entries):
        index = 0
        for i in range(k):
            bit = turned[i]
            if stands[i] >= 0:
                bit ^= entry >> (k - 1 - same[i]) & 1
            index = index << 1 | bit
        word = _read(table, word, index, entries, entry == 0)
    return word


def _moved(table: int, k: int, count: int, place: Row) -> int:
    """The table with the fan-ins at ``place`` first; it depends on no others."""
    entries = 1 << k
    word = 0
    for entry in range(entries):
        index = 0
        for i in range(count):
            index |= (entry >> (k - 1 - i) & 1) << (k - 1 - place[i])
        word = _read(table, word, index, entries, entry == 0)
    return word


def _twin(k: int, g: int, table: Row, fanin: Row, slots: Row) -> int:
    """The first gate that has the table and the fan-ins of g; g itself, noted, where none has."""
    place = table[g]
    for i in range(k):
        place = (place ^ fanin[g * k + i]) * 0x1E3779B97F4A7C15
        place ^= place >> 29 & 0x7FFFFFFFF
    place &= len(slots) - 1
    while slots[place] >= 0:
        h = slots[place]
        equal = table[h] == table[g]
        for i in range(k):
            if fanin[h * k + i] != fanin[g * k + i]:
                equal = False
        if equal:
            return h
        place = (place + 1) & (len(slots) - 1)
    slots[place] = g
    return g


@loop(_read, _settled, _moved, _twin)
def _take_in_turn(
    inputs: int, k: int, share: int, ones: int, masks: Row, order: Row, table: Row, fanin: Row,
    stands_for: Row, phase: Row, slots: Row, stands: Row, turned: Row, same: Row, place: Row,
) -> None:  # fmt: skip
    """``masks`` are the tables of the fan-ins themselves; the last four are scratch."""
    for n in range(len(order)):
        g = order[n]
        base, own, settled = g * k, inputs + g, table[g]
        changes = False
        for i in range(k):
            f = fanin[base + i]
            stands[i], turned[i], same[i] = stands_for[f], phase[f], i
            for j in range(i):
                if same[i] == i and stands[j] == stands[i]:
                    same[i] = j
            if stands[i] < 0 or turned[i] or same[i] != i:
                changes = True
        if changes:
            settled = _settled(settled, k, stands, turned, same)
        count = 0
        for i in range(k):
            if (settled ^ settled >> (1 << (k - 1 - i))) & masks[i]:
                at = count
                while share and at > 0 and stands[place[at - 1]] > stands[i]:
                    place[at] = place[at - 1]
                    at -= 1
                place[at] = i
                count += 1
        for i in range(count):
            if place[i] != i:
                settled = _moved(settled, k, count, place)
                break
        if count == 0:
            stands_for[own], phase[own] = -1, settled & 1
            continue
        if count == 1:
            stands_for[own] = stands[place[0]]
            phase[own] = 1 if settled != masks[0] else 0
            continue
        if share and settled >> ((1 << k) - 1) & 1:
            settled, phase[own] = ~settled & ones, 1
        table[g] = settled
        for i in range(k):
            fanin[base + i] = stands[place[min(i, count - 1)]]
        if share:
            stands_for[own] = inputs + _twin(k, g, table, fanin, slots)
