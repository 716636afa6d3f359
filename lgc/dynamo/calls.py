"""What stands in a graph in place of a network's operations: the kernel, or the operations."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import LgcError, LgcWarning, UnsupportedError
from .networks import Network, Part

_BLOCK = 1 << 16
"""Numbers of a batch that are looked at together."""


@dataclass(frozen=True)
class Roles:
    """What the inputs of a call are, by their places.

    Attributes:
        data: the batch.
        sizes: numbers that are the size of the batch.
        parts: tensors and numbers of the module, and what they are in its copy.
        fixed: other numbers and tensors, as they were when the graph was traced.
    """

    data: int
    sizes: list[int]
    parts: dict[int, Part]
    fixed: dict[int, Any]


class NetworkCall(torch.nn.Module):
    """One call of a network in a graph."""

    def __init__(self, name: str, network: Network, eager: torch.nn.Module, roles: Roles) -> None:
        super().__init__()
        self.name, self.network, self.roles = name, network, roles
        self.eager = eager
        self.checks_binary = True

    def forward(self, *given: Any) -> torch.Tensor:
        try:
            return self.by_kernel(*given)
        except LgcError as error:
            warnings.warn(f"{self.name} runs without its kernel: {error}", LgcWarning, stacklevel=2)
        return self.eager(*given)

    def by_kernel(self, *given: Any) -> torch.Tensor:
        """What the kernel gives.

        Raises:
            LgcError: the kernel does not do for these inputs.
        """
        data: torch.Tensor = given[self.roles.data].detach()
        for place in self.roles.sizes:
            _check_same(len(data), given[place])
        for place, value in self.roles.fixed.items():
            _check_same(value, given[place])
        if self.checks_binary and not is_binary(data):
            raise UnsupportedError(
                "it was given numbers other than 0 and 1, which gates know nothing of",
                hint="binarise the rows, or put an encoder before the first layer",
            )
        kernel = self.network.kernel(
            list(self.roles.parts.values()), [given[place] for place in self.roles.parts]
        )
        return torch.from_numpy(kernel(data)).to(data.device)  # pyright: ignore[reportUnknownMemberType]


def _check_same(traced: Any, now: Any) -> None:
    if isinstance(traced, torch.Tensor):
        same = torch.equal(traced, now)
    else:
        same = float(now) == traced
    if not same:
        raise UnsupportedError(
            "a value that it reads has changed since it was compiled",
            hint="torch.compiler.reset() forgets what was compiled",
        )


def is_binary(data: torch.Tensor) -> bool:
    """Whether a batch holds 0 and 1 and nothing else: x² = x has no other solutions."""
    if data.dtype == torch.bool:
        return True
    flat = data.reshape(-1)
    parts = (flat[start : start + _BLOCK] for start in range(0, len(flat), _BLOCK))
    return all(torch.equal(part * part, part) for part in parts)
