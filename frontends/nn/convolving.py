"""Convolutions and what stands around them: netlists placed on a grid, never unrolled."""

from __future__ import annotations

import numpy as np

from lgc.assembling import Assembly, Values, on_grid, or_pool, positions
from lgc.errors import InputError
from lgc.guards import is_list
from lgc.netlist import Netlist
from lgc.tables import Tables

from .modules import Part
from .tables import tables_of


def logic_conv2d(assembly: Assembly, values: Values, part: Part) -> Values:
    """Values of an image, in any shape, to ``(kernels, rows, columns)``."""
    size, channels = _pair(part, "in_dim", 1), part.size("channels")
    if values.size != channels * size[0] * size[1] or (
        values.ndim == 3 and values.shape != (channels, *size)
    ):
        raise InputError(
            f"it was made for images of {(channels, *size)}, and gets {values.shape}",
            where=part.where,
        )
    kernels, depth = part.size("num_kernels"), part.size("tree_depth")
    leaves = part.array("leaves", "iu", (kernels, 1 << min(depth, 32), 3)).astype(np.int64)
    window, padding = _pair(part, "receptive_field_size", 1), _pair(part, "padding", 0)
    if (leaves < 0).any() or (leaves >= [channels, *window]).any():
        raise InputError(
            f"leaves read up to {tuple(leaves.max(axis=(0, 1)).tolist())}, channel, row and "
            f"column, of a window of {(channels, *window)}",
            where=part.where,
            hint="the file is damaged",
        )
    gates = kernels * (leaves.shape[1] - 1)
    tables = tables_of(part.array("weights", "f", (gates, None)), 2, part)
    net, base = _kernels(leaves, tables)
    base[:, 1:] -= padding
    stride = _pair(part, "stride", 1)
    grid = _grid(size, window, stride, padding, part)
    reads = positions(values.reshape(channels, *size), base, grid, stride)
    return on_grid(assembly.map(net, reads), grid)


def _kernels(leaves: Values, tables: Tables) -> tuple[Netlist, Values]:
    """All trees as one netlist, and the leaves that are its inputs, ``(inputs, 3)``."""
    kernels, count = len(leaves), len(leaves[0])
    base, column = np.unique(leaves.reshape(-1, 3), axis=0, return_inverse=True)
    gates = count - 1
    made = np.arange(kernels * gates).reshape(kernels, gates) + len(base)
    nets = np.concatenate([column.reshape(kernels, count), made], axis=1)
    # gate t of a tree reads leaves and gates 2t and 2t + 1
    fanin = nets[:, : 2 * gates].reshape(-1, 2)
    return Netlist(len(base), tables, fanin, nets[:, -1]), base


def or_pool2d(assembly: Assembly, values: Values, part: Part) -> Values:
    """Values ``(channels, rows, columns)`` both."""
    if values.ndim != 3:
        raise InputError("it pools images, and none stands here", where=part.where)
    size, stride = _pair(part, "kernel_size", 1), _pair(part, "stride", 1)
    padding = _pair(part, "padding", 0)
    _grid((values.shape[1], values.shape[2]), size, stride, padding, part)
    return or_pool(assembly, values, size, stride, padding)


def flatten(assembly: Assembly, values: Values, part: Part) -> Values:
    """Values ``(features,)``."""
    return values.ravel()


def image_of(part: Part) -> int:
    """How many values a convolution reads."""
    rows, columns = _pair(part, "in_dim", 1)
    return part.size("channels") * rows * columns


_MOST = 1 << 16
"""Of a side, so that products of some stay numbers of the machine."""


def _pair(part: Part, key: str, least: int) -> tuple[int, int]:
    value = part.argument(key, (int, list))
    both = value if is_list(value) else [value, value]
    if len(both) != 2 or not all(type(side) is int and least <= side <= _MOST for side in both):
        raise InputError(f"its {key} is {value!r}", where=part.where)
    return both[0], both[1]


def _grid(
    size: tuple[int, int],
    window: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    part: Part,
) -> tuple[int, int]:
    rows, columns = (
        (side + 2 * around - reach) // step + 1
        for side, reach, step, around in zip(size, window, stride, padding)
    )
    if rows < 1 or columns < 1:
        raise InputError(f"a window of {window} does not fit into {size}", where=part.where)
    return rows, columns
