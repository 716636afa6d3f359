"""Layers as differentiable functions that keep their input alone, and compute again what is inside.

An `Operation` says what a layer does to planes, ``(values, samples)``, twice: as compiled loops
for float32 on a CPU, and as a formula of torch for everything else.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any, Protocol

import torch
from torch import Tensor

from .tensors import apply, tensor_of


class Operation(Protocol):
    """What a layer does to planes with its weights."""

    def forward(self, planes: Any, weights: Any) -> Any:
        """Values, by compiled loops: float32 arrays ``(in, n)`` and of weights to ``(out, n)``."""
        ...

    def backward(self, planes: Any, weights: Any, gradient: Any, wanted: bool) -> tuple[Any, Any]:
        """Gradients of planes, None if they are not ``wanted``, and of weights."""
        ...

    def formula(self, planes: Tensor, weights: Tensor) -> Tensor:
        """The same as `forward`, by torch's operations."""
        ...


def on_rows(x: Tensor, weights: Tensor, operation: Operation) -> Tensor:
    """What a layer makes of ``(n, in)``; a transposed view of planes is not copied, and returned.

    Args:
        weights: of any shape that the operation knows.
    """
    return apply(_Recomputed, x, weights, operation)


@cache
def _numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def _on_cpu(*tensors: Tensor) -> bool:
    """Whether the compiled loops can work on them."""
    plain = all(each.device.type == "cpu" and each.dtype == torch.float32 for each in tensors)
    return plain and _numba()


class _Recomputed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *args: Any) -> Tensor:
        x, weights, operation = args
        planes = x.t().contiguous()
        ctx.save_for_backward(planes, weights)
        ctx.operation = operation
        if _on_cpu(planes, weights):
            held = weights.detach().contiguous().numpy()
            return tensor_of(operation.forward(planes.numpy(), held)).t()
        return operation.formula(planes, weights).t()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        planes, weights = ctx.saved_tensors
        gradient, wanted = gradients[0].t().contiguous(), ctx.needs_input_grad[0]
        if _on_cpu(planes, weights, gradient):
            held = weights.detach().contiguous().numpy()
            reads, parts = ctx.operation.backward(planes.numpy(), held, gradient.numpy(), wanted)
            return None if reads is None else tensor_of(reads).t(), tensor_of(parts), None
        with torch.enable_grad():
            planes = planes.detach().requires_grad_(wanted)
            weights = weights.detach().requires_grad_()
            made = ctx.operation.formula(planes, weights)
            asked = (planes, weights) if wanted else (weights,)
            found = torch.autograd.grad(made, asked, gradient)
        return found[0].t() if wanted else None, found[-1], None
