"""Tables of up to six inputs on a CPU: loops that numba compiles.

The values on the way are a heap for each neuron and slice of samples: row 1 is the result, row v
lies between rows 2v and 2v + 1, its level says by which input, and the last rows are the entries of
the table. Backward goes through the same heap from the top.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .buffers import empty
from .loops import SLICE, Indices, Planes, compiled, sliced, summed


def forward(planes: Planes, indices: Indices, entries: Planes) -> Planes:
    """Values of tables, float32 ``(out, samples)``.

    Args:
        planes: ``(in, samples)``.
        indices: rows that a neuron reads, ``(k, out)``.
        entries: ``(out, 2**k)``.
    """
    values = empty((len(entries), planes.shape[1]))

    def work(start: int, stop: int) -> None:
        _forward(planes, indices, entries, values, start, stop)

    sliced(work, planes.shape[1])
    return values


def backward(
    planes: Planes, indices: Indices, entries: Planes, gradient: Planes, wanted: bool
) -> tuple[Planes | None, Planes]:
    """Gradients of planes, if they are wanted, and of entries."""
    samples = planes.shape[1]
    reads = empty(planes.shape if wanted else (1, samples))

    def work(start: int, stop: int, part: Planes) -> None:
        _backward(planes, indices, entries, gradient, reads, part, wanted, start, stop)

    parts = summed(work, samples, entries.shape)
    return reads if wanted else None, parts


@compiled
def _fold(
    planes: Any, indices: Any, entries: Any, gate: int, heap: Any, start: int, stop: int
) -> None:
    """Fill the rows of the heap above the entries."""
    k = len(indices)
    last = 1 << (k - 1)
    x = planes[indices[k - 1, gate], start:stop]
    for node in range(last, 2 * last):
        low = entries[gate, 2 * (node - last)]
        more = entries[gate, 2 * (node - last) + 1] - low
        made = heap[node]
        for i in range(stop - start):
            made[i] = low + more * x[i]
    for level in range(k - 2, -1, -1):
        x = planes[indices[level, gate], start:stop]
        for node in range(1 << level, 2 << level):
            one, two, made = heap[2 * node], heap[2 * node + 1], heap[node]
            for i in range(stop - start):
                made[i] = one[i] + (two[i] - one[i]) * x[i]


@compiled
def _forward(planes: Any, indices: Any, entries: Any, values: Any, start: int, stop: int) -> None:
    heap = np.empty((1 << len(indices), SLICE), np.float32)
    for at in range(start, stop, SLICE):
        end = min(at + SLICE, stop)
        for gate in range(len(entries)):
            _fold(planes, indices, entries, gate, heap, at, end)
            made, top = values[gate, at:end], heap[1]
            for i in range(end - at):
                made[i] = top[i]


@compiled
def _backward(
    planes: Any, indices: Any, entries: Any, gradient: Any, reads: Any, parts: Any, wanted: bool,
    start: int, stop: int,
) -> None:  # fmt: skip
    k = len(indices)
    last = 1 << (k - 1)
    heap = np.empty((2 * last, SLICE), np.float32)
    slopes = np.empty((2 * last, SLICE), np.float32)
    to = np.zeros(SLICE, np.float32)
    if wanted:
        for row in range(len(reads)):
            reads[row, start:stop] = 0
    for gate in range(len(entries)):
        _fold(planes, indices, entries, gate, heap, start, stop)
        top, g = slopes[1], gradient[gate, start:stop]
        for i in range(stop - start):
            top[i] = g[i]
        for level in range(k - 1):
            x = planes[indices[level, gate], start:stop]
            if wanted:
                to = reads[indices[level, gate], start:stop]
            for node in range(1 << level, 2 << level):
                one, two, s = heap[2 * node], heap[2 * node + 1], slopes[node]
                s_one, s_two = slopes[2 * node], slopes[2 * node + 1]
                for i in range(stop - start):
                    to[i] += s[i] * (two[i] - one[i])
                    s_two[i] = s[i] * x[i]
                    s_one[i] = s[i] - s_two[i]
        x = planes[indices[k - 1, gate], start:stop]
        if wanted:
            to = reads[indices[k - 1, gate], start:stop]
        for node in range(last, 2 * last):
            low = 2 * (node - last)
            more = entries[gate, low + 1] - entries[gate, low]
            s, all_, high = slopes[node], np.float32(0), np.float32(0)
            for i in range(stop - start):
                to[i] += s[i] * more
                all_ += s[i]
                high += s[i] * x[i]
            parts[gate, low], parts[gate, low + 1] = all_ - high, high
