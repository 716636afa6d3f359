"""Layers as differentiable functions that keep their input alone, and compute again what is inside.

An `Operation` says what a layer does to planes, ``(values, samples)``, twice: as compiled loops
for float32 on a CPU, and as a formula of torch for everything else.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from .formula import pulled
from .tensors import apply, on_cpu, one_by_one, tensor_of


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
    planes = x.t().contiguous()
    if torch.compiler.is_compiling():  # which makes loops of its own, and looks into no others
        return operation.formula(planes, weights).t()
    return apply(_Recomputed, planes, weights, operation).t()


class _Recomputed(torch.autograd.Function):
    @staticmethod
    def forward(planes: Tensor, weights: Tensor, operation: Operation) -> Tensor:
        if on_cpu(planes, weights):
            held = weights.detach().contiguous().numpy()
            return tensor_of(operation.forward(planes.numpy(), held))
        return operation.formula(planes, weights)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        planes, weights, ctx.operation = inputs
        ctx.save_for_backward(planes, weights)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        planes, weights = ctx.saved_tensors
        gradient, wanted = gradients[0].contiguous(), ctx.needs_input_grad[0]
        # the loops have no gradients themselves, which are asked for where they are on here
        if on_cpu(planes, weights, gradient) and not torch.is_grad_enabled():
            held = weights.detach().contiguous().numpy()
            reads, parts = ctx.operation.backward(planes.numpy(), held, gradient.numpy(), wanted)
            return None if reads is None else tensor_of(reads), tensor_of(parts), None
        return *pulled(ctx.operation.formula, gradient, planes, weights, wanted), None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *args: Any) -> tuple[Tensor, int]:
        return one_by_one(_Recomputed, info, in_dims, args)
