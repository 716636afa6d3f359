"""Planes for results, in memory that earlier results have left.

A layer makes some megabytes in every step, and memory that comes from the system is cleared page by
page when it is first written, which takes as long as the layer. What a tensor leaves when it dies
is kept for the next result of its size.
"""

from __future__ import annotations

import weakref
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

_SMALL, _MOST = 1 << 15, 1 << 28
"""Floats below which the allocator is as good; floats that are kept at most, 1 GiB."""

_free: defaultdict[int, list[NDArray[np.float32]]] = defaultdict(list)
_kept = [0]


def empty(shape: tuple[int, int]) -> NDArray[np.float32]:
    """An array that holds anything; who keeps a view of it keeps the memory."""
    size = shape[0] * shape[1]
    if size < _SMALL:
        return np.empty(shape, np.float32)
    try:
        block = _free[size].pop()
        _kept[0] -= size
    except IndexError:
        block = np.empty(size, np.float32)
    # views of views refer to the first of them that is over no other array: this one
    seen = np.frombuffer(block.data, np.float32)
    weakref.finalize(seen, _take_back, block).atexit = False
    return seen.reshape(shape)


def _take_back(block: NDArray[np.float32]) -> None:
    """Keep memory of which the array has died; sizes that are used no more make room."""
    if _kept[0] + block.size > _MOST:
        _free.clear()
        _kept[0] = 0
    if block.size <= _MOST:
        _free[block.size].append(block)
        _kept[0] += block.size
