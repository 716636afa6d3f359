"""The gates that trained weights choose, by parametrization: what `lgc.nn` does in eval mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError
from lgc.tables import Tables

from .modules import Part


def tables_of(weights: NDArray[Any], k: int, part: Part) -> Tables:
    """Truth tables, uint64 ``(out,)``.

    Args:
        weights: ``(out, size)``.

    Raises:
        InputError: the parametrization is unknown, or has not so many weights.
    """
    kind = part.argument("parametrization", str)
    if kind not in _TABLES:
        raise InputError(f"its parametrization is {kind!r}", where=part.where)
    size = 16 if _TABLES[kind] is _chosen else 1 << k
    if weights.shape[1] != size or (_TABLES[kind] is _chosen and k != 2):
        raise InputError(
            f"neurons of {k} inputs with {weights.shape[1]} weights for {kind}", where=part.where
        )
    return _TABLES[kind](weights)


def _chosen(weights: NDArray[Any]) -> Tables:
    return weights.argmax(axis=1).astype(np.uint64)


def _on(weights: NDArray[Any]) -> Tables:
    places = np.arange(weights.shape[1] - 1, -1, -1, dtype=np.uint64)
    return np.bitwise_or.reduce((weights > 0).astype(np.uint64) << places, axis=1)


def _walsh(weights: NDArray[Any]) -> Tables:
    number = np.arange(weights.shape[1], dtype=np.uint64)
    odd: NDArray[np.integer[Any]] = np.bitwise_count(number[:, None] & number) & 1
    return _on(weights.astype(np.float64) @ np.where(odd, -1.0, 1.0))


_TABLES: Mapping[str, Callable[[NDArray[Any]], Tables]] = {
    "softmax": _chosen,
    "gumbel": _chosen,
    "light": _on,
    "walsh": _walsh,
}
