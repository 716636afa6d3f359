"""The fewest register bits between stages of limited depth, as one minimum cut.

Time is counted in gates: stage s lasts from s·limit to (s+1)·limit - 1, and register rank j stands
at j·limit. A gate has a time later than those of the gates it reads, from its earliest to its
latest. The graph has a node for "gate v is at time T or later":

    v at T or later  ⇒  v at T-1 or later
    u at T or later  ⇒  each reader of u at T+1 or later
    some reader of u at j·limit or later, u itself not: one bit of rank j

An implication is an edge that no cut may hold, a bit an edge of capacity 1; of a net that several
gates read, a node more stands for "some reader". So all ranks are placed at once, and the least is
certain. Within a block of ranks the ones before and after it stay where they are; a block of one
rank has a node a gate, as in Hurst, Mishchenko and Brayton, "Fast minimum-register retiming via
binary maximum-flow" (2007). Times as nodes: Ishikawa, "Exact optimization for Markov random fields
with convex priors" (2003). Retiming: Leiserson and Saxe, "Retiming synchronous circuitry" (1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .minimum_cut import UNCUT, source_side
from .times import Bools, Ints, Reads

LATE, EARLY = 0, 1
"""Source and sink: what is certainly, and certainly not, so late."""

Edges = tuple[Ints, Ints, Ints]
"""Tails, heads and capacities."""


def fewest(reads: Reads, stage: Ints, count: int, limit: int, room: int) -> Ints:
    """Stages with the fewest register bits.

    Args:
        stage: int64 ``(n,)``, stages that keep to the limit.
        room: nodes a graph may have. Where all ranks need more, blocks of them are placed in turn
            until nothing improves, each the best for where the others are.
    """
    bits = total(reads, stage, count)
    while True:
        first = 1
        while first < count:
            block = _largest(reads, stage, first, count - 1, limit, room)
            stage = block.placed()
            if (block.first, block.last) == (1, count - 1):
                return stage
            done = block.last == count - 1
            first = count if done else (block.first + block.last) // 2 + 1
        before, bits = bits, total(reads, stage, count)
        if bits >= before:
            return stage


def total(reads: Reads, stage: Ints, count: int) -> int:
    """Bits of all register ranks."""
    return int((reads.last(stage, count) - reads.made(stage)).sum())


def _largest(reads: Reads, stage: Ints, first: int, last: int, limit: int, room: int) -> Block:
    block = Block.of(reads, stage, first, last, limit)
    while block.size.sum() > room and last > first:
        last = (first + last) // 2
        block = Block.of(reads, stage, first, last, limit)
    return block


@dataclass(frozen=True, eq=False)
class Block:
    """Ranks ``first`` to ``last`` can move; those around them stay.

    Attributes:
        stage: of each gate now.
        moves: whether it is in question.
        low, high: earliest and latest time of each gate.
        base: the time before the first that has a node.
        size: how many times have one: those in question from the first rank to the last.
        start: the first of these nodes.
    """

    reads: Reads
    stage: Ints
    moves: Bools
    first: int
    last: int
    limit: int
    low: Ints
    high: Ints
    base: Ints
    size: Ints
    start: Ints

    @classmethod
    def of(cls, reads: Reads, stage: Ints, first: int, last: int, limit: int) -> Block:
        moves = reads.gates & (stage >= first - 1) & (stage <= last)
        moving = np.concatenate([np.zeros(reads.net.inputs, np.bool_), moves])
        level, height = reads.within(reads.live & moving[reads.net.fanin] & moves[:, None])
        begin, end = (first - 1) * limit, (last + 1) * limit
        still = np.where(stage > last, end, begin)
        low = np.where(moves, begin + level - 1, still)
        high = np.where(moves, end - height, still)
        base = np.maximum(low, first * limit - 1)
        size = np.maximum(np.minimum(high, last * limit) - base, 0)
        node = 2 + np.cumsum(size) - size
        return cls(reads, stage, moves, first, last, limit, low, high, base, size, node)

    def placed(self) -> Ints:
        """The stages with the fewest bits, the latest of several."""
        edges = [self._earlier(), self._readers()]
        nodes = 2 + int(self.size.sum())
        for rank in self._ranks():
            some, bits, nodes = self._rank(rank, nodes)
            edges += [some, bits]
        tail, head, capacity = (np.concatenate(part) for part in zip(*edges, strict=True))
        late = source_side(nodes, tail, head, capacity, LATE, EARLY)
        passed = sum(late[self._at(rank)].astype(np.int64) for rank in self._ranks())
        return np.where(self.moves, self.first - 1 + passed, self.stage)

    def _ranks(self) -> range:
        return range(self.first, self.last + 1)

    def _node(self, gate: Ints, time: Ints) -> Ints:
        """Of a gate at a time, from the first rank to the last, or later."""
        own = self.start[gate] + time - self.base[gate] - 1
        own = np.where(time > self.high[gate], EARLY, own)
        return np.where(time <= self.low[gate], LATE, own)

    def _at(self, rank: int) -> Ints:
        """The nodes of all gates at a rank."""
        return self._node(np.arange(len(self.stage)), np.array(rank * self.limit))

    def _times(self, gates: Ints) -> tuple[Ints, Ints]:
        """For each of some gates each of its times: its place among the given, and the time."""
        size = self.size[gates]
        place = np.repeat(np.arange(len(gates)), size)
        number = np.arange(len(place)) - np.repeat(np.cumsum(size) - size, size)
        return place, self.base[gates][place] + 1 + number

    def _earlier(self) -> Edges:
        """At T or later ⇒ at T-1 or later."""
        gate, time = self._times(np.arange(len(self.stage)))
        inner = time > self.first * self.limit
        return _uncut(self._node(gate, time)[inner], self._node(gate, time - 1)[inner])

    def _readers(self) -> Edges:
        """At T or later ⇒ each reader at T+1 or later."""
        inputs = self.reads.net.inputs
        gate, read = self.reads.pairs()
        both = (read >= inputs) & self.moves[gate]
        both[both] = self.moves[read[both] - inputs]
        gate, read = gate[both], read[both] - inputs
        place, time = self._times(read)
        next_ = np.minimum(time + 1, self.last * self.limit)  # after the last rank all is alike
        return _uncut(self._node(read[place], time), self._node(gate[place], next_))

    def _rank(self, rank: int, nodes: int) -> tuple[Edges, Edges, int]:
        """Some reader late ⇒ the net's own node; that late and the net not: one bit.

        Returns:
            Both kinds of edges, and how many nodes there are now.
        """
        net = self.reads.net
        at = self._at(rank)
        made = np.concatenate([np.full(net.inputs, EARLY), at])
        gate, read = self.reads.pairs()
        reader = at[gate]
        some = np.full(net.nets, EARLY)
        open_ = reader > EARLY
        readers = np.bincount(read[open_], minlength=net.nets)
        some[read[open_]] = reader[open_]  # right for one reader
        several = readers > 1
        some[several] = nodes + np.arange(several.sum())
        some[read[reader == LATE]] = LATE
        some[net.outputs] = LATE
        joins = open_ & several[read] & (some[read] != LATE)
        crosses = (some != EARLY) & (made != LATE)
        crosses &= (some != LATE) | (made != EARLY)  # a bit whatever is done
        bits = some[crosses], made[crosses], np.ones(int(crosses.sum()), np.int64)
        return _uncut(reader[joins], some[read[joins]]), bits, nodes + int(several.sum())


def _uncut(tail: Ints, head: Ints) -> Edges:
    """Implications; those that hold in any case are left out."""
    open_ = (tail != LATE) & (head != LATE) & (tail != EARLY)
    return tail[open_], head[open_], np.full(int(open_.sum()), UNCUT)
