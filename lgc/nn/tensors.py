"""torch's functions whose types it does not tell, with types."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, cast

import torch
from numpy.typing import NDArray
from torch import Tensor

_torch: Any = torch


def tensor_of(values: NDArray[Any]) -> Tensor:
    """An array as a tensor that shares its memory."""
    return _torch.from_numpy(values)


def apply(function: type[torch.autograd.Function], *arguments: Any) -> Tensor:
    """What a differentiable function gives."""
    return cast(Any, function).apply(*arguments)


def one_by_one(
    function: type[torch.autograd.Function], info: Any, places: tuple[int | None, ...], given: Any
) -> tuple[Tensor, int]:
    """The rule of `torch.func.vmap` for it: one call after the other.

    Args:
        places: dimensions over which the arguments are mapped.
    """
    made = [
        apply(function, *(x if at is None else x.select(at, n) for x, at in zip(given, places)))
        for n in range(info.batch_size)
    ]
    return torch.stack(made), 0


def own_types(device: torch.device) -> AbstractContextManager[Any]:
    """Where autocast rounds nothing to sixteen bits."""
    if device.type in ("cpu", "cuda"):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


@cache
def installed(module: str) -> bool:
    """Whether a library is there, without loading it."""
    return importlib.util.find_spec(module) is not None


def on_cpu(*tensors: Tensor) -> bool:
    """Whether numba's loops can work on tensors: all float32, on a CPU."""
    plain = all(each.device.type == "cpu" and each.dtype == torch.float32 for each in tensors)
    return plain and installed("numba")


def modules_in(model: torch.nn.Module) -> Iterable[tuple[str, torch.nn.Module]]:
    """All modules of a model by name, itself by an empty one."""
    return cast(Any, model).named_modules()


def own_tensors(module: torch.nn.Module) -> list[Tensor]:
    """Parameters and buffers that a module has itself."""
    held = cast(Any, module)
    return [*held.parameters(recurse=False), *held.buffers(recurse=False)]
