"""Mixtures of gates as two operators of torch, ``lgc::gates`` and ``lgc::gates_backward``.

Graphs that are traced from tensors without data hold them as they stand; `torch.compile` sees the
formula instead (`functional.gates`). What works on a tensor is chosen here: numba's loops on a CPU,
Triton's kernels on a GPU, torch's own operations for everything else.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

from . import formula
from .logics import LOGICS
from .tensors import installed, on_cpu, tensor_of

_T = TypeVar("_T")

_library: Any = torch.library.Library("lgc", "DEF")
_library.define("gates(Tensor planes, Tensor coefficients, Tensor indices, str logic) -> Tensor")
_library.define(
    "gates_backward(Tensor gradient, Tensor planes, Tensor coefficients, Tensor indices, "
    "str logic, bool wanted) -> (Tensor, Tensor)"
)


def values(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: str) -> Tensor:
    """Values of gates, ``(out, samples)``; no gradients pass.

    Args:
        planes: ``(in, samples)``, contiguous.
        coefficients: ``(out, terms)``, of the terms of the logic.
        indices: int64 ``(2, out)``, rows that a gate reads.
        logic: a name of `LOGICS`.
    """
    return _operators.gates(planes, coefficients, indices, logic)


def gradients(
    gradient: Tensor,
    planes: Tensor,
    coefficients: Tensor,
    indices: Tensor,
    logic: str,
    wanted: bool,
) -> tuple[Tensor, Tensor]:
    """Gradients of planes, which are empty if they are not wanted, and of coefficients.

    Args:
        gradient: of the values, ``(out, samples)``.
    """
    return _operators.gates_backward(gradient, planes, coefficients, indices, logic, wanted)


def _values(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: str) -> Tensor:
    planes, coefficients = planes.contiguous(), coefficients.contiguous()
    if on_cpu(planes, coefficients):
        from . import kernels

        left, right = indices.numpy()
        return tensor_of(
            kernels.forward(LOGICS[logic], planes.numpy(), left, right, coefficients.numpy())
        )
    if _on_gpu(planes, coefficients):
        from . import triton_kernels

        made = _tried(triton_kernels.forward, planes, coefficients, indices.contiguous(), logic)
        if made is not None:
            return made
    return formula.values(planes, coefficients, indices, logic)


def _gradients(
    gradient: Tensor,
    planes: Tensor,
    coefficients: Tensor,
    indices: Tensor,
    logic: str,
    wanted: bool,
) -> tuple[Tensor, Tensor]:
    gradient, planes = gradient.contiguous(), planes.contiguous()
    coefficients = coefficients.contiguous()
    reads, parts = _found(gradient, planes, coefficients, indices, logic, wanted)
    return planes.new_empty(0) if reads is None else reads, parts


def _found(
    gradient: Tensor,
    planes: Tensor,
    coefficients: Tensor,
    indices: Tensor,
    logic: str,
    wanted: bool,
) -> tuple[Tensor | None, Tensor]:
    """Gradients, by what can work on such tensors."""
    if on_cpu(planes, coefficients, gradient):
        from . import kernels

        left, right = indices.numpy()
        arrays = kernels.backward(
            LOGICS[logic],
            planes.numpy(),
            left,
            right,
            coefficients.numpy(),
            gradient.numpy(),
            wanted,
        )
        return None if arrays[0] is None else tensor_of(arrays[0]), tensor_of(arrays[1])
    if _on_gpu(planes, coefficients, gradient):
        from . import triton_kernels

        found = _tried(
            triton_kernels.backward, gradient, planes, coefficients, indices.contiguous(), logic,
            wanted,
        )  # fmt: skip
        if found is not None:
            return found
    return formula.gradients(gradient, planes, coefficients, indices, logic, wanted)


def _values_like(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: str) -> Tensor:
    kind = torch.promote_types(planes.dtype, coefficients.dtype)
    return planes.new_empty((indices.shape[1], planes.shape[1]), dtype=kind)


def _gradients_like(
    gradient: Tensor,
    planes: Tensor,
    coefficients: Tensor,
    indices: Tensor,
    logic: str,
    wanted: bool,
) -> tuple[Tensor, Tensor]:
    reads = planes.new_empty(planes.shape if wanted else (0,))
    return reads, coefficients.new_empty(coefficients.shape)


_library.impl("gates", _values, "CompositeExplicitAutograd")
_library.impl("gates_backward", _gradients, "CompositeExplicitAutograd")
_library.impl("gates", _values_like, "Meta")
_library.impl("gates_backward", _gradients_like, "Meta")
_operators: Any = torch.ops.lgc


_GPUS = ("cuda",)
"""Types of devices; ROCm's are called so too."""

_HALVES_AND_FLOATS = {torch.float32, torch.bfloat16, torch.float16}


def _on_gpu(*tensors: Tensor) -> bool:
    """Whether Triton's kernels can work on tensors, all of one type."""
    kinds = {each.dtype for each in tensors}
    fits = len(kinds) == 1 and kinds <= _HALVES_AND_FLOATS
    there = tensors[0].device.type in _GPUS
    return there and fits and not _failures and installed("triton")


_failures: list[str] = []


def failures() -> tuple[str, ...]:
    """What Triton said when it failed; it is not asked again."""
    return tuple(_failures)


def _tried(kernels: Callable[..., _T], *arguments: Any) -> _T | None:
    """What kernels make, or nothing if Triton cannot compile or start them here."""
    try:
        return kernels(*arguments)
    except torch.cuda.OutOfMemoryError:
        raise
    except Exception as error:  # compilers, drivers and gcc all have their own
        _failures.append(f"{type(error).__name__}: {error}")
        warnings.warn(
            f"layers of gates run without Triton, several times slower: {_failures[0]}",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
