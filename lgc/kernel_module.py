"""A compiled kernel as a module of torch; this file alone of the core imports torch at once.

The kernel stays outside autograd: it has no gradients and no training mode. A state dict holds it
as the bytes of a kernel file, so that it is saved and loaded like weights.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from . import registry
from .errors import InputError, UnsupportedError, UsageError


class Scoring(Protocol):
    """What the module needs of a kernel."""

    @property
    def features(self) -> int: ...

    def __call__(self, x: Any, *, threads: int | None = None) -> NDArray[np.float32]: ...

    def to_bytes(self) -> bytes: ...

    def need_no_state(self) -> None: ...


class KernelModule(torch.nn.Module):
    """``module(x)`` is ``kernel(x)`` as a tensor on the device of ``x``.

    The kernel runs on the CPU wherever ``x`` is. Moving the module or casting it changes nothing.
    """

    kernel: Scoring
    threads: int | None

    def __init__(self, kernel: Scoring, threads: int | None = None) -> None:
        """Of a kernel without a state; ``threads`` as in a call of the kernel.

        Raises:
            UnsupportedError: the kernel is recurrent.
            UsageError: ``threads`` is less than 1.
        """
        super().__init__()
        kernel.need_no_state()
        if threads is not None and threads < 1:
            raise UsageError(f"threads is at least 1, not {threads}", where="as_module")
        self.kernel, self.threads = kernel, threads
        self.training = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores, float32 ``(n, classes)``, of samples ``(n, …)`` of any dtype and layout.

        Raises:
            InputError: ``x`` is no tensor, or its samples do not suit.
            UnsupportedError: a gradient is asked for.
        """
        return _untraced(self, x)

    def train(self, mode: bool = True) -> KernelModule:
        """Stays in eval mode, so that it can stand in a model that is trained behind it."""
        return self

    def extra_repr(self) -> str:
        return repr(self.kernel)

    def get_extra_state(self) -> torch.Tensor:
        """The contents of a kernel file, uint8."""
        return torch.frombuffer(bytearray(self.kernel.to_bytes()), dtype=torch.uint8)

    def set_extra_state(self, state: Any) -> None:
        """Take the kernel of a state dict.

        Raises:
            InputError: it is damaged, built for another processor, or reads other samples.
        """
        data = np.asarray(torch.as_tensor(state).cpu()).tobytes()
        kernel: Scoring = registry.find("backends", "llvm")().from_bytes(data, "state dict")
        if kernel.features != self.kernel.features:
            raise InputError(
                f"the kernel reads {kernel.features} numbers, this module's {self.kernel.features}",
                where="state dict",
            )
        kernel.need_no_state()
        self.kernel = kernel


def _run(module: KernelModule, x: torch.Tensor) -> torch.Tensor:
    if not isinstance(x, torch.Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"the module of a kernel takes a tensor, not {type(x).__name__}",
            hint="the kernel itself takes arrays and packed bits",
        )
    if x.requires_grad and torch.is_grad_enabled():
        raise UnsupportedError(
            "a kernel has no gradients, and its input asks for one",
            hint="call it under torch.no_grad(), or with x.detach()",
        )
    held = x.detach()
    dense = held if held.layout == torch.strided else held.to_dense()
    scores = module.kernel(dense, threads=module.threads)
    return torch.from_numpy(scores).to(x.device)  # pyright: ignore[reportUnknownMemberType]


_untraced: Any = torch.compiler.disable(_run)  # pyright: ignore[reportUnknownMemberType]
"""A kernel reads memory: a compiler of torch calls this, and looks no deeper."""
