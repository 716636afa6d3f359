"""Timing of calls that take turns in one process: what slows the machine slows all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
"""Seconds, one row for each turn, one column for each call."""


BLOCK = 0.01
"""Seconds for which `alternate` repeats a call that takes less, at most `MOST` times."""

MOST = 100


def alternate(calls: Sequence[Callable[[], object]], runs: int, block: float = BLOCK) -> Times:
    """Time every call once a turn, for ``runs`` turns, after two that do not count.

    Calls much shorter than ``block`` seconds are repeated in their turn and the mean counts:
    what the others leave in the caches, or a moment in which the machine did something else,
    would weigh more on a short call than on a long one.
    """
    for call in calls:
        call()
    counts = [min(max(round(block / _seconds(call, 1)), 1), MOST) for call in calls]
    turns = [[_seconds(call, count) for call, count in zip(calls, counts)] for _ in range(runs)]
    return np.array(turns)


def _seconds(call: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return max(time.perf_counter() - start, 1e-9) / count


def median(call: Callable[[], object], runs: int) -> float:
    """Seconds of a call, the median of ``runs`` after two that do not count."""
    return float(np.median(alternate([call], runs, 0.0)))


def ratio(times: Times, slow: int, fast: int) -> float:
    """How often call ``fast`` goes into call ``slow``: the median over turns."""
    return float(np.median(times[:, slow] / times[:, fast]))
