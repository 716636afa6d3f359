"""How layers run on a CPU: loops that numba compiles, over slices of samples.

``planes`` are float32 ``(values, samples)``. The samples are cut into slices of `SLICE`, whatever
the number of threads, and what is added up over samples is added slice by slice: results do not
depend on the threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ..parallel import available, spread

Planes = NDArray[np.float32]
Indices = NDArray[np.int64]

SLICE = 64
"""Samples that a thread works on at a time: of 8,000 neurons 2 MB."""

compiled: Callable[..., Any] = numba.njit(
    # sums may be reordered into vectors; a divisor is not inverted, so that 1 / 1 is 1
    nogil=True,
    fastmath={"reassoc", "contract", "nsz", "nnan", "ninf"},
    error_model="numpy",
    boundscheck=False,
)


def sliced(work: Callable[[int, int], None], samples: int) -> None:
    """Call ``work(start, stop)``, which starts at a multiple of `SLICE`, until all is done."""
    spread(work, samples, SLICE, min(available(), max(-(-samples // SLICE), 1)))


def summed(
    work: Callable[[int, int, Planes], None], samples: int, shape: tuple[int, ...]
) -> Planes:
    """Add up what ``work(start, stop, part)`` leaves in ``part``, of this shape, for each slice."""
    parts = np.empty((max(-(-samples // SLICE), 1), *shape), np.float32)
    if not samples:
        parts[:] = 0

    def pieces(start: int, stop: int) -> None:
        for at in range(start, stop, SLICE):
            work(at, min(at + SLICE, samples), parts[at // SLICE])

    sliced(pieces, samples)
    return parts.sum(axis=0) if len(parts) > 1 else parts[0]
