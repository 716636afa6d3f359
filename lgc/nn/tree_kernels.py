"""Trees of gates on a CPU: the loops of layers, applied to the few rows of one tree.

For every slice of samples, kernel and place, the rows that the leaves read are copied to a room
that stays in the nearest cache, where the tree is computed; backward computes it there again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .buffers import empty
from .kernels import kernels_of
from .logics import Logic, Norm
from .loops import SLICE, Indices, Planes, compiled, sliced, summed
from .trees import Sliding


def forward(
    logic: Logic, planes: Planes, leaves: Indices, coefficients: Planes, sliding: Sliding
) -> Planes:
    """Values of trees, float32 ``(kernels · places, samples)``.

    Args:
        planes: ``(channels · rows · columns, samples)``.
        leaves: ``(kernels, leaves, 3)``.
        coefficients: ``(kernels · gates, terms)``.
    """
    places = sliding.grid[0] * sliding.grid[1]
    values = empty((len(leaves) * places, planes.shape[1]))
    run = _tree_kernels(logic.name, logic.norm, logic.slope)[0]
    held = planes, leaves, coefficients, *_pairs(leaves), _numbers(sliding)

    def work(start: int, stop: int) -> None:
        run(*held, values, start, stop)

    sliced(work, planes.shape[1])
    return values


def backward(
    logic: Logic, planes: Planes, leaves: Indices, coefficients: Planes, sliding: Sliding,
    gradient: Planes, wanted: bool,
) -> tuple[Planes | None, Planes]:  # fmt: skip
    """Gradients of planes, if they are wanted, and of coefficients."""
    samples = planes.shape[1]
    reads = empty(planes.shape if wanted else (1, samples))
    run = _tree_kernels(logic.name, logic.norm, logic.slope)[1]
    held = planes, leaves, coefficients, *_pairs(leaves), _numbers(sliding)

    def work(start: int, stop: int, part: Planes) -> None:
        run(*held, gradient, reads, part, wanted, start, stop)

    parts = summed(work, samples, coefficients.shape)
    return reads if wanted else None, parts


def _numbers(sliding: Sliding) -> Indices:
    """Sides of the image and the grid, steps and padding, rows before columns."""
    pairs = (sliding.size, sliding.grid, sliding.stride, sliding.padding)
    return np.array(pairs, np.int64)


def _pairs(leaves: Indices) -> tuple[Indices, Indices]:
    """Rows that each gate of a tree reads."""
    rows = np.arange(2 * len(leaves[0]) - 2)
    return rows[0::2].copy(), rows[1::2].copy()


@compiled
def _row(leaves: Any, kernel: int, leaf: int, where: Any, down: int, right: int) -> int:
    """The row of planes that a leaf reads at a place; -1 for what is around the image."""
    row = down * where[2, 0] - where[3, 0] + leaves[kernel, leaf, 1]
    column = right * where[2, 1] - where[3, 1] + leaves[kernel, leaf, 2]
    if row < 0 or row >= where[0, 0] or column < 0 or column >= where[0, 1]:
        return -1
    return (leaves[kernel, leaf, 0] * where[0, 0] + row) * where[0, 1] + column


@compiled
def _fetch(
    planes: Any, leaves: Any, kernel: int, where: Any, down: int, right: int, room: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    """Copy what the leaves of a kernel read at a place to the first rows of ``room``."""
    for leaf in range(leaves.shape[1]):
        row = _row(leaves, kernel, leaf, where, down, right)
        to = room[leaf]
        if row < 0:
            for i in range(stop - start):
                to[i] = 0
        else:
            read = planes[row, start:stop]
            for i in range(stop - start):
                to[i] = read[i]


@cache
def _tree_kernels(name: str, norm: Norm, slope: Norm) -> tuple[Callable[..., None], ...]:
    """Values; gradients."""
    evaluate, differentiate, _ = kernels_of(name, norm, slope)

    @compiled
    def values_of(
        planes: Any, leaves: Any, coefficients: Any, left: Any, right: Any, where: Any,
        values: Any, start: int, stop: int,
    ) -> None:  # fmt: skip
        kernels, count, _ = leaves.shape
        gates, places = count - 1, where[1, 0] * where[1, 1]
        room = np.empty((count + gates, SLICE), np.float32)
        top = room[count + gates - 1]
        for at in range(start, stop, SLICE):
            end = min(at + SLICE, stop)
            for kernel in range(kernels):
                held = coefficients[kernel * gates : (kernel + 1) * gates]
                for place in range(places):
                    down, across = place // where[1, 1], place % where[1, 1]
                    _fetch(planes, leaves, kernel, where, down, across, room, at, end)
                    # gates stand behind what they read
                    evaluate(room, left, right, held, room[count:], 0, end - at)
                    made = values[kernel * places + place, at:end]
                    for i in range(end - at):
                        made[i] = top[i]

    @compiled
    def gradients_of(
        planes: Any, leaves: Any, coefficients: Any, left: Any, right: Any, where: Any,
        gradient: Any, reads: Any, parts: Any, wanted: bool, start: int, stop: int,
    ) -> None:  # fmt: skip
        kernels, count, _ = leaves.shape
        gates, places, width = count - 1, where[1, 0] * where[1, 1], stop - start
        room = np.empty((count + gates, SLICE), np.float32)
        slopes = np.empty((count + gates, SLICE), np.float32)
        top = slopes[count + gates - 1]
        part = np.empty((gates, coefficients.shape[1]), np.float32)
        parts[:] = 0
        if wanted:
            for row in range(len(reads)):
                reads[row, start:stop] = 0
        for kernel in range(kernels):
            first = kernel * gates
            held, total = coefficients[first : first + gates], parts[first : first + gates]
            for place in range(places):
                down, across = place // where[1, 1], place % where[1, 1]
                _fetch(planes, leaves, kernel, where, down, across, room, start, stop)
                evaluate(room, left, right, held, room[count:], 0, width)
                given = gradient[kernel * places + place, start:stop]
                for i in range(width):
                    top[i] = given[i]
                level, gate = 1, gates - 1  # gates of a level, and its first
                while level < count:
                    below = 2 * gate  # what the level reads begins here
                    differentiate(
                        room[below : below + 2 * level], left[:level], right[:level],
                        held[gate : gate + level], slopes[count + gate : count + gate + level],
                        slopes[below : below + 2 * level], part[gate : gate + level], 0, width,
                    )  # fmt: skip
                    level *= 2
                    gate -= level
                for each in range(gates):
                    for term in range(part.shape[1]):
                        total[each, term] += part[each, term]
                if wanted:
                    for leaf in range(count):
                        row = _row(leaves, kernel, leaf, where, down, across)
                        if row >= 0:
                            to, added = reads[row, start:stop], slopes[leaf]
                            for i in range(width):
                                to[i] += added[i]

    return values_of, gradients_of
