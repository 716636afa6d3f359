"""Assembling a model out of parts that read any part before them: what frontends build with.

A part is a netlist that reads some values, or one at many places. Values have numbers that stay
the same; the chain, in which each stage reads only the one before, is made at the end: a value
that is read later is passed on by the stages between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .chain import Mapped
from .netlist import Netlist

Values = NDArray[np.int64]
"""Numbers of values, of any shape; -1 is a zero."""


@dataclass(frozen=True, eq=False)
class _Part:
    net: Netlist
    reads: Values
    first: int
    rolled: bool

    @property
    def made(self) -> Values:
        """Numbers of its results, ``(places, outputs)``."""
        places, outputs = len(self.reads), len(self.net.outputs)
        return self.first + np.arange(places * outputs).reshape(places, outputs)


class Assembly:
    """A model under construction.

    Attributes:
        inputs: numbers of the bits that enter, ``(bits,)``.
    """

    def __init__(self, bits: int) -> None:
        self.inputs: Values = np.arange(bits)
        self._parts: list[_Part] = []
        self._values = bits

    def _add(self, net: Netlist, reads: ArrayLike, rolled: bool) -> Values:
        part = _Part(net, np.asarray(reads, np.int64), self._values, rolled)
        assert part.reads.ndim == 2
        assert part.reads.shape[1] == net.inputs
        assert part.reads.max(initial=-1) < self._values
        self._parts.append(part)
        self._values += part.made.size
        return part.made

    def circuit(self, net: Netlist, reads: ArrayLike) -> Values:
        """Add a netlist; input i of it is value ``reads[i]``. Its results, ``(outputs,)``."""
        return self._add(net, np.asarray(reads)[None], rolled=False)[0]

    def map(self, net: Netlist, reads: ArrayLike) -> Values:
        """Add a netlist at the places that the rows of ``reads``, ``(places, inputs)``, name.

        Returns:
            Its results, ``(places, outputs)``.
        """
        return self._add(net, reads, rolled=True)

    def layer(self, tables: ArrayLike, reads: ArrayLike) -> Values:
        """Add gates of one layer: tables ``(out,)``, values they read ``(out, k)``."""
        fanin = np.asarray(reads, np.int64)
        used, place = np.unique(fanin, return_inverse=True)
        place = place.reshape(fanin.shape)
        outputs = np.arange(len(used), len(used) + len(fanin))
        return self.circuit(Netlist(len(used), tables, place.astype(np.int32), outputs), used)

    def finish(self, outputs: ArrayLike) -> list[Netlist | Mapped]:
        """The stages of a chain whose last gives ``outputs``, ``(m,)``."""
        wanted = np.asarray(outputs, np.int64).ravel()
        last = self._last_readers(wanted)
        here = self.inputs  # values that the stage before gives, in order
        stages: list[Netlist | Mapped] = []
        for number, part in enumerate(self._parts):
            at = np.full(self._values + 1, -1, np.int64)  # -1, a zero, is the last
            at[here] = np.arange(len(here))
            kept = here[last[here] > number]
            if part.rolled:
                made = part.made.ravel()
                index = at[part.reads].astype(np.int32)
                stages.append(Mapped(part.net, index, at[kept].astype(np.int32)))
                here = np.concatenate([kept, made])
            else:
                stages.append(_placed(part, len(here), at, kept))
                here = np.concatenate([kept, part.made.ravel()])
        if not np.array_equal(here, wanted):
            stages.append(_chosen(here, wanted, self._values))
        return stages

    def _last_readers(self, wanted: Values) -> NDArray[np.int64]:
        """For each value the last part that reads it, -1 for none; behind all parts is the end."""
        last = np.full(self._values + 1, -1, np.int64)  # -1, a zero, is the last
        for number, part in enumerate(self._parts):
            last[part.reads] = number
        last[wanted] = len(self._parts)
        return last


def _placed(part: _Part, bits: int, at: Values, kept: Values) -> Netlist:
    """A part as a circuit over all bits that are there; kept ones come first."""
    net, reads = part.net, at[part.reads[0]]
    zero = bool((reads < 0).any())
    number = np.concatenate([np.where(reads < 0, bits, reads), np.arange(net.gates) + bits + zero])
    table, fanin = net.table, number[net.fanin]
    if zero:
        table = np.concatenate([np.zeros(1, np.uint64), table])
        fanin = np.concatenate([np.zeros((1, net.k), np.int64), fanin])
    outputs = np.concatenate([at[kept], number[net.outputs]])
    return Netlist(bits, table, fanin.astype(np.int32), outputs.astype(np.int32))


def _chosen(here: Values, wanted: Values, values: int) -> Netlist:
    """Wires from the bits that are there to those that are wanted; -1 is a zero."""
    at = np.full(values + 1, -1, np.int64)
    at[here] = np.arange(len(here))
    outputs = at[wanted]
    zero = bool((outputs < 0).any())
    nothing = np.zeros((int(zero), 2), np.int32)
    outputs = np.where(outputs < 0, len(here), outputs).astype(np.int32)
    return Netlist(len(here), np.zeros(int(zero), np.uint64), nothing, outputs)


def patches(
    values: Values, size: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> tuple[Values, tuple[int, ...]]:
    """What windows over a grid read: of values ``(channels, *grid)``, zeros around them.

    Returns:
        ``(places, channels · prod(size))``, channel first, then the window row by row; and the
        shape of the grid of places.
    """
    around = [(0, 0), *((pad, pad) for pad in padding)]
    padded = np.pad(values, around, constant_values=-1)
    axes = tuple(range(1, values.ndim))
    seen = np.lib.stride_tricks.sliding_window_view(padded, tuple(size), axes)
    seen = seen[(slice(None), *(slice(None, None, step) for step in stride))]
    grid = seen.shape[1 : values.ndim]
    order = (*axes, 0, *range(values.ndim, seen.ndim))
    return np.ascontiguousarray(seen.transpose(order)).reshape(int(np.prod(grid)), -1), grid


def positions(
    values: Values, offsets: ArrayLike, grid: Sequence[int], stride: Sequence[int]
) -> Values:
    """What a few places of windows over an image read, zeros around it.

    Args:
        values: ``(channels, rows, columns)``.
        offsets: ``(inputs, 3)``, channel, and row and column from a window's corner; the corner of
            the first is that of the image.
        grid: rows and columns of windows.

    Returns:
        ``(places, inputs)``, places row by row.
    """
    _, rows, columns = values.shape
    channel, down, right = np.asarray(offsets, np.int64).T
    y = (np.arange(grid[0]) * stride[0])[:, None, None] + down
    x = (np.arange(grid[1]) * stride[1])[None, :, None] + right
    inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
    read = values[channel, y.clip(0, rows - 1), x.clip(0, columns - 1)]
    return np.where(inside, read, -1).reshape(-1, len(channel))


def or_pool(
    assembly: Assembly,
    values: Values,
    size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
) -> Values:
    """The disjunction of each window of each channel: ``(channels, *grid)`` both."""
    index, grid = patches(values, size, stride, padding)
    channels, window = len(values), int(np.prod(size))
    total = assembly.map(disjunctions(channels, window), index)
    return on_grid(total, grid)


def on_grid(made: Values, grid: Sequence[int]) -> Values:
    """Results of a map, ``(places, channels)``, as values ``(channels, *grid)``."""
    return np.ascontiguousarray(made.T).reshape(-1, *grid)


def disjunctions(groups: int, size: int) -> Netlist:
    """Gates that are 1 where any input of a group of ``size`` that stand together is, as a tree."""
    inputs = groups * size
    rows = np.arange(inputs).reshape(groups, size)
    fanin: list[NDArray[np.int64]] = []
    top = inputs
    while rows.shape[1] > 1:
        pairs = rows.shape[1] // 2
        fanin.append(rows[:, : 2 * pairs].reshape(-1, 2))
        made = np.arange(top, top + groups * pairs).reshape(groups, pairs)
        top += made.size
        rows = np.concatenate([made, rows[:, 2 * pairs :]], axis=1)
    reads = np.concatenate(fanin) if fanin else np.zeros((0, 2), np.int64)
    table = np.full(len(reads), 7, np.uint64)
    return Netlist(inputs, table, reads.astype(np.int32), rows[:, 0].astype(np.int32))
