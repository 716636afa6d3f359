"""Any netlist as AND nodes and complements, each distinct node once: what AIGER stores.

Literals follow AIGER: 0 and 1 are the constants, ``2·v`` is variable v, ``2·v + 1`` its
complement. Variables 1 … inputs are the inputs, then come the nodes in topological order.

A table is split at one variable at a time (Shannon), where that seems to take the fewest nodes; a
node that exists is used again (structural hashing). Gates of more than three fan-ins are split by
`lgc.splitting` before that, which sees more than one variable, but counts XOR as one gate: what
takes the fewest nodes stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..loops import Row, loop
from ..netlist import Netlist
from ..splitting import split
from ..surgery import tidy
from ..tables import variable

Literals = NDArray[np.int64]

_MOST = 93
"""Nodes that one gate of six fan-ins takes at most: 3, then twice as many and 3 more."""

_HASH = 1_000_003
_MASK = (1 << 42) - 1


@dataclass(frozen=True, eq=False)
class Ands:
    """AND nodes, all of which reach an output.

    Attributes:
        left, right: int64 ``(n,)``, literals each node reads, ``left >= right``.
        outputs: int64 ``(m,)``, literals.
    """

    inputs: int
    left: Literals
    right: Literals
    outputs: Literals

    @property
    def nodes(self) -> int:
        return len(self.left)


def netlist_of(inputs: int, reads: Literals, outputs: Literals) -> Netlist:
    """A netlist from nodes ``(n, 2)`` of literals in topological order."""
    table = np.array([1, 2, 4, 8])[(reads[:, 0] & 1) * 2 + (reads[:, 1] & 1)]
    fanin = (reads >> 1) - 1
    for side in (0, 1):
        one = reads[:, side] == 1  # a ∧ 1 = a
        table[one] = np.where(side, [3, 12], [5, 10])[reads[one, 1 - side] & 1]
    table[(reads == 1).all(axis=1)] = 15
    table[(reads == 0).any(axis=1)] = 0
    fanin[fanin < 0] = 0
    inverted = np.unique(outputs[(outputs & 1 == 1) & (outputs > 1)])
    constants = np.unique(outputs[outputs < 2])
    extra = np.concatenate([inverted, constants])
    nets = np.concatenate([(inverted >> 1) - 1, np.zeros(len(constants), np.int64)])
    first = inputs + len(reads)
    special = (outputs < 2) | (outputs & 1 == 1)
    order = np.argsort(extra)
    found = np.searchsorted(extra, outputs[special], sorter=order)
    result = (outputs >> 1) - 1
    result[special] = first + order[found]
    return Netlist(
        inputs,
        np.concatenate([table, np.full(len(inverted), 12), 15 * constants]),
        np.concatenate([fanin, np.stack([nets, nets], axis=1)]).astype(np.int32),
        result.astype(np.int32),
    )


def as_ands(net: Netlist) -> Ands:
    """Decompose a netlist; O(gates)."""
    starts = [net] if net.k <= 3 else [net, split(net, 3), split(net, 2)]
    return min(map(_as_ands, starts), key=lambda found: found.nodes)


def _as_ands(net: Netlist) -> Ands:
    net = tidy(net)
    literal = np.zeros(net.nets, np.int64)
    literal[: net.inputs] = 2 + 2 * np.arange(net.inputs)
    table = np.ascontiguousarray(net.table).view(np.int64)
    fanin = np.ascontiguousarray(net.fanin.ravel(), np.int64)
    masks = np.array([int(variable(net.k, i)) for i in range(net.k)])
    care = np.array([(1 << (1 << net.k)) - 1], np.uint64).view(np.int64)[0]
    room = max(net.gates + net.gates // 2, 1024)
    nodes = np.zeros(2 * room, np.int64)
    state = np.zeros(2, np.int64)  # gates done, nodes made
    while state[0] < net.gates:
        slots = np.zeros(1 << int(2 * room - 1).bit_length(), np.int64)
        _decompose(
            8 * net.gates, net.inputs, net.k, int(care), table, fanin, masks, literal, nodes,
            slots, state,
        )  # fmt: skip
        room *= 2
        nodes = np.concatenate([nodes, np.zeros(2 * room - len(nodes), np.int64)])
    reads = nodes[: 2 * state[1]]
    return _alive(net.inputs, reads, literal[net.outputs])


def _alive(inputs: int, reads: Literals, outputs: Literals) -> Ands:
    """The nodes that outputs need, numbered without gaps."""
    live = np.zeros(inputs + 1 + len(reads) // 2, np.int64)
    live[outputs >> 1] = 1
    _mark(len(reads), inputs, reads, live)
    kept = live[inputs + 1 :] == 1
    number = np.arange(len(live))
    number[inputs + 1 :] = inputs + np.cumsum(kept)
    pairs = reads.reshape(-1, 2)[kept]
    pairs = 2 * number[pairs >> 1] + (pairs & 1)
    left, right = pairs.max(axis=1, initial=0), pairs.min(axis=1, initial=1 << 40)
    return Ands(inputs, left, right, 2 * number[outputs >> 1] + (outputs & 1))


@loop()
def _mark(inputs: int, reads: Row, live: Row) -> None:
    for node in range(len(reads) // 2 - 1, -1, -1):
        if live[inputs + 1 + node] == 1:
            live[reads[2 * node] >> 1] = 1
            live[reads[2 * node + 1] >> 1] = 1


def _and(a: int, b: int, first: int, nodes: Row, slots: Row, state: Row) -> int:
    """The literal of a ∧ b. ``slots`` holds 1 + the number of a node."""
    if a < b:
        a, b = b, a
    if b == 0 or a == b ^ 1:
        return 0
    if b == 1 or a == b:
        return a
    slot = ((a * _HASH & _MASK) ^ b) * _HASH & _MASK
    slot = (slot ^ slot >> 21) & (len(slots) - 1)
    while slots[slot] != 0:
        node = slots[slot] - 1
        if nodes[2 * node] == a and nodes[2 * node + 1] == b:
            return 2 * (first + node)
        slot = (slot + 1) & (len(slots) - 1)
    node = state[1]
    slots[slot] = node + 1
    nodes[2 * node] = a
    nodes[2 * node + 1] = b
    state[1] = node + 1
    return 2 * (first + node)


def _split(table: int, care: int, k: int, masks: Row) -> int:
    """The fan-in to split a table at: the one with the fewest nodes, as far as can be seen.

    A half takes at least one node less than the fan-ins it depends on. A table counts only where
    ``care`` is set: at points with ones for all fan-ins that are gone.
    """
    best, found = 1000, 0
    for i in range(k):
        half = care & masks[i]
        low, high = (table >> (1 << (k - 1 - i))) & half, table & half
        if half == care or low == high:
            continue
        reads_low, reads_high = 0, 0
        for j in range(k):
            rest = half & masks[j]
            if rest != half:
                shift = 1 << (k - 1 - j)
                reads_low += (((low >> shift) ^ low) & rest) != 0
                reads_high += (((high >> shift) ^ high) & rest) != 0
        if low ^ high == half:
            cost = 3 + max(reads_low - 1, 0)
        else:
            cost = max(reads_low - 1, 0) + max(reads_high - 1, 0)
            if low == 0 or low == half or high == 0 or high == half:
                cost += 1
            elif low & high == low or low & high == high:
                cost += 2
            else:
                cost += 3
        if cost < best:
            best, found = cost, i
    return found


def _build(
    table: int, care: int, k: int, base: int, first: int, fanin: Row, masks: Row, literal: Row,
    nodes: Row, slots: Row, state: Row,
) -> int:  # fmt: skip
    """The literal of a table over the fan-ins that stand from ``base``."""
    if table == 0:
        return 0
    if table == care:
        return 1
    i = _split(table, care, k, masks)
    x = literal[fanin[base + i]]
    half = care & masks[i]
    low, high = (table >> (1 << (k - 1 - i))) & half, table & half
    f = _build(low, half, k, base, first, fanin, masks, literal, nodes, slots, state)
    if low ^ high == half:  # ¬x∧f ∨ x∧¬f
        a = _and(x, f ^ 1, first, nodes, slots, state)
        b = _and(x ^ 1, f, first, nodes, slots, state)
        return _and(a ^ 1, b ^ 1, first, nodes, slots, state) ^ 1
    g = _build(high, half, k, base, first, fanin, masks, literal, nodes, slots, state)
    if low == 0:
        return _and(x, g, first, nodes, slots, state)
    if high == 0:
        return _and(x ^ 1, f, first, nodes, slots, state)
    if low == half:  # ¬x ∨ g = ¬(x ∧ ¬g)
        return _and(x, g ^ 1, first, nodes, slots, state) ^ 1
    if high == half:  # x ∨ f
        return _and(x ^ 1, f ^ 1, first, nodes, slots, state) ^ 1
    if low & high != low:  # else f implies g, and ¬x∧f ∨ x∧g = f ∨ x∧g
        f = _and(x ^ 1, f, first, nodes, slots, state)
    if low & high != high:
        g = _and(x, g, first, nodes, slots, state)
    return _and(f ^ 1, g ^ 1, first, nodes, slots, state) ^ 1


@loop(_and, _split, _build)
def _decompose(
    inputs: int, k: int, care: int, table: Row, fanin: Row, masks: Row, literal: Row, nodes: Row,
    slots: Row, state: Row,
) -> None:  # fmt: skip
    """Gates from ``state[0]`` on, until there is no more room; ``slots`` is empty at first."""
    first = inputs + 1
    for node in range(state[1]):
        a, b = nodes[2 * node], nodes[2 * node + 1]
        slot = ((a * _HASH & _MASK) ^ b) * _HASH & _MASK
        slot = (slot ^ slot >> 21) & (len(slots) - 1)
        while slots[slot] != 0:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = node + 1
    for gate in range(state[0], len(table)):
        if state[1] + _MOST > len(nodes) // 2:
            return
        literal[inputs + gate] = _build(
            table[gate], care, k, gate * k, first, fanin, masks, literal, nodes, slots, state
        )
        state[0] = gate + 1
