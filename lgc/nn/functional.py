"""Mixtures of gates as differentiable functions: numba on a CPU, torch's own operations elsewhere.

What is kept for the backward pass is the input of a layer and nothing else.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

import torch
from torch import Tensor

from .logics import LOGICS, Logic
from .tensors import apply, tensor_of


def gates(x: Tensor, indices: Tensor, coefficients: Tensor, logic: str = "product") -> Tensor:
    """Mixtures of gates of two inputs, float ``(n, out)``.

    Args:
        x: ``(n, in)``, numbers from 0 to 1. A transposed view of ``(in, n)`` is not copied, and the
            result is one.
        indices: int64 ``(2, out)``, columns that a gate reads.
        coefficients: ``(out, terms)``, of the terms of the logic.
        logic: a name of `LOGICS`.
    """
    if torch.compiler.is_compiling():  # torch.compile sees operations, and no loops of numba
        return _formula(x.t(), coefficients, indices, LOGICS[logic]).t()
    return apply(_Gates, x, coefficients, indices, LOGICS[logic])


@cache
def _numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def _on_cpu(x: Tensor) -> bool:
    """Whether the compiled loops can work on it."""
    return x.device.type == "cpu" and x.dtype == torch.float32 and _numba()


def _formula(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: Logic) -> Tensor:
    """The mixture by torch's operations: planes to planes."""
    return logic.mixture(planes[indices[0]], planes[indices[1]], coefficients)


class _Gates(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *args: Any) -> Tensor:
        x, coefficients, indices, logic = args
        planes = x.t().contiguous()
        ctx.save_for_backward(planes, coefficients, indices)
        ctx.logic = logic
        if _on_cpu(planes) and coefficients.dtype == torch.float32:
            from . import kernels

            left, right = indices.numpy()
            made = kernels.forward(
                logic, planes.numpy(), left, right, coefficients.detach().contiguous().numpy()
            )
            return tensor_of(made).t()
        return _formula(planes, coefficients, indices, logic).t()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        planes, coefficients, indices = ctx.saved_tensors
        gradient, wanted = gradients[0].t().contiguous(), ctx.needs_input_grad[0]
        if _on_cpu(planes) and coefficients.dtype == gradient.dtype == torch.float32:
            from . import kernels

            left, right = indices.numpy()
            held = coefficients.detach().contiguous().numpy()
            reads, parts = kernels.backward(
                ctx.logic, planes.numpy(), left, right, held, gradient.numpy(), wanted
            )
            to_x = None if reads is None else tensor_of(reads).t()
            return to_x, tensor_of(parts), None, None
        with torch.enable_grad():
            planes = planes.detach().requires_grad_(wanted)
            coefficients = coefficients.detach().requires_grad_()
            made = _formula(planes, coefficients, indices, ctx.logic)
            asked = (planes, coefficients) if wanted else (coefficients,)
            found = torch.autograd.grad(made, asked, gradient)
        return found[0].t() if wanted else None, found[-1], None, None
