"""Where the kernels of a convolution stand: its grid, stride and padding, from what they read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lgc.errors import InputError, UsageError

from .layers import Numbers, Shape, Trees

_SURE = 40
"""Bits of evidence for a padding: a wrong one is as unlikely as so many heads in a row."""


def offsets(leaves: Numbers) -> Numbers | None:
    """How far each position is from the first, ``(positions, axes)``; None where leaves differ."""
    moves = leaves[0, 0, :, 0, :-1] - leaves[0, 0, 0, 0, :-1]
    wanted = np.concatenate([moves, np.zeros((len(moves), 1), np.int64)], axis=1)
    for side in leaves:  # one after the other: the coordinates of a large layer are many
        for axis in range(side.shape[-1]):
            moved = side[..., axis] - side[:, :1, :, axis]
            if not (moved == wanted[None, :, None, axis]).all():
                return None
    return moves


def grid_of(moves: Numbers) -> tuple[int, ...] | None:
    """The grid of positions, row by row, that the offsets form; None where they form none."""
    sizes = tuple(len(np.unique(axis)) for axis in moves.T)
    if math.prod(sizes) != len(moves):
        return None
    steps = [np.unique(axis) for axis in moves.T]
    wanted = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, len(sizes))
    return sizes if (wanted == moves).all() else None


def stride_of(moves: Numbers, grid: Sequence[int]) -> int | None:
    """The distance of neighbours on a grid; None where there are none, or of several distances."""
    steps = {
        int(step)
        for axis, size in zip(moves.T, grid)
        if size > 1
        for step in np.diff(np.unique(axis))
    }
    return steps.pop() if len(steps) == 1 else None


def padding_of(layer: Trees, grid_in: Shape, moves: Numbers | None, where: str) -> int:
    """The padding of a convolution of a file: what is described, or deduced.

    With more padding the same number of positions means a larger receptive field, from which
    torchlogix draws what the kernels read. The least padding that fits is taken where it is out of
    the question that all leaves stand so near by chance, and so is one that is described refused.

    Raises:
        InputError: kernels and positions do not suit the padding that is described, or any.
        UsageError: none is described, and the least might not be the right one.
    """
    step = None if moves is None else stride_of(moves, layer.grid)
    if moves is None or step is None:
        if layer.padding is None:
            raise _unknown("its positions do not tell", where)
        return layer.padding
    span = moves.max(axis=0)
    reach = layer.leaves[:, :, 0, :, :-1].max(axis=(0, 1, 2)) + 1
    size, least = np.array(grid_in), np.maximum(reach, step)
    drawn = layer.leaves[:, :, 0, :, 0].size

    def window(padding: int) -> Numbers:
        """The least receptive field that makes so many positions."""
        return np.maximum(least, size + 2 * padding - span - step + 1)

    def evidence(more: Numbers, fewer: Numbers) -> float:
        """Bits for a smaller receptive field against a larger one."""
        return drawn * float(np.log2(more / fewer).sum())

    padding = layer.padding
    if padding is None:
        padding = max(0, int(-(-(least + span - size).max() // 2)))
    if evidence(window(padding), least) > _SURE:
        raise InputError(
            f"kernels reach {tuple(reach.tolist())} of a receptive field that would have to be "
            f"{tuple(window(padding).tolist())} on a grid of {grid_in} padded by {padding}",
            where=where,
            hint="are the shape of a sample, the padding and all pools right?",
        )
    if layer.padding is None and evidence(window(padding + 1), window(padding)) < _SURE:
        raise _unknown(f"{padding} and {padding + 1} would both fit", where)
    return padding


def _unknown(why: str, where: str) -> UsageError:
    return UsageError(
        f"the padding of the convolution is not in the file, and {why}",
        where=where,
        hint='give the layer a "padding" in the description',
    )
