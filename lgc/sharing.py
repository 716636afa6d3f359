"""One forward sweep that folds gates and, if asked, merges twins: `fold` and `strash`.

Every net is represented as (representative, phase): the net that stands for it, and whether it
is that net's complement. Inverters and buffers therefore vanish into the tables of their readers,
and a complemented twin costs nothing. Only outputs may need a real inverter in the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from . import tables
from .levels import levels, slices
from .netlist import Netlist
from .sequential_sharing import take_in_turn

CONSTANT = -1
"""Representative of the constants; phase 1 is the constant one."""

_FREE = np.iinfo(np.int32).max  # sorts unused fan-ins last


def sweep(net: Netlist, *, share: bool) -> Netlist:
    """Rewrite ``net`` in one pass over its levels, O(gates), keeping topological order.

    Constants are propagated, buffers and inverters dropped, gates that read one net twice or with
    its complement simplified. With ``share``, gates that compute the same function of the same
    nets become one, operands swapped or result complemented included. Both in one sweep reach
    their common fixed point: every gate sees its fan-ins in their final form.
    """
    runs = slices(net.inputs, net.fanin)
    if runs is not None:
        state = _State(net, share)
        for start, stop in runs:
            state.take(np.arange(start, stop))
        return _finish(net, state.table, state.fanin, state.stands_for, state.phase)
    order = np.argsort(levels(net.inputs, net.fanin), kind="stable")
    return _finish(net, *take_in_turn(net, order, share), order)


@dataclass
class _State:
    net: Netlist
    share: bool
    stands_for: NDArray[np.int32] = field(init=False)
    phase: NDArray[np.bool_] = field(init=False)
    table: tables.Tables = field(init=False)
    fanin: NDArray[np.int32] = field(init=False)
    twins: _Twins = field(init=False)

    def __post_init__(self) -> None:
        net = self.net
        self.stands_for = np.arange(net.nets, dtype=np.int32)
        self.phase = np.zeros(net.nets, np.bool_)
        self.table = net.table.copy()
        self.fanin = net.fanin.copy()
        self.twins = _Twins(self.table, self.fanin) if self.share else _NO_TWINS

    def take(self, gates: NDArray[np.int64]) -> None:
        """Process gates that do not read one another."""
        net = self.net
        reads = net.fanin[gates]
        fanin, phase, table = (
            self.stands_for[reads],
            self.phase[reads],
            net.table[gates],
        )
        for i in range(net.k):
            table = np.where(phase[:, i], tables.flip(table, net.k, i), table)
        own = gates + net.inputs
        table, fanin, used = _simplify(table, fanin, net.k, ascending=self.share)
        constant, alias = used == 0, used == 1
        self.stands_for[own[constant]] = CONSTANT
        self.phase[own[constant]] = table[constant] & np.uint64(1) != 0
        self.stands_for[own[alias]] = fanin[alias, 0]
        self.phase[own[alias]] = table[alias] != tables.variable(net.k, 0)
        kept = used > 1
        gates, own, table, fanin = gates[kept], own[kept], table[kept], fanin[kept]
        if self.share:
            top = np.uint64((1 << net.k) - 1)
            complement = table >> top != 0  # f(0, …, 0) = 1
            table = np.where(complement, table ^ tables.ones(net.k), table)
            self.phase[own] = complement
        self.table[gates], self.fanin[gates] = table, fanin
        if self.share:
            first = self.twins.merge(gates)
            self.stands_for[own] = first + net.inputs


def _finish(
    net: Netlist,
    table: tables.Tables,
    fanin: NDArray[np.int32],
    stands_for: NDArray[np.int32],
    phase: NDArray[np.bool_],
    order: NDArray[np.int64] | None = None,
) -> Netlist:
    """Keep the representatives, settle their phases, add what the outputs need.

    Args:
        order: in which gates were taken, by level; None for that of the netlist.
    """
    k = net.k
    reads, negated = stands_for[net.outputs], phase[net.outputs]
    real = reads != CONSTANT
    positive = np.zeros(net.nets, np.bool_)
    negative = np.zeros(net.nets, np.bool_)
    positive[reads[real & ~negated]] = True
    negative[reads[real & negated]] = True

    # A gate that leaves only complemented is stored complemented; its readers absorb it.
    stored = negative & ~positive
    stored[: net.inputs] = False
    for i in range(k):
        flipped = tables.flip(table, k, i)
        table = np.where(stored[fanin[:, i]], flipped, table)
    own = stored[net.inputs :]
    table = np.where(own, table ^ tables.ones(k), table)

    kept = np.flatnonzero(stands_for[net.inputs :] == np.arange(net.inputs, net.nets))
    if order is not None and (fanin[kept] >= (kept + net.inputs)[:, None]).any():
        # a gate stands for one that came earlier in the list, but on a higher level
        turn = np.empty(net.gates, np.int64)
        turn[order] = np.arange(net.gates)
        kept = kept[np.argsort(turn[kept])]
    count = len(kept)
    number = np.full(net.nets + 1, CONSTANT, np.int32)  # one more: CONSTANT looks up a filler
    number[: net.inputs] = np.arange(net.inputs)
    number[net.inputs + kept] = np.arange(net.inputs, net.inputs + count)

    inverted = np.flatnonzero(negative & ~stored)
    inverter = np.full(net.nets + 1, CONSTANT, np.int32)
    inverter[inverted] = net.inputs + count + np.arange(len(inverted))
    constants = np.unique(negated[~real])
    constant = np.zeros(2, np.int32)
    constant[constants.astype(np.int64)] = (
        net.inputs + count + len(inverted) + np.arange(len(constants))
    )
    outputs = np.where(
        real,
        np.where(negated & ~stored[reads], inverter[reads], number[reads]),
        constant[negated.astype(np.int64)],
    )
    extra = np.zeros((len(inverted) + len(constants), k), np.int32)
    extra[: len(inverted)] = number[inverted][:, None]
    return Netlist(
        net.inputs,
        np.concatenate(
            [
                table[kept],
                np.full(len(inverted), tables.variable(k, 0) ^ tables.ones(k)),
                np.where(constants, tables.ones(k), np.uint64(0)),
            ]
        ),
        np.concatenate([number[fanin[kept]], extra]),
        outputs,
    )


def _simplify(
    table: tables.Tables, fanin: NDArray[np.int32], k: int, *, ascending: bool
) -> tuple[tables.Tables, NDArray[np.int32], NDArray[np.int64]]:
    """Cofactor constants, identify equal fan-ins, move unused ones last; count the used ones."""
    for i in range(k):  # the phase of a constant is already in the table: it reads 0
        table = np.where(fanin[:, i] == CONSTANT, tables.cofactor(table, k, i, 0), table)
    for i in range(k):
        for j in range(i + 1, k):
            twice = fanin[:, i] == fanin[:, j]
            table = np.where(twice, tables.identify(table, k, i, j), table)
    used = np.stack([tables.depends(table, k, i) for i in range(k)], axis=1)
    fanin = np.where(used, fanin, _FREE)
    for place in range(k - 1):  # bubble sort; unused fan-ins are the largest
        for i in range(k - 1 - place):
            left, right = fanin[:, i], fanin[:, i + 1]
            table, fanin = _exchange(table, fanin, k, i, left > (right if ascending else _FREE - 1))
    count = used.sum(axis=1)
    # Unused places repeat the last used net, so that sorting leaves them where they are.
    last = np.take_along_axis(fanin, np.maximum(count - 1, 0)[:, None], axis=1)
    return table, np.where(fanin == _FREE, last, fanin), count


def _exchange(
    table: tables.Tables,
    fanin: NDArray[np.int32],
    k: int,
    i: int,
    where: NDArray[np.bool_],
) -> tuple[tables.Tables, NDArray[np.int32]]:
    """Swap neighbouring fan-ins i and i + 1 of the chosen gates."""
    swapped = fanin.copy()
    swapped[where, i], swapped[where, i + 1] = fanin[where, i + 1], fanin[where, i]
    return np.where(where, tables.swap(table, k, i, i + 1), table), swapped


class _Twins:
    """Hash table from (table, fan-ins) to the first gate that has them; a whole group at once.

    Open addressing. Equal keys start at the same slot and probe in step, so they always meet.
    """

    def __init__(self, table: tables.Tables, fanin: NDArray[np.int32]) -> None:
        self.table, self.fanin = table, fanin
        size = 1 << max(4, (2 * len(table)).bit_length())
        self.mask = np.uint64(size - 1)
        self.slots = np.full(size, -1, np.int64)

    def merge(self, gates: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each gate the first gate with the same table and fan-ins, itself if none."""
        first = gates.copy()
        waiting, place = np.arange(len(gates)), self._hash(gates)
        while len(waiting):
            slot = place.astype(np.int64)
            empty = self.slots[slot] < 0
            # Among gates that claim one slot the last written, i.e. the first in order, stays.
            self.slots[slot[empty][::-1]] = gates[waiting[empty]][::-1]
            found, mine = self.slots[slot], gates[waiting]
            same = (self.table[found] == self.table[mine]) & (
                self.fanin[found] == self.fanin[mine]
            ).all(axis=1)
            first[waiting[same]] = found[same]
            waiting, place = waiting[~same], (place[~same] + np.uint64(1)) & self.mask
        return first

    def _hash(self, gates: NDArray[np.int64]) -> NDArray[np.uint64]:
        state = self.table[gates]
        for column in self.fanin[gates].T:  # multiplicative hashing, Knuth, TAOCP 3, 6.4
            state = (state ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            state ^= state >> np.uint64(29)
        return state & self.mask


_NO_TWINS = _Twins(np.zeros(0, np.uint64), np.zeros((0, 1), np.int32))
