"""Light parametrisations: four weights a gate, one for each of its inputs 00, 01, 10 and 11.

An activation makes a number of each (difflogic-iwp's ``act_fn``), and the gate gives 1 where that
is at least a half, computed as the library does in evaluation on a CPU; its CUDA code rounds, and
takes exactly a half for 0. A straight-through variant (``sigmoid-st``, ``sin-st``) is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import UnsupportedError

_LEAST = np.float32(-1.788139e-07)
"""The least float32 of which torch makes a half on a CPU (2.14, by trying all near)."""


def _sigmoid(weights: NDArray[Any]) -> NDArray[np.bool_]:
    return weights >= (_LEAST if weights.dtype == np.float32 else 0)


def _sin(weights: NDArray[Any]) -> NDArray[np.bool_]:
    half = weights.dtype.type(0.5)
    return half + half * np.sin(weights) >= 0.5


LIGHT: Mapping[str, Callable[[NDArray[Any]], NDArray[np.bool_]]] = {
    "sigmoid": _sigmoid,
    "linear": lambda weights: weights >= 0.5,
    "sin": _sin,
}
"""By the name of the activation: weights to outputs."""

_LIVE = {
    "sigmoid": "sigmoid", "sigmoid-st": "sigmoid", "linear": "linear", "SIN01": "sin",
    "sin-st": "sin",
}  # fmt: skip
"""What a live layer calls them."""


def activation_of(module: Any) -> str | None:
    """The parametrisation that a live layer says it has."""
    said = getattr(module, "act_fn_str", None)
    return _LIVE.get(said) if isinstance(said, str) else None


def check_plain_sums(sums: Mapping[str, Any], where: str) -> None:
    """Refuse class sums that are more than counts, as difflogic-iwp can train them.

    Args:
        sums: a state dict, or the attributes of a live GroupSum.

    Raises:
        UnsupportedError: they are.
    """
    for name, value in sums.items():
        last, rank = name.rpartition(".")[2], getattr(value, "ndim", -1)
        if (last == "weights" and rank == 1) or (last == "bias" and rank in (1, 2)):
            raise UnsupportedError(
                f"GroupSum has {last} of its own, real numbers",
                where=where,
                hint="train it with use_weights=False and use_bias=False, the default",
            )
        if last == "flip_mask" or (last == "n_splits" and value != 1):
            raise UnsupportedError(
                f"GroupSum with {last} is not known",
                where=where,
                hint="train it with gs_flip=0 and n_splits=1, the default",
            )
