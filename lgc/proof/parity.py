"""Bit vectors as sums modulo 2 of other bit vectors: linear algebra over GF(2).

What adders leave in a circuit are parities of the bits they add. Simulated values tell which: a net
that agrees, on many more samples than there are bits, with the sum modulo 2 of some of them, is
that sum or nearly so. Nothing is proved here; it says what is worth proving.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes

Bools = NDArray[np.bool_]
CHECKS = (64, 2048)
"""Samples on which a vector must agree with a sum, few first."""

ROWS = 4096
"""Vectors that are looked at together."""


@dataclass(frozen=True, eq=False)
class Span:
    """The sums modulo 2 of some vectors, the generators.

    Attributes:
        basis: uint64 ``(rank, words)``, reduced: each has its pivot alone.
        pivot: int64 ``(rank,)``, a sample.
        combination: bool ``(rank, generators)``, which generators each is the sum of.
        chosen: int64 ``(rank,)``, generators that are independent; no others are used.
    """

    basis: Planes
    pivot: NDArray[np.int64]
    combination: Bools
    chosen: NDArray[np.int64]

    def express(self, vectors: Planes) -> tuple[NDArray[np.int64], Bools]:
        """Which vectors are such sums, int64 ``(found,)``, and of what ``(found, generators)``."""
        found = np.arange(len(vectors))
        samples = 64 * self.basis.shape[1]
        for count in CHECKS:
            number = min(count, samples)
            checked = np.arange(number, dtype=np.int64) * samples // number
            basis = _samples(self.basis, checked).astype(np.float32)
            kept: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
            for start in range(0, len(found), ROWS):
                own = found[start : start + ROWS]
                chosen = _samples(vectors[own], self.pivot)
                kept.append(
                    own[(_sum(chosen, basis) == _samples(vectors[own], checked)).all(axis=1)]
                )
            found = np.concatenate(kept)
        return found, self.coefficients(vectors[found])

    def coefficients(self, vectors: Planes) -> Bools:
        """The generators of vectors that are such sums, bool ``(vectors, generators)``."""
        chosen = _samples(vectors, self.pivot)
        return _sum(chosen, self.combination.astype(np.float32))


def standard(space: Span, generators: Planes) -> Bools:
    """The generators themselves in terms of those that are independent."""
    result = np.eye(len(generators), dtype=np.bool_)
    others = np.setdiff1d(np.arange(len(generators)), space.chosen)
    result[others] = space.coefficients(generators[others])
    return result


def _samples(vectors: Planes, samples: NDArray[np.int64]) -> Bools:
    """Some bits of vectors, bool ``(vectors, samples)``."""
    shift = (samples & 63).astype(np.uint64)
    return vectors[:, samples >> 6] >> shift & np.uint64(1) != 0


def _sum(chosen: Bools, rows: NDArray[np.float32]) -> Bools:
    return (chosen.astype(np.float32) @ rows).astype(np.int32) & 1 != 0


def span(generators: Planes) -> Span:
    """Gaussian elimination, O(generators² · words)."""
    rows = generators.copy()
    count = len(rows)
    tags = np.eye(count, dtype=np.bool_)
    pivots: list[int] = []
    order: list[int] = []
    for number in range(count):
        word = int((rows[number] != 0).argmax())
        value = int(rows[number, word])
        if not value:
            continue
        place = (value & -value).bit_length() - 1
        others = (rows[:, word] >> np.uint64(place)) & np.uint64(1) != 0
        others[number] = False
        rows[others] ^= rows[number]
        tags[others] ^= tags[number]
        pivots.append(64 * word + place)
        order.append(number)
    chosen = np.array(order, np.int64)
    return Span(rows[chosen], np.array(pivots, np.int64), tags[chosen], chosen)
