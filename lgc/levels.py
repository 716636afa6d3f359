"""Levels: groups of gates that do not read one another, so that NumPy can take each at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Gates = NDArray[np.int64]
"""Numbers of the gates (not nets) of one group."""

NARROW = 64
"""Below this many gates a slice on average, sorting by level first is worth its cost."""


def groups(inputs: int, fanin: NDArray[np.int32]) -> list[Gates]:
    """Split gates into groups so that each reads only inputs and earlier groups.

    A trained network keeps its layers together, so cutting where a gate first reads its own
    group is enough. Netlists whose layers are interleaved are grouped by level instead.
    """
    gates = len(fanin)
    slices = _slices(inputs, fanin, limit=max(gates // NARROW, 16))
    if slices is not None:
        return [np.arange(start, stop) for start, stop in slices]
    level = levels(inputs, fanin)
    order = np.argsort(level, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(level[order])) + 1)


def _slices(inputs: int, fanin: NDArray[np.int32], limit: int) -> list[tuple[int, int]] | None:
    """Maximal runs of independent gates, or None when there are more than ``limit``."""
    latest = fanin.max(axis=1, initial=-1) - inputs
    gates, start, cuts = len(latest), 0, list[tuple[int, int]]()
    while start < gates:
        if len(cuts) == limit:
            return None
        stop, window = start + 1, 64
        while stop < gates:
            late = latest[stop : stop + window] >= start
            first = int(late.argmax())
            if late[first]:
                stop += first
                break
            stop, window = min(stop + window, gates), window * 4
        cuts.append((start, stop))
        start = stop
    return cuts


def levels(inputs: int, fanin: NDArray[np.int32]) -> NDArray[np.int32]:
    """Level of each gate, int32 ``(n,)``: 1 + the largest level it reads; inputs are level 0."""
    gates = len(fanin)
    slices = _slices(inputs, fanin, limit=max(gates // NARROW, 16))
    if slices is not None:
        level = np.zeros(inputs + gates, np.int32)
        for start, stop in slices:
            level[inputs + start : inputs + stop] = level[fanin[start:stop]].max(axis=1) + 1
        return level[inputs:]
    # Short runs: a scalar loop over lists costs less than NumPy calls on a few gates each.
    known = [0] * inputs
    for reads in fanin.tolist():
        known.append(max(map(known.__getitem__, reads)) + 1)
    return np.array(known[inputs:], np.int32)
