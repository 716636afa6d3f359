"""Inputs that make sums large or small, where random ones never do: vectors for simulation.

A sum of hundreds of bits stays near its mean on random inputs, so that its high bits and their
carries look like constants. A search breeds better inputs: the best of a population are kept, parts
of two of them are joined, some parts are drawn again (a genetic algorithm). Parts are independent,
so that what comes out can occur.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes, pack_planes, unpack_planes
from .patterns import Patterns

ROUNDS = 16
"""Generations."""

KEPT = 5
"""Of them, evenly spread, that are given back."""

BEST = 16
"""Of 64 that have descendants."""

FRESH = 1 / 32
"""Share of the parts that are drawn again."""

Scores = Callable[[NDArray[np.bool_]], NDArray[np.int64]]
"""Sums ``(samples, sums)`` of vectors ``(samples, inputs)``."""


def extremes(patterns: Patterns, scores: Scores) -> Planes:
    """Vectors of all sizes of each sum, uint64 ``(inputs, words)``."""
    random = patterns.random
    bits = unpack_planes(patterns.plain(1), 64)
    count = scores(bits).shape[1]
    islands = np.arange(2 * count, dtype=np.int64)  # one for each sum and direction
    sign = np.repeat([1, -1], count)[:, None]
    island = np.tile(bits, (2 * count, 1, 1))
    inputs = island.shape[2]
    parts = int(patterns.part.max(initial=0)) + 1
    kept: list[NDArray[np.bool_]] = []
    for generation in range(ROUNDS):
        found = scores(island.reshape(-1, inputs)).reshape(2 * count, 64, count)
        own = found[islands, :, islands % count] * sign
        rank = np.argsort(-own, axis=1, kind="stable")[:, :BEST]
        drawn = random.integers(0, BEST, (2 * count, 64, 2))
        parents = rank[islands[:, None, None], drawn]
        one, other = (
            np.take_along_axis(island, parents[:, :, which, None], axis=1) for which in (0, 1)
        )
        mother = random.random((2 * count, 64, parts)) < 0.5
        fresh = random.random((2 * count, 64, parts)) < FRESH
        new = unpack_planes(patterns.plain(2 * count), 128 * count).reshape(island.shape)
        child = np.where(mother[:, :, patterns.part], one, other)
        child = np.where(fresh[:, :, patterns.part], new, child)
        child[:, 0] = np.take_along_axis(island, rank[:, :1, None], axis=1)[:, 0]  # the best stays
        island = child
        if (generation + 1) % (ROUNDS // KEPT) == 0:
            kept.append(island.reshape(-1, inputs))
    return pack_planes(np.concatenate(kept))
