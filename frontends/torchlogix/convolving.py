"""Kernels of a convolution as one netlist, placed at all positions of a grid: never unrolled.

torchlogix keeps the coordinates that every kernel reads at every position. They are the same from
position to position, moved by the stride; that is checked, and a layer for which it does not hold
becomes a circuit. A transposed convolution reads a grid with zeros between the numbers: which
leaves stand on a zero depends on the phase of the position, and each phase is a map of its own.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from lgc.assembling import Assembly, on_grid
from lgc.errors import InputError
from lgc.netlist import Netlist

from .layers import Numbers, Trees
from .positions import offsets, padding_of


def convolve(assembly: Assembly, values: Numbers, layer: Trees, where: str) -> Numbers:
    """Values ``(channels, *grid)`` to ``(kernels, *positions)``.

    Raises:
        InputError: the layer reads what is not there.
    """
    _check_shape(values, layer, where)
    moves = offsets(layer.leaves)
    if layer.channels is None and layer.window is None:
        padding = padding_of(layer, values.shape[1:], moves, where)
        layer = dataclasses.replace(layer, padding=padding)
    _check_room(values, layer, where)
    if moves is None:
        return _unrolled(assembly, values, layer)
    made = np.empty((math.prod(layer.grid), layer.kernels), np.int64)
    base, column = _leaves(layer)
    phase = moves % layer.dilation
    for first in np.unique(phase, axis=0):
        places = np.flatnonzero((phase == first).all(axis=1))
        spots = base[None, :, :-1] + moves[places, None]
        reads = _values(values, spots, base[None, :, -1], layer)
        seen = np.any(reads >= 0, axis=0)
        net, used = _kernels(layer, column, seen)
        made[places] = assembly.map(net, reads[:, used])
    return on_grid(made, layer.grid)


def _check_shape(values: Numbers, layer: Trees, where: str) -> None:
    if values.ndim != layer.leaves.shape[-1]:
        raise InputError(
            f"the convolution reads a grid of {layer.leaves.shape[-1] - 1} axes with channels, "
            f"and gets a sample of shape {values.shape}",
            where=where,
        )
    declared = (layer.channels, *(layer.grid_in or ())) if layer.channels is not None else None
    if declared is not None and values.shape != declared:
        raise InputError(
            f"the convolution was made for samples of shape {declared}, and gets {values.shape}",
            where=where,
            hint="do the layers, and the padding of those before it, fit together?",
        )


def _check_room(values: Numbers, layer: Trees, where: str) -> None:
    """Refuse coordinates that leave the padded grid, and positions that do not fill it."""
    assert layer.padding is not None
    low: Numbers = np.min(layer.leaves, axis=(0, 1, 2, 3))
    high: Numbers = np.max(layer.leaves, axis=(0, 1, 2, 3))
    room = [
        size * layer.dilation + 2 * layer.padding for size in values.shape[1:]
    ]  # with as much output padding as there may be
    if layer.window is not None:
        added = [
            places + window - 1 - (size - layer.dilation + 1)
            for places, window, size in zip(layer.grid, layer.window, room)
        ]
        if not all(0 <= one < layer.dilation for one in added):
            raise InputError(
                f"{layer.grid} positions do not come from a grid of {values.shape[1:]} with stride "
                f"{layer.dilation} and receptive field {layer.window}",
                where=where,
                hint="out = (in - 1) * stride - 2 * padding + receptive_field + output_padding",
            )
    if (low < 0).any() or (high >= [*room, values.shape[0]]).any():
        raise InputError(
            f"the convolution reads up to {tuple(high.tolist())}, rows, columns and channel, of a "
            f"padded grid of {tuple(room)} with {values.shape[0]} channels",
            where=where,
            hint="are the shape of a sample and the padding right?",
        )


def _leaves(layer: Trees) -> tuple[Numbers, Numbers]:
    """Different leaves at the first position, and which of them each kernel reads.

    Returns:
        ``(leaves, axes + 1)`` and ``(kernels, nodes, rank)``.
    """
    first = layer.leaves[:, :, 0].transpose(1, 2, 0, 3)
    base, column = np.unique(first.reshape(-1, first.shape[-1]), axis=0, return_inverse=True)
    return base, column.reshape(first.shape[:-1])


def _values(values: Numbers, spots: Numbers, channel: Numbers, layer: Trees) -> Numbers:
    """Numbers of the values at coordinates ``(…, axes)`` and channels ``(…)``; -1 for a zero."""
    place = np.zeros(spots.shape[:-1], np.int64)
    inside = np.ones(spots.shape[:-1], np.bool_)
    for axis, size in enumerate(values.shape[1:]):
        at, between = np.divmod(spots[..., axis] - (layer.padding or 0), layer.dilation)
        inside &= (between == 0) & (at >= 0) & (at < size)
        place = place * size + at
    flat = values.reshape(len(values), -1)
    return np.where(inside, flat[channel, np.where(inside, place, 0)], -1)


def _kernels(
    layer: Trees, column: Numbers, seen: NDArray[np.bool_]
) -> tuple[Netlist, NDArray[np.intp]]:
    """All kernels as one netlist over the leaves that are ``seen``; others are zeros.

    Returns:
        The netlist, and the leaves that are its inputs.
    """
    used = np.flatnonzero(seen) if seen.any() else np.zeros(1, np.intp)
    zero = not seen.all()
    number = np.full(len(seen), len(used), np.int64)  # the zero stands behind the inputs
    number[used] = np.arange(len(used))
    rank = layer.rank
    tables = [np.zeros(int(zero), np.uint64)]
    fanin = [np.zeros((int(zero), rank), np.int64)]
    nets, reads = len(used) + zero, number[column]
    made: Numbers = reads
    for level, table in enumerate(layer.tables):
        if level:
            reads = made[:, layer.wires[level - 1].T]  # (kernels, nodes, rank)
        made = np.arange(nets, nets + table.size).reshape(layer.kernels, -1)
        nets += table.size
        tables.append(table.T.ravel())
        fanin.append(reads.reshape(-1, rank))
    net = Netlist(len(used), np.concatenate(tables), np.concatenate(fanin), made[:, 0])
    return net, used


def _unrolled(assembly: Assembly, values: Numbers, layer: Trees) -> Numbers:
    """The same for leaves that are not moved alike: every position has its own gates."""
    spots = layer.leaves[..., :-1]
    made = _values(values, spots, layer.leaves[..., -1], layer).transpose(1, 2, 3, 0)
    for level, table in enumerate(layer.tables):
        reads = made if level == 0 else made[..., layer.wires[level - 1].T]
        shape = reads.shape[:-1]  # kernels, positions, nodes
        every = np.broadcast_to(table.T[:, None], shape)
        made = _layer(assembly, every.ravel(), reads.reshape(-1, layer.rank)).reshape(shape)
    return made[..., 0].reshape(layer.kernels, *layer.grid)


def _layer(assembly: Assembly, tables: NDArray[np.uint64], reads: Numbers) -> Numbers:
    """Gates that may read zeros."""
    used, place = np.unique(reads, return_inverse=True)
    gates = np.arange(len(used), len(used) + len(reads))
    net = Netlist(len(used), tables, place.reshape(reads.shape), gates)
    return assembly.circuit(net, used)
