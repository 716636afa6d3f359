"""Layers from their arrays, whether these come from a live module or from a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError

from .decoding import decode
from .layers import Dense, Shape, Trees


def chosen(weights: NDArray[Any] | None, indices: NDArray[Any], where: str) -> NDArray[Any]:
    """Wires ``(rank, out)``: the most probable candidate where they were learnt, the first of ties.

    Raises:
        InputError: shapes that do not fit, or weights that are NaN.
    """
    if weights is None:
        return indices
    if weights.ndim != 3 or weights.shape != indices.shape or np.isnan(weights).any():
        raise InputError(
            f"learnt connections {weights.shape} over candidates {indices.shape}, or NaN in them",
            where=where,
        )
    best = weights.argmax(axis=0)
    return np.take_along_axis(indices, best[None], axis=0)[0]


def dense_of(
    name: str,
    weights: NDArray[Any],
    wiring: NDArray[Any],
    parametrisation: str | None,
    inputs: int | None,
    where: str,
) -> Dense:
    """A dense layer from weights ``(out, columns)`` and wires ``(rank, out)``.

    Raises:
        InputError: they do not fit together.
        UsageError: the parametrisation is not known.
    """
    fits = wiring.ndim == 2 and wiring.dtype.kind in "iu" and weights.ndim == 2
    if not fits or wiring.shape[1:] != weights.shape[:1] or not wiring.size:
        raise InputError(
            f"weights {weights.shape} and connections {wiring.shape} of type {wiring.dtype} do "
            "not fit together",
            where=where,
        )
    tables = decode(weights, len(wiring), parametrisation, where)
    return Dense(name, tables, np.ascontiguousarray(wiring.T, np.int64), inputs)


def trees_of(
    name: str,
    weights: list[NDArray[Any]],
    indices: list[NDArray[Any]],
    parametrisation: str | None,
    where: str,
) -> Trees:
    """A convolution from its arrays, level by level; its grid is a row, nothing else is known.

    Raises:
        InputError: they do not fit together.
    """
    if not weights:
        raise InputError(
            "a convolution with trees of no level, which torchlogix cannot run either", where=where
        )
    leaves = indices[0]
    if leaves.ndim != 5 or leaves.dtype.kind not in "iu" or not leaves.size:
        raise InputError(
            f"connections._indices_L0 of type {leaves.dtype} and shape {leaves.shape}",
            where=where,
            hint="(rank, kernels, positions, leaves, axes + 1) whole numbers are expected",
        )
    rank, kernels, positions, nodes, _ = leaves.shape
    wires: list[NDArray[np.int64]] = []
    for level, one in enumerate(weights):
        before = nodes
        nodes = nodes if level == 0 else indices[level].shape[-1]
        fits = one.ndim == 3 and one.shape[:2] == (nodes, kernels)
        if level:
            rows = indices[level]
            fits = fits and rows.shape == (rank, nodes) and rows.dtype.kind in "iu"
            fits = fits and bool(((rows >= 0) & (rows < before)).all())
            wires.append(rows.astype(np.int64))
        if not fits or (level == len(weights) - 1 and nodes != 1):
            raise InputError(
                f"level {level} of the trees has weights {one.shape} and connections "
                f"{indices[level].shape}, which do not fit together",
                where=where,
            )
    decoded = [decode(one, rank, parametrisation, where) for one in weights]
    return Trees(name, decoded, leaves.astype(np.int64, copy=False), wires, (positions,))


def several(value: Any, axes: int, where: str) -> Shape:
    """A number for each axis: torch takes one for all.

    Raises:
        InputError: it is something else.
    """
    every = tuple(value) if isinstance(value, tuple | list) else (value,) * axes  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if len(every) != axes or not all(type(one) is int and one >= 0 for one in every):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        raise InputError(f"{value!r} is not a size for each of {axes} axes", where=where)
    return every  # pyright: ignore[reportUnknownVariableType]
