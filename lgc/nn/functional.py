"""Mixtures of gates as differentiable functions: numba on a CPU, Triton on a GPU, torch elsewhere.

What is kept for the backward pass is the input of a layer and nothing else.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from . import formula, operators
from .tensors import apply, one_by_one


def gates(x: Tensor, indices: Tensor, coefficients: Tensor, logic: str = "product") -> Tensor:
    """Mixtures of gates of two inputs, float ``(n, out)``.

    Args:
        x: ``(n, in)``, numbers from 0 to 1. A transposed view of ``(in, n)`` is not copied, and the
            result is one.
        indices: int64 ``(2, out)``, columns that a gate reads.
        coefficients: ``(out, terms)``, of the terms of the logic.
        logic: a name of `LOGICS`.
    """
    if torch.compiler.is_compiling():  # torch.compile and its backends see torch's operations
        return formula.values(x.t(), coefficients, indices, logic).t()
    return apply(_Gates, x.t().contiguous(), coefficients, indices, logic).t()


class _Gates(torch.autograd.Function):
    @staticmethod
    def forward(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: str) -> Tensor:
        return operators.values(planes, coefficients, indices, logic)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        planes, coefficients, indices, ctx.logic = inputs
        ctx.save_for_backward(planes, coefficients, indices)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        planes, coefficients, indices = ctx.saved_tensors
        wanted = ctx.needs_input_grad[0]
        # the operators have no gradients themselves, which are asked for where they are on here
        made = formula.gradients if torch.is_grad_enabled() else operators.gradients
        reads, parts = made(gradients[0], planes, coefficients, indices, ctx.logic, wanted)
        return reads if wanted else None, parts, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *args: Any) -> tuple[Tensor, int]:
        return one_by_one(_Gates, info, in_dims, args)
