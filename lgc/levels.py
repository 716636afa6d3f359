"""Levels: groups of gates that do not read one another, so that NumPy can take each at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .loops import Row, loop

Gates = NDArray[np.int64]
"""Numbers of the gates (not nets) of one group."""

NARROW = 64
"""Below this many gates a slice on average, sorting by level first is worth its cost."""

STEPS = 8
"""About what one gate costs in a loop."""


def groups(inputs: int, fanin: NDArray[np.int32]) -> list[Gates]:
    """Split gates into groups so that each reads only inputs and earlier groups.

    A trained network keeps its layers together, so cutting where a gate first reads its own
    group is enough. Netlists whose layers are interleaved are grouped by level instead.
    """
    found = slices(inputs, fanin)
    if found is not None:
        return [np.arange(start, stop) for start, stop in found]
    level = levels(inputs, fanin)
    order = np.argsort(level, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(level[order])) + 1)


def slices(inputs: int, fanin: NDArray[np.int32]) -> list[tuple[int, int]] | None:
    """Maximal runs of independent gates, or None where there are so many that loops are faster."""
    latest = fanin.max(axis=1, initial=-1) - inputs
    gates, start, cuts = len(latest), 0, list[tuple[int, int]]()
    limit = max(gates // NARROW, 16)
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
    gates, found = len(fanin), slices(inputs, fanin)
    if found is not None:
        level = np.zeros(inputs + gates, np.int32)
        for start, stop in found:
            level[inputs + start : inputs + stop] = level[fanin[start:stop]].max(axis=1) + 1
        return level[inputs:]
    known = np.zeros(inputs + gates, np.int64)
    _rise(gates * STEPS, inputs, fanin.shape[1], fanin.astype(np.int64).ravel(), known)
    return known[inputs:].astype(np.int32)


@loop()
def _rise(inputs: int, k: int, fanin: Row, level: Row) -> None:
    for v in range(inputs, len(level)):
        highest = 0
        for i in range(k):
            highest = max(highest, level[fanin[(v - inputs) * k + i]])
        level[v] = highest + 1


def reach(inputs: int, fanin: NDArray[np.int32], outputs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which nets outputs depend on, bool ``(nets,)``: those of the outputs, what they read, …"""
    live = np.zeros(inputs + len(fanin), np.bool_)
    live[outputs] = True
    found = slices(inputs, fanin)
    if found is not None:
        for start, stop in reversed(found):
            live[fanin[start:stop][live[inputs + start : inputs + stop]].ravel()] = True
        return live
    marks = live.astype(np.int64)
    _fall(len(fanin) * STEPS, inputs, fanin.shape[1], fanin.astype(np.int64).ravel(), marks)
    return marks > 0


@loop()
def _fall(inputs: int, k: int, fanin: Row, live: Row) -> None:
    for v in range(len(live) - 1, inputs - 1, -1):
        if live[v]:
            for i in range(k):
                live[fanin[(v - inputs) * k + i]] = 1
