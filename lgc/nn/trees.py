"""Trees of gates at every place of a grid: convolutions, with nothing kept of what is inside.

A kernel is a complete binary tree; row t of its gates, the leaves' level first, reads what is in
rows 2t and 2t + 1 of leaves and gates together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .logics import LOGICS, Logic
from .recomputing import on_rows

_ROOM = 1 << 26
"""Numbers that the formula may hold at a time; kernels are taken in turn for more."""


@dataclass(frozen=True)
class Sliding:
    """Where windows stand on an image: sizes are rows and columns.

    Attributes:
        size: of the image.
        grid: of the places.
    """

    channels: int
    size: tuple[int, int]
    grid: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]


def trees(
    x: Tensor, leaves: Tensor, coefficients: Tensor, sliding: Sliding, logic: str = "product"
) -> Tensor:
    """Trees at all places, ``(n, kernels · places)``, kernel by kernel, place by place.

    Args:
        x: ``(n, channels · rows · columns)``, numbers from 0 to 1.
        leaves: int64 ``(kernels, leaves, 3)``, channel, row and column in the window.
        coefficients: ``(kernels · gates, terms)``, of the terms of the logic.
        logic: a name of `LOGICS`.
    """
    return on_rows(x, coefficients, _Trees(leaves, sliding, LOGICS[logic]))


@dataclass(frozen=True, eq=False)
class _Trees:
    leaves: Tensor
    sliding: Sliding
    logic: Logic

    def forward(self, planes: Any, weights: Any) -> Any:
        from . import tree_kernels

        return tree_kernels.forward(self.logic, planes, self.leaves.numpy(), weights, self.sliding)

    def backward(self, planes: Any, weights: Any, gradient: Any, wanted: bool) -> Any:
        from . import tree_kernels

        return tree_kernels.backward(
            self.logic, planes, self.leaves.numpy(), weights, self.sliding, gradient, wanted
        )

    def formula(self, planes: Tensor, weights: Tensor) -> Tensor:
        zero = torch.zeros_like(planes[:1])
        planes = torch.cat([planes, zero])
        kernels, leaves, _ = self.leaves.shape
        held = weights.reshape(kernels, leaves - 1, -1)
        places = self.sliding.grid[0] * self.sliding.grid[1]
        each = max(_ROOM // max(leaves * places * planes.shape[1], 1), 1)
        made: list[Tensor] = []
        for at in range(0, kernels, each):
            rows = planes[self._rows(self.leaves[at : at + each])]
            rows = rows.flatten(2)  # (kernels, leaves, places · n)
            first = 0
            while rows.shape[1] > 1:
                gates = held[at : at + each, first : first + rows.shape[1] // 2]
                first += gates.shape[1]
                rows = self.logic.mixture(rows[:, 0::2], rows[:, 1::2], gates)
            made.append(rows.reshape(-1, planes.shape[1]))
        return torch.cat(made)

    def _rows(self, leaves: Tensor) -> Tensor:
        """Rows of planes that leaves read, ``(kernels, leaves, places)``; behind all is a zero."""
        at = self.sliding
        channel, down, right = (each[..., None, None] for each in leaves.unbind(-1))
        row = (torch.arange(at.grid[0]).to(leaves) * at.stride[0] - at.padding[0])[:, None] + down
        column = torch.arange(at.grid[1]).to(leaves) * at.stride[1] - at.padding[1] + right
        inside = (row >= 0) & (row < at.size[0]) & (column >= 0) & (column < at.size[1])
        rows = (channel * at.size[0] + row) * at.size[1] + column
        return torch.where(inside, rows, at.channels * at.size[0] * at.size[1]).flatten(2)
