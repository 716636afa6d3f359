"""State dicts of binarised perceptrons: linear layers and batch norms, known by their shapes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, LgcWarning, UsageError
from lgc.guards import is_array, is_dict

from .layers import SIGNS, Dense, Floats, Step, batch_norm, bias, signs

EPS = 1e-5
"""PyTorch's default."""


def looks_binary(data: Any) -> bool:
    """Whether there are two linear layers or more and all but the last have weights of ±1."""
    try:
        found = [weight for _, weight in _linears(_state(data))]
    except InputError:
        return False
    joined = all(len(one) == two.shape[1] for one, two in pairwise(found))
    return len(found) > 1 and joined and all((np.abs(weight) == 1).all() for weight in found[:-1])


def find_layers(data: Any, where: str, described: Mapping[str, Any]) -> list[Dense]:
    """All layers in order.

    Args:
        described: ``eps``, ``last`` and ``activations``, where the description says them.

    Raises:
        InputError: they do not fit together.
        UsageError: the weights of the last layer are real, and nobody says what they mean.
    """
    state = _state(data)
    linears, norms = _linears(state), _norms(state)
    if not linears:
        raise InputError("no linear layers: no weights of two dimensions", where=where)
    if len(norms) > len(linears):
        raise InputError(f"{len(norms)} batch norms for {len(linears)} linear layers", where=where)
    if norms and "eps" not in described:
        warnings.warn(
            f"{where}: eps of the batch norms is not in the file, {EPS:g} is assumed; "
            '"eps" in its description states it',
            LgcWarning,
            stacklevel=2,
        )
    layers: list[Dense] = []
    for number, (name, weight) in enumerate(linears):
        place = f"{where}: layer {name}"
        steps: list[Step] = []
        if is_array(more := state.get(f"{name}.bias")):
            steps.append(bias(_row(more, len(weight), place)))
        if number < len(norms):
            norm = norms[number]
            rows = [
                _row(state[f"{norm}.{key}"], len(weight), place)
                if f"{norm}.{key}" in state
                else None
                for key in ("running_mean", "running_var", "weight", "bias")
            ]
            mean, variance, scale, shift = rows
            assert mean is not None
            if variance is None:
                raise InputError(f"{norm} has a mean and no variance", where=place)
            steps.append(batch_norm(mean, variance, scale, shift, described.get("eps", EPS)))
        real = number == len(linears) - 1 and _last_is_real(weight, described, place)
        values = weight.astype(np.float64) if real else signs(weight, place)
        layers.append(Dense(name, values, steps, described.get("activations", SIGNS)))
    return layers


def _last_is_real(weight: NDArray[Any], described: Mapping[str, Any], where: str) -> bool:
    if (np.abs(weight) == 1).all():
        return False
    last = described.get("last")
    if last not in ("binary", "real"):
        raise UsageError(
            "the weights of the last layer are real: do they count, or their signs?",
            where=where,
            hint='write "last": "real" or "last": "binary" into its --description',
        )
    return last == "real"


def _state(data: Any) -> dict[str, Any]:
    for key in ("state_dict", "model_state_dict"):
        if is_dict(data) and is_dict(data.get(key)):
            data = data[key]
    if not is_dict(data):
        raise InputError("the file holds no dict of tensors", where="checkpoint")
    return {str(key): value for key, value in data.items()}


def _linears(state: Mapping[str, Any]) -> list[tuple[str, NDArray[Any]]]:
    """Name and weights of each linear layer, in the order of the file."""
    return [
        (key.removesuffix("weight").removesuffix("."), value)
        for key, value in state.items()
        if key.rpartition(".")[2] == "weight"
        and is_array(value)
        and value.ndim == 2
        and 0 not in value.shape
        and value.dtype.kind in "fiu"
    ]


def _norms(state: Mapping[str, Any]) -> list[str]:
    """Name of each batch norm."""
    ending = ".running_mean"
    return [key.removesuffix(ending) for key in state if key.endswith(ending)]


def _row(values: Any, size: int, where: str) -> Floats:
    if not is_array(values) or values.shape != (size,) or values.dtype.kind not in "fiu":
        raise InputError(f"a bias or batch norm does not have {size} numbers", where=where)
    return values.astype(np.float64)
