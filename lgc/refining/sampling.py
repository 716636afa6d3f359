"""A batch of the training rows: those that cost much are likely in it, the others have deputies.

A row is in the batch with a probability of 1 / w, w a whole number that falls with its cost, and
counts w times there: sums over the batch are, on average, those over all rows (Horvitz and
Thompson, 1952). Where a network gets nearly all rows right, a fifth of them says as much as all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FLOOR = 0.1
"""Rows that cost nothing are drawn as if they cost this much of the mean."""

HALVINGS = 60
"""Steps of the search for a factor."""


def draw_batch(cost: Ints, size: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Some ``size`` rows, rising, and how many each stands for; all rows where there are no more.

    Args:
        cost: of each row, int64 ``(rows,)``.
    """
    rows = len(cost)
    if rows <= size:
        return np.arange(rows), np.ones(rows, np.int64)
    wish = cost + FLOOR * cost.mean() + 1.0
    low, high = 0.0, rows / wish.min()
    for _ in range(HALVINGS):
        factor = (low + high) / 2
        if np.minimum(factor * wish, 1.0).sum() < size:
            low = factor
        else:
            high = factor
    # the next whole number, so that the batch is not larger than wanted
    stands = np.ceil(1 / np.minimum(high * wish, 1.0) - 1e-9).astype(np.int64)
    chosen = np.flatnonzero(random.random(rows) * stands < 1)
    return chosen, stands[chosen]
