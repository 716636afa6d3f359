"""Balls: the inputs near one input; how many there are, all of them, and a search for a bad one.

An input consists of parts that are chosen independently: the bits of one feature, or all features
of a one-hot group. A move gives one part another value. The inputs of a ball are the sets of moves,
at most one a part, whose costs add up to the budget at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..facts import Facts
from ..inputs import PackedBits

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

Scores = Callable[[PackedBits], NDArray[np.int32]]
"""What runs a model: scores int32 ``(n, classes)`` of rows of bits."""

CHUNK = 1 << 17
"""Rows in memory at once."""

BEAM = 6
"""Partial attacks kept after each step."""


@dataclass(frozen=True, eq=False)
class Ball:
    """Inputs near ``centre`` that can occur.

    Attributes:
        centre: bool ``(n,)``; it can occur itself.
        free: bool ``(n,)``, the bits that may differ.
        budget: most changes; None for any number.
        unit: int64 ``(n,)``; bits of one unit that change are one change.
        facts: about the bits.
    """

    centre: Bools
    free: Bools
    budget: int | None
    unit: Ints
    facts: Facts

    @cached_property
    def moves(self) -> Moves:
        """All moves."""
        masks, costs, starts = list[Bytes](), list[int](), [0]
        for bits, values in self.facts.parts():
            changed = values ^ self.centre[bits]
            allowed = changed.any(axis=1) & ~(changed & ~self.free[bits]).any(axis=1)
            if not allowed.any():
                continue
            for change in changed[allowed]:
                mask = np.zeros(len(self.centre), np.bool_)
                mask[bits[change]] = True
                masks.append(np.packbits(mask))
                costs.append(len(np.unique(self.unit[bits[change]])) if self.budget else 0)
            starts.append(len(masks))
        width = -(-len(self.centre) // 8)
        return Moves(
            np.array(masks, np.uint8).reshape(-1, width), np.array(costs), starts, self.budget or 0
        )

    @property
    def size(self) -> int:
        """How many inputs it holds, its centre included."""
        return sum(self.moves.ways(0, self.moves.parts))

    def inputs(self) -> Iterator[PackedBits]:
        """All of them, some at a time."""
        centre = np.packbits(self.centre)
        for cost in range(self.moves.budget + 1):
            for masks in self.moves.sets(0, self.moves.parts, cost):
                yield PackedBits(masks ^ centre, len(self.centre))


@dataclass(frozen=True, eq=False)
class Moves:
    """The moves of a ball, part by part.

    Attributes:
        mask: uint8 ``(moves, bytes)``, packed bits that change.
        cost: int64 ``(moves,)``; 0 where the ball has no budget.
        starts: those of part p are ``starts[p] … starts[p + 1] - 1``.
    """

    mask: Bytes
    cost: Ints
    starts: list[int]
    budget: int
    _ways: dict[tuple[int, int], list[int]] = field(
        default_factory=dict[tuple[int, int], list[int]]
    )
    _kept: dict[tuple[int, int, int], Bytes] = field(
        default_factory=dict[tuple[int, int, int], Bytes]
    )

    @property
    def parts(self) -> int:
        return len(self.starts) - 1

    def ways(self, low: int, high: int) -> list[int]:
        """How many sets of moves of parts ``low … high - 1`` there are of each cost."""
        if (low, high) not in self._ways:
            if high - low > 1:
                middle = (low + high) // 2
                one, other = self.ways(low, middle), self.ways(middle, high)
                found = [
                    sum(one[i] * other[cost - i] for i in range(cost + 1))
                    for cost in range(self.budget + 1)
                ]
            else:
                costs = self.cost[self.starts[low] : self.starts[high]] if high > low else ()
                found = [int(np.sum(np.equal(costs, cost))) for cost in range(self.budget + 1)]
                found[0] += 1
            self._ways[low, high] = found
        return self._ways[low, high]

    def sets(self, low: int, high: int, cost: int) -> Iterator[Bytes]:
        """All sets of moves of these parts and exactly this cost, as masks."""
        if not self.ways(low, high)[cost]:
            return
        key = (low, high, cost)
        if key in self._kept:
            yield self._kept[key]
            return
        pieces = self._pieces(low, high, cost)
        if self.ways(low, high)[cost] <= CHUNK:
            self._kept[key] = np.concatenate(list(pieces))
            pieces = iter([self._kept[key]])
        yield from pieces

    def _pieces(self, low: int, high: int, cost: int) -> Iterator[Bytes]:
        if high - low <= 1:
            if cost == 0:
                yield np.zeros((1, self.mask.shape[1]), np.uint8)
            own = slice(self.starts[low], self.starts[high])
            yield self.mask[own][self.cost[own] == cost]
            return
        middle = (low + high) // 2
        for first in range(cost + 1):
            for one in self.sets(low, middle, first):
                for other in self.sets(middle, high, cost - first):
                    step = max(1, CHUNK // len(other))
                    for at in range(0, len(one), step):
                        both = one[at : at + step, None] ^ other
                        yield both.reshape(-1, both.shape[2])


Gain = Callable[[NDArray[np.int32]], Ints]
"""How near scores are to what is looked for, int64 ``(n,)``; positive where they have it."""


@dataclass(frozen=True, eq=False)
class Attack:
    """A search from the centre: the moves that gain most, one at a time, several in parallel."""

    ball: Ball
    scores: Scores
    gain: Gain

    def run(self) -> Bools | None:
        """An input of the ball with a positive gain, if the search comes upon one."""
        moves, width = self.ball.moves, len(self.ball.centre)
        part = np.repeat(np.arange(moves.parts), np.diff(moves.starts))
        states = [np.zeros(0, np.int64)]  # moves taken
        best = np.iinfo(np.int64).min
        for _ in range(self.ball.budget or moves.parts):
            tried = [np.append(state, move) for state in states for move in self._more(state, part)]
            if not tried:
                return None
            masks = np.stack([np.bitwise_xor.reduce(moves.mask[one], axis=0) for one in tried])
            rows = PackedBits(masks ^ np.packbits(self.ball.centre), width)
            gain = self.gain(self.scores(rows))
            order = np.argsort(-gain, kind="stable")
            top = int(gain[order[0]])
            if top > 0:
                return PackedBits(rows.data[order[:1]], width).unpack()[0]
            if self.ball.budget is None and top <= best:
                return None
            best = top
            states = _distinct([tried[i] for i in order])
        return None

    def _more(self, state: Ints, part: Ints) -> Ints:
        """Moves that can be added: of other parts, within the budget."""
        moves = self.ball.moves
        fits = moves.cost + moves.cost[state].sum() <= moves.budget
        return np.flatnonzero(fits & ~np.isin(part, part[state]))


def _distinct(states: list[Ints]) -> list[Ints]:
    found = dict[tuple[int, ...], Ints]()
    for state in states:
        found.setdefault(tuple(sorted(state.tolist())), state)
        if len(found) == BEAM:
            break
    return list(found.values())


def margins(scores: NDArray[np.int32], own: int) -> Ints:
    """By how much the best other class is ahead of class ``own``; positive where it wins."""
    wide = 2 * scores.astype(np.int64)
    wide[:, :own] += 1  # an earlier class wins a tie
    mine = wide[:, own].copy()
    wide[:, own] = np.iinfo(np.int64).min // 2
    return wide.max(axis=1) - mine if scores.shape[1] > 1 else np.full(len(scores), -1)
