"""Rows in memory as a training step wants them: bits as bytes, one gather for each batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..extras import extra

_BLOCK = 2048
"""Rows that are encoded or evaluated at once."""


class Rows:
    """Rows and their classes on a device.

    Attributes:
        x: uint8 bits or float32 numbers, ``(n, width)``.
        y: int64 ``(n,)``.
    """

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.y)

    def batch(self, chosen: NDArray[np.int64]) -> tuple[Any, Any]:
        """Some rows: float32, a transposed view of planes, and their classes."""
        rows = extra("torch", "nn").from_numpy(chosen).to(self.y.device)
        return _planes(self.x[rows]), self.y[rows]

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """All rows in order."""
        for at in range(0, len(self), _BLOCK):
            yield _planes(self.x[at : at + _BLOCK]), self.y[at : at + _BLOCK]


def rows_for(model: Any, x: NDArray[Any], y: NDArray[np.int64]) -> tuple[Rows, Any]:
    """Rows for the part of a network that is trained, and that part.

    An encoder that learns nothing is applied here, once; else it is part of what is trained.
    """
    torch, nn = extra("torch", "nn"), extra("lgc.nn", "nn")
    device = next(model.parameters()).device
    classes = torch.from_numpy(y).to(device)
    encoding = 0
    while isinstance(model[encoding], (nn.Thermometer, nn.Select)):
        encoding += 1
    encoder = model[:encoding]
    if any(True for _ in encoder.parameters()):
        return Rows(torch.from_numpy(x.astype(np.float32)).to(device), classes), model
    blocks: list[Any] = []
    with torch.no_grad():
        for at in range(0, max(len(x), 1), _BLOCK):
            block = torch.from_numpy(x[at : at + _BLOCK].astype(np.float32)).to(device)
            blocks.append(encoder(block).to(torch.uint8).contiguous())
    return Rows(torch.cat(blocks), classes), model[encoding:]


def _planes(rows: Any) -> Any:
    """Rows as float32 planes, one for each column, seen as rows again."""
    return rows.t().contiguous().float().t()
