"""Values whose gradient is multiplied on its way back."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .tensors import apply


class _Scale(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, factor: float) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.factor = inputs[1]

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0] * ctx.factor, None


def scaled(x: Tensor, factor: float) -> Tensor:
    """``x``, with a gradient ``factor`` times as large."""
    return x if factor == 1 else apply(_Scale, x, factor)
