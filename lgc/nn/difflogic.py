"""Networks of difflogic: its state dicts and wiring as modules of lgc, weights and all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError
from .group_sum import GroupSum
from .logic_layer import LogicLayer

_WEIGHTS = re.compile(r"(?:.*\.)?(\d+)\.weights?$")


def from_difflogic(
    state: Mapping[str, Tensor],
    wiring: Sequence[tuple[Any, Any]],
    classes: int,
    tau: float = 1.0,
    *,
    inputs: int | None = None,
) -> torch.nn.Sequential:
    """The layers of a difflogic network and its GroupSum, to go on training or to compile.

    Args:
        state: its state dict, sixteen weights for each neuron.
        wiring: for each layer the columns that its neurons read, first and second inputs; what the
            layers of the live network hold as ``indices``.
        inputs: bits that the first layer reads; by default the least that the wiring allows.

    Raises:
        InputError: weights and wiring do not fit together.
    """
    found = [(int(match[1]), key) for key in state if (match := _WEIGHTS.match(key))]
    weights = [torch.as_tensor(state[key]) for _, key in sorted(found)]
    if not weights or len(weights) != len(wiring):
        raise InputError(
            f"{len(weights)} layers of weights and {len(wiring)} of wiring", where="from_difflogic"
        )
    modules: list[torch.nn.Module] = []
    width = inputs
    for number, (weight, pair) in enumerate(zip(weights, wiring)):
        where = f"layer {number}"
        indices = torch.stack([torch.as_tensor(side).long().flatten() for side in pair])
        if weight.ndim != 2 or weight.shape[1] != 16 or indices.shape != (2, len(weight)):
            raise InputError(
                f"weights {tuple(weight.shape)} and wiring {tuple(indices.shape)}", where=where
            )
        least = int(indices.max()) + 1
        width = least if width is None else width
        if least > width or int(indices.min()) < 0:
            raise InputError(f"it reads column {least - 1}, there are {width}", where=where)
        # drawn wiring is replaced, and might not exist for a layer so narrow
        layer = LogicLayer(min(width, len(weight)), len(weight))
        layer.in_dim = width
        layer.indices = indices
        layer.weights = torch.nn.Parameter(weight.float())
        modules.append(layer)
        width = len(weight)
    return torch.nn.Sequential(*modules, GroupSum(classes, tau))
