"""Levels: groups of gates that do not read one another, so that NumPy can take each at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Group = slice | NDArray[np.int64]
"""Gates (not nets) of one group: a slice where they stand together, else their numbers."""

NARROW = 64
"""Below this many gates a slice on average, sorting by level first is worth its cost."""


def groups(inputs: int, fanin: NDArray[np.int32]) -> Sequence[Group]:
    """Split gates into groups so that each reads only inputs and earlier groups.

    A trained network keeps its layers together, so cutting where a gate first reads its own
    group finds slices, which need no copy. Netlists whose layers are interleaved are grouped by
    level instead.
    """
    gates = len(fanin)
    slices = _slices(inputs, fanin, limit=max(gates // NARROW, 16))
    if slices is not None:
        return slices
    level = levels(inputs, fanin)
    order = np.argsort(level, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(level[order])) + 1)


def _slices(inputs: int, fanin: NDArray[np.int32], limit: int) -> list[slice] | None:
    """Maximal runs of independent gates, or None when there are more than ``limit``."""
    latest = fanin.max(axis=1, initial=-1) - inputs
    gates, start, cuts = len(latest), 0, list[slice]()
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
        cuts.append(slice(start, stop))
        start = stop
    return cuts


def levels(inputs: int, fanin: NDArray[np.int32]) -> NDArray[np.int32]:
    """Level of each gate, int32 ``(n,)``: 1 + the largest level it reads; inputs are level 0."""
    gates = len(fanin)
    slices = _slices(inputs, fanin, limit=max(gates // NARROW, 16))
    if slices is not None:
        level = np.zeros(inputs + gates, np.int32)
        for run in slices:
            reads = fanin[run]
            level[inputs + run.start : inputs + run.stop] = level[reads].max(axis=1) + 1
        return level[inputs:]
    # Short runs: a scalar loop over lists costs less than NumPy calls on a few gates each.
    known = [0] * inputs
    for reads in fanin.tolist():
        known.append(max(map(known.__getitem__, reads)) + 1)
    return np.array(known[inputs:], np.int32)
