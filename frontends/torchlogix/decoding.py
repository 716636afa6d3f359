"""Weights to truth tables: what a neuron computes in eval mode, to the last bit.

The parametrisations of torchlogix, for neurons of rank r, inputs a, b, …, the first the most
significant bit of the column:

``raw``    logits of all gates of two inputs, the first maximum wins
``warp``   Walsh–Hadamard coefficients: 1 where the sum of w[j]·(-1)^|i∧j| over j is negative
``light``  a weight for each column: 1 where it is positive

The sum of ``warp`` is rounded after every addition, in the order in which torchlogix adds, so that
sums which cancel are decided as it decides them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UsageError
from lgc.tables import Tables

PARAMETRISATIONS = ("raw", "warp", "light")
RANKS = (1, 2, 4, 6)
"""Inputs that a neuron of torchlogix may have."""

_PIECE = 1 << 14
"""Neurons whose columns are computed at once."""


def rank_of(columns: int, rank: int) -> tuple[str, ...]:
    """The parametrisations that weights of so many columns may be."""
    if columns == 16 and rank == 2:
        return ("raw",)
    if columns == 1 << rank and rank in RANKS:
        return ("warp",) if rank == 1 else ("warp", "light")  # light has no rank 1
    return ()


def decode(weights: NDArray[Any], rank: int, given: str | None, where: str) -> Tables:
    """Truth tables of neurons.

    Args:
        weights: float ``(…, columns)``.
        given: the parametrisation, None where it is not known.

    Returns:
        uint64 ``(…)``.

    Raises:
        InputError: columns that fit no parametrisation, or weights that are not finite.
        UsageError: the parametrisation is not known, or another.
    """
    if weights.dtype.kind != "f" or weights.ndim < 2:
        raise InputError(f"weights of type {weights.dtype} and shape {weights.shape}", where=where)
    columns = weights.shape[-1]
    possible = rank_of(columns, rank)
    if not possible:
        raise InputError(f"{columns} weights do not fit a gate of {rank} inputs", where=where)
    if given is not None and given not in PARAMETRISATIONS:
        raise UsageError(
            f"there is no parametrisation called {given!r}",
            where=where,
            hint=f"torchlogix has {', '.join(PARAMETRISATIONS)}",
        )
    kind = possible[0] if given is None and len(possible) == 1 else given
    if kind is None:
        raise UsageError(
            f"{columns} weights a gate of {rank} inputs, and the file does not say what they are",
            where=where,
            hint=f"give it with --parametrisation: one of {', '.join(possible)}",
        )
    if kind not in possible:
        raise UsageError(
            f"{columns} weights a gate of {rank} inputs are not {kind}",
            where=where,
            hint=f"they may be {' or '.join(possible)}",
        )
    flat = weights.reshape(-1, columns)
    finite = np.isfinite(flat).all(axis=1)
    if not finite.all():
        raise InputError(
            f"neuron {int(finite.argmin())} has weights that are NaN or infinite",
            where=where,
            hint="the training diverged, or the file is damaged",
        )
    tables = np.empty(len(flat), np.uint64)
    for start in range(0, len(flat), _PIECE):
        piece = slice(start, start + _PIECE)
        tables[piece] = _DECODERS[kind](flat[piece])
    return tables.reshape(weights.shape[:-1])


def _raw(weights: NDArray[Any]) -> NDArray[Any]:
    return weights.argmax(axis=1)


def _warp(weights: NDArray[Any]) -> NDArray[Any]:
    columns = weights.shape[1]
    number = np.arange(columns, dtype=np.uint64)
    odd = np.bitwise_count(number[:, None] & number) & 1
    negative = odd.astype(np.bool_)  # of column i, coefficient j
    total = np.repeat(weights[:, :1], columns, axis=1)
    for j in range(1, columns):
        term = weights[:, j, None]
        total = total + np.where(negative[:, j], -term, term)
    return _packed(total < 0)


def _light(weights: NDArray[Any]) -> NDArray[Any]:
    return _packed(weights > 0)


_DECODERS: Mapping[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "raw": _raw,
    "warp": _warp,
    "light": _light,
}


def _packed(bits: NDArray[np.bool_]) -> Tables:
    """Columns bool ``(n, 2**r)`` to tables; column 0 is the highest bit of the table."""
    places = np.arange(bits.shape[1] - 1, -1, -1, dtype=np.uint64)
    return np.bitwise_or.reduce(bits.astype(np.uint64) << places, axis=1)
