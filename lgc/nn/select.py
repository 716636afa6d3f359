"""Some of the values, in an order of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..errors import UsageError
from .described import Described


class Select(Described):
    """Passes some of its values on: wires, and no gates.

    Behind an encoder it leaves out the bits that say nothing, such as thresholds that a number
    never reaches.

    Attributes:
        indices: int64 ``(out_dim,)``, the columns that are passed on; in the state dict.
    """

    arguments = ("in_dim", "out_dim")

    indices: Tensor

    def __init__(self, in_dim: int, out_dim: int, indices: Any = None) -> None:
        """Make a selection; by default of the first ``out_dim`` values.

        Raises:
            UsageError: an index is out of range, or there are not ``out_dim``.
        """
        super().__init__()
        chosen = torch.arange(out_dim) if indices is None else torch.as_tensor(indices).long()
        within = len(chosen) > 0 and bool(((chosen >= 0) & (chosen < in_dim)).all())
        if chosen.shape != (out_dim,) or not within:
            raise UsageError(f"no {out_dim} columns of {in_dim} values", where="Select")
        self.in_dim, self.out_dim = in_dim, out_dim
        self.register_buffer("indices", chosen)

    def forward(self, x: Tensor) -> Tensor:
        """``(…, in_dim)`` values become ``(…, out_dim)``."""
        return x.transpose(0, -1)[self.indices].transpose(0, -1)
