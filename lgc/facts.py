"""Facts about the bits that enter a circuit: which vectors of bits can occur at all.

Bits of one feature are monotone: x > 3 implies x > 2. Of the bits of a one-hot group exactly one is
set. Thresholds outside the range of the feature's type are constants. Simulation draws vectors that
obey the facts, satisfiability gets them as clauses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .evaluation import Planes, pack_planes

Ints = NDArray[np.int64]

LARGEST = {"bool": 1, "uint8": 255}
"""Of the types of whole numbers; the smallest is 0."""

WIDTH = {"bool": 1, "uint8": 8}
"""Bits of their numbers."""


@dataclass(frozen=True, eq=False)
class States:
    """Facts as independent variables: bit i is ``low[i] <= state < high[i]`` of its variable.

    Attributes:
        variable, low, high: int64 ``(n,)``.
        size: int64 ``(variables,)``, states of each, numbered from 0.
    """

    variable: Ints
    low: Ints
    high: Ints
    size: Ints


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known about ``n`` bits.

    Bit i is ``count[group[i]] > rank[i]``, where ``count`` of a group is any number from
    ``least`` to ``most``; the counts of the groups of one one-hot group are 0 but for one, which
    is 1.

    Attributes:
        group: int64 ``(n,)``.
        rank: int64 ``(n,)``, from 0; equal for bits that are equal.
        least, most: int64 ``(groups,)``, of the count; ``least[g] = most[g]`` makes constants.
        one_hot: int64 ``(groups,)``, number of the one-hot group, -1 for none.
    """

    group: Ints
    rank: Ints
    least: Ints
    most: Ints
    one_hot: Ints

    @property
    def inputs(self) -> int:
        return len(self.group)

    def widened(self, free: int) -> Facts:
        """The same about these bits, and nothing about so many behind them."""
        first = len(self.least)
        more = np.zeros(free, np.int64)
        return Facts(
            np.concatenate([self.group, first + np.arange(free)]),
            np.concatenate([self.rank, more]),
            np.concatenate([self.least, more]),
            np.concatenate([self.most, more + 1]),
            np.concatenate([self.one_hot, more - 1]),
        )

    @property
    def trivial(self) -> bool:
        """Whether every vector of bits can occur."""
        free = (self.least == 0) & (self.most == 1) & (self.one_hot < 0)
        return bool(free[self.group].all()) and len(np.unique(self.group)) == self.inputs

    @cached_property
    def states(self) -> States:
        """The groups as variables: a one-hot group is one, its state the member that is set."""
        number = np.arange(len(self.least))
        place, size = np.zeros_like(number), self.most - self.least + 1
        for members in self._one_hot_groups():
            number[members], size[members[0]] = members[0], len(members)
            place[members] = np.arange(len(members))
        hot = self.one_hot[self.group] >= 0
        low = np.clip(self.rank + 1 - self.least[self.group], 0, size[self.group])
        low = np.where(hot, place[self.group], low)
        high = np.where(hot, low + 1, size[self.group])
        names, variable = np.unique(number, return_inverse=True)
        return States(variable[self.group], low, high, size[names])

    @property
    def possible(self) -> int:
        """How many vectors can occur."""
        return math.prod(self.states.size.tolist())

    def every(self) -> NDArray[np.bool_]:
        """All vectors that can occur, bool ``(possible, n)``, each once."""
        states = self.states
        stride = np.cumprod([1, *states.size[:0:-1]])[::-1]
        chosen = np.arange(self.possible)[:, None] // stride % states.size
        state = chosen[:, states.variable]
        return (state >= states.low) & (state < states.high)

    def planes(self, words: int, random: np.random.Generator) -> Planes:
        """Random vectors that can occur, uint64 ``(n, words)``, in the layout of planes."""
        if self.trivial:
            return random.integers(0, 1 << 64, (self.inputs, words), np.uint64)
        count = random.integers(
            self.least[:, None], self.most[:, None] + 1, (len(self.least), 64 * words)
        )
        for members in self._one_hot_groups():
            count[members] = 0
            count[random.choice(members, 64 * words), np.arange(64 * words)] = 1
        return pack_planes((count[self.group] > self.rank[:, None]).T)

    def hold(self, bits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the vectors, bool ``(samples, n)``, can occur: bool ``(samples,)``."""
        good = np.ones(len(bits), np.bool_)
        for clause in self.clauses():
            literals = np.array(clause)
            good &= (bits[:, np.abs(literals) - 1] == (literals > 0)).any(axis=1)
        return good

    def clauses(self) -> Iterator[list[int]]:
        """Clauses, in the manner of DIMACS; the variable of bit i is ``i + 1``."""
        order = np.lexsort((self.rank, self.group))
        for low, high in zip(order[:-1].tolist(), order[1:].tolist()):
            if self.group[low] == self.group[high]:
                yield [-(high + 1), low + 1]
                if self.rank[low] == self.rank[high]:
                    yield [-(low + 1), high + 1]
        for i in np.flatnonzero(self.rank < self.least[self.group]).tolist():
            yield [i + 1]
        for i in np.flatnonzero(self.rank >= self.most[self.group]).tolist():
            yield [-(i + 1)]
        for members in self._one_hot_groups():
            bits = [int(np.flatnonzero(self.group == member)[0]) + 1 for member in members.tolist()]
            yield bits
            for place, one in enumerate(bits):
                yield from ([-one, -other] for other in bits[:place])

    def parts(self) -> Iterator[tuple[Ints, NDArray[np.bool_]]]:
        """The parts of a vector that are chosen independently, with all that each can be.

        Yields:
            The numbers of some bits, and their values, bool ``(choices, bits)``, no two rows alike.
        """
        order = np.argsort(self.group, kind="stable")
        ends: list[int] = np.cumsum(np.bincount(self.group)).tolist()
        bits_of: list[Ints] = [order[low:high] for low, high in zip([0, *ends], ends)]
        for group in np.flatnonzero(self.one_hot < 0).tolist():
            counts = np.arange(int(self.least[group]), int(self.most[group]) + 1)
            yield bits_of[group], counts[:, None] > self.rank[bits_of[group]]
        for members in self._one_hot_groups():
            numbers: list[int] = members.tolist()
            yield np.concatenate([bits_of[one] for one in numbers]), np.eye(len(numbers)) > 0

    def _one_hot_groups(self) -> list[Ints]:
        return [
            np.flatnonzero(self.one_hot == number)
            for number in np.unique(self.one_hot[self.one_hot >= 0]).tolist()
        ]


def nothing(inputs: int) -> Facts:
    """Every vector can occur."""
    zero, one = np.zeros(inputs, np.int64), np.ones(inputs, np.int64)
    return Facts(np.arange(inputs), zero, zero, one, zero - 1)


def of_places(dtype: str, feature: ArrayLike, place: ArrayLike) -> Facts:
    """Facts about the bits ``place[i]`` of the whole numbers ``x[feature[i]]``: all are free, but
    those that no number of the type has."""
    pairs = np.stack([np.asarray(feature, np.int64), np.asarray(place, np.int64)], axis=1)
    names, group = np.unique(pairs, axis=0, return_inverse=True)
    zero = np.zeros(len(names), np.int64)
    most = (names[:, 1] < WIDTH.get(dtype, 64)).astype(np.int64)
    return Facts(group.ravel(), np.zeros(len(pairs), np.int64), zero, most, zero - 1)


def of_thresholds(
    dtype: str, feature: ArrayLike, level: ArrayLike, one_hot: ArrayLike | None = None
) -> Facts:
    """Facts about the bits ``x[feature[i]] > level[i]``.

    Args:
        dtype: of x: ``bool``, ``uint8`` or ``float32``; a float may be NaN, which gives 0.
        feature: ``(n,)`` whole numbers.
        level: float32 ``(n,)``.
        one_hot: ``(features,)``, number of the one-hot group of a feature, -1 for none. A group
            counts only where each of its features makes exactly one bit, which is not constant.
    """
    names, group = np.unique(np.asarray(feature, np.int64), return_inverse=True)
    levels = np.asarray(level, np.float32).astype(np.float64)
    least, most = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    high = LARGEST.get(dtype)
    if high is not None:  # x > 2.5 is x > 2
        levels = np.clip(np.floor(levels), -1, high)
    rank = np.zeros(len(group), np.int64)
    order = np.lexsort((levels, group))
    for i in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []:
        distinct, rank[i] = np.unique(levels[i], return_inverse=True)
        never = distinct[-1] == (np.inf if high is None else high)
        most[group[i[0]]] = len(distinct) - int(never)
        least[group[i[0]]] = int(high is not None and distinct[0] < 0)
    declared = np.full(len(names), -1, np.int64)
    if one_hot is not None:
        declared = np.asarray(one_hot, np.int64)[names]
        plain = (np.bincount(group, minlength=len(names)) == 1) & (least == 0) & (most == 1)
        missing = np.bincount(np.asarray(one_hot)[np.asarray(one_hot) >= 0])
        for number in np.unique(declared[declared >= 0]).tolist():
            members = declared == number
            if not plain[members].all() or members.sum() != missing[number]:
                declared[members] = -1
    return Facts(group, rank, least, most, declared)
