"""Twins become one gate, and every gate stays the gate it is.

Unlike `lgc.sharing`, which lets readers absorb an inverter, a net here stands only for itself: a
gate of a basis keeps its table. What reads equal nets and gives one of them is dropped, and so is
the inverter of an inverter.
"""

from __future__ import annotations

import numpy as np

from .. import tables
from ..loops import Row, loop
from ..netlist import Netlist
from ..surgery import keep, live_gates


def merge(net: Netlist) -> Netlist:
    """The same function in some of the same gates, dead ones left out."""
    k = net.k
    stands_for = np.arange(net.nets)
    fanin = net.fanin.astype(np.int64).ravel()
    swaps, idle = (np.zeros(net.gates, np.int64) for _ in range(2))
    for i in range(k):
        idle |= ~tables.depends(net.table, k, i) * np.int64(1 << i)
        if i:
            swaps |= (tables.swap(net.table, k, i - 1, i) == net.table) * np.int64(1 << i)
    size = 1 << (2 * net.gates + 1).bit_length()
    _merge(
        net.gates * 40, net.inputs, k, net.table.view(np.int64), swaps, idle, fanin,
        stands_for,        np.full(size, -1, np.int64), np.full(net.nets, -1, np.int64),
        np.full(net.nets, -1, np.int64), np.full(net.nets, -1, np.int64),
    )  # fmt: skip
    outputs = stands_for[net.outputs]
    merged = Netlist(net.inputs, net.table, fanin.reshape(-1, k), outputs)
    return keep(merged, live_gates(merged))


@loop()
def _merge(
    inputs: int, k: int, table: Row, swaps: Row, idle: Row, fanin: Row, stands_for: Row,
    slots: Row, inverter: Row, inverts: Row, constant: Row,
) -> None:  # fmt: skip
    """``swaps`` has bit i where fan-ins i - 1 and i may change places, ``idle`` where fan-in i does
    not matter; ``inverter`` is the net that complements each net, ``inverts`` the net that each one
    complements, ``constant`` its value; -1 where there is none."""
    size = 1 << k
    zero, one = -1, -1
    for g in range(len(table)):
        v = inputs + g
        base = g * k
        for i in range(k):
            fanin[base + i] = stands_for[fanin[base + i]]
        for i in range(1, k):  # ascending, as far as the table allows
            j = i
            while j > 0 and swaps[g] >> j & 1 and fanin[base + j - 1] > fanin[base + j]:
                larger = fanin[base + j - 1]
                fanin[base + j - 1], fanin[base + j] = fanin[base + j], larger
                j -= 1
        for i in range(1, k):
            if idle[g] >> i & 1:
                fanin[base + i] = fanin[base]
        # over all values that the fan-ins can have: is the result one of them, its complement
        # or a constant?
        same, unlike, values = size - 1, size - 1, 0
        for index in range(size):
            possible = True
            for i in range(k):
                x = index >> (k - 1 - i) & 1
                known = constant[fanin[base + i]]
                if known >= 0 and known != x:
                    possible = False
                for j in range(i):
                    if fanin[base + i] == fanin[base + j] and x != index >> (k - 1 - j) & 1:
                        possible = False
            if possible:
                result = table[g] >> (size - 1 - index) & 1
                values |= 1 << result
                for i in range(k):
                    if index >> (k - 1 - i) & 1 == result:
                        unlike &= ~(1 << i)
                    else:
                        same &= ~(1 << i)
        if values == 1:
            if zero >= 0:
                stands_for[v] = zero
                continue
            zero, constant[v] = v, 0
        elif values == 2:
            if one >= 0:
                stands_for[v] = one
                continue
            one, constant[v] = v, 1
        else:
            found = -1
            for i in range(k):
                if same >> i & 1 and found < 0:
                    found = fanin[base + i]
            if found >= 0:
                stands_for[v] = found
                continue
            for i in range(k):
                if unlike >> i & 1 and found < 0:
                    found = fanin[base + i]
            if found >= 0:
                if inverts[found] >= 0:
                    stands_for[v] = inverts[found]
                    continue
                if inverter[found] >= 0:
                    stands_for[v] = inverter[found]
                    continue
                inverter[found], inverts[v] = v, found
                continue
        place = table[g]
        for i in range(k):
            place = (place ^ fanin[base + i]) * 0x1E3779B97F4A7C15
            place ^= place >> 29 & 0x7FFFFFFFF
        place &= len(slots) - 1
        while slots[place] >= 0:
            h = slots[place]
            equal = table[h] == table[g]
            for i in range(k):
                if fanin[h * k + i] != fanin[base + i]:
                    equal = False
            if equal:
                stands_for[v] = stands_for[inputs + h]
                break
            place = (place + 1) & (len(slots) - 1)
        if slots[place] < 0:
            slots[place] = g
