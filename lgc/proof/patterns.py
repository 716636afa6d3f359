"""Vectors for simulation: random ones, and those around a counterexample; all obey the facts.

Bits of one feature, or of one one-hot group, hang together and nothing else does: such a set of
bits is a *part*, and vectors whose parts can occur can occur.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes, pack_planes, unpack_planes
from ..facts import Facts

Bits = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Example:
    """Values of some inputs, whole parts of them; all others are free.

    Attributes:
        inputs: numbers of the inputs; ``values`` their bits.
        reads: inputs worth changing: those that the nets in question depend on.
    """

    inputs: Sequence[int]
    values: Sequence[bool]
    reads: Sequence[int]


class Patterns:
    """A source of vectors, the same for the same seed."""

    def __init__(self, facts: Facts, seed: int) -> None:
        self.facts = facts
        self.random = np.random.default_rng(seed)
        one_hot = facts.one_hot[facts.group]
        groups = len(facts.least)
        self.part = np.where(one_hot >= 0, groups + one_hot, facts.group)
        order = np.argsort(facts.group, kind="stable")
        ends = np.cumsum(np.bincount(facts.group, minlength=groups))
        self._members = np.split(order, ends[:-1])

    def plain(self, words: int) -> Planes:
        """Random vectors, uint64 ``(inputs, words)``."""
        return self.facts.planes(words, self.random)

    def complete(self, example: Example) -> Bits:
        """A vector of all inputs that agrees with an example."""
        bits = unpack_planes(self.plain(1), 1)[0].copy()
        bits[np.asarray(example.inputs, np.int64)] = example.values
        return bits

    def around(self, examples: Sequence[Example], words: int) -> Planes:
        """Each example with other values of what is free, and its neighbours at one step.

        Returns:
            uint64 ``(inputs, words)``; there are at most ``64·words`` examples, all are in it.
        """
        bits = unpack_planes(self.plain(words), 64 * words).copy()
        for number, row in enumerate(bits):
            example = examples[number % len(examples)]
            row[np.asarray(example.inputs, np.int64)] = example.values
            if number >= len(examples) and len(example.reads):
                self._step(row, example.reads[int(self.random.integers(len(example.reads)))])
        return pack_planes(bits)

    def _step(self, row: Bits, bit: int) -> None:
        """Change one bit, and what must change with it."""
        facts, group = self.facts, int(self.facts.group[bit])
        if facts.one_hot[group] >= 0:
            group = int(self.random.choice(np.flatnonzero(facts.one_hot == facts.one_hot[group])))
            row[self.part == self.part[bit]] = False
            row[self._members[group]] = True
            return
        members = self._members[group]
        least, most = int(facts.least[group]), int(facts.most[group])
        count = max(least, int((facts.rank[members] + 1)[row[members]].max(initial=0)))
        count = count - 1 if row[bit] else count + 1
        if least <= count <= most:
            row[members] = count > facts.rank[members]
