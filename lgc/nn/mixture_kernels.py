"""Weighted sums of a few values on a CPU: loops that numba compiles, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from .buffers import empty
from .loops import SLICE, Indices, Planes, compiled, sliced, summed


def forward(planes: Planes, candidates: Indices, shares: Planes) -> Planes:
    """Sums, float32 ``(sums, samples)``.

    Args:
        planes: ``(in, samples)``.
        candidates: rows, ``(sums, candidates)``.
        shares: ``(sums, candidates)``.
    """
    values = empty((len(shares), planes.shape[1]))

    def work(start: int, stop: int) -> None:
        for at in range(start, stop, SLICE):
            _forward(planes, candidates, shares, values, at, min(at + SLICE, stop))

    sliced(work, planes.shape[1])
    return values


def backward(
    planes: Planes, candidates: Indices, shares: Planes, gradient: Planes, wanted: bool
) -> tuple[Planes | None, Planes]:
    """Gradients of planes, if they are wanted, and of shares."""
    samples = planes.shape[1]
    reads = empty(planes.shape if wanted else (1, samples))

    def work(start: int, stop: int, part: Planes) -> None:
        _backward(planes, candidates, shares, gradient, reads, part, wanted, start, stop)

    parts = summed(work, samples, shares.shape)
    return reads if wanted else None, parts


@compiled
def _forward(planes: Any, candidates: Any, shares: Any, values: Any, start: int, stop: int) -> None:
    for number in range(len(shares)):
        made = values[number, start:stop]
        made[:] = 0
        for candidate in range(shares.shape[1]):
            share = shares[number, candidate]
            if share != 0:  # straight-through has one that is not
                x = planes[candidates[number, candidate], start:stop]
                for i in range(stop - start):
                    made[i] += share * x[i]


@compiled
def _backward(
    planes: Any, candidates: Any, shares: Any, gradient: Any, reads: Any, parts: Any, wanted: bool,
    start: int, stop: int,
) -> None:  # fmt: skip
    if wanted:
        for row in range(len(reads)):
            reads[row, start:stop] = 0
    for number in range(len(shares)):
        g = gradient[number, start:stop]
        for candidate in range(shares.shape[1]):
            row, share = candidates[number, candidate], shares[number, candidate]
            x, total = planes[row, start:stop], np.float32(0)
            for i in range(stop - start):
                total += g[i] * x[i]
            parts[number, candidate] = total
            if wanted and share != 0:
                to = reads[row, start:stop]
                for i in range(stop - start):
                    to[i] += share * g[i]
