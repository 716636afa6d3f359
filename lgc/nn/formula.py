"""Mixtures of gates by torch's operations: any device and type, differentiable again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .logics import LOGICS

_functional: Any = torch.func


def values(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: str) -> Tensor:
    """Planes ``(in, samples)`` to planes ``(out, samples)``."""
    return LOGICS[logic].mixture(planes[indices[0]], planes[indices[1]], coefficients)


def gradients(
    gradient: Tensor,
    planes: Tensor,
    coefficients: Tensor,
    indices: Tensor,
    logic: str,
    wanted: bool,
) -> tuple[Tensor | None, Tensor]:
    """Of planes, if they are wanted, and of coefficients; differentiable where those are."""
    return pulled(lambda x, c: values(x, c, indices, logic), gradient, planes, coefficients, wanted)


def pulled(
    formula: Callable[[Tensor, Tensor], Tensor],
    gradient: Tensor,
    planes: Tensor,
    weights: Tensor,
    wanted: bool,
) -> tuple[Tensor | None, Tensor]:
    """Gradients of what a formula reads, from that of what it makes."""

    def made(weights: Tensor, planes: Tensor = planes) -> Tensor:
        return formula(planes, weights)

    asked = (weights, planes) if wanted else (weights,)
    found: tuple[Tensor, ...] = _functional.vjp(made, *asked)[1](gradient)
    return found[1] if wanted else None, found[0]
