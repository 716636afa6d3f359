"""Rows in memory as a training step wants them: bits as bytes, one gather for each batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..extras import extra

_BLOCK = 2048
"""Rows that are encoded or evaluated at once."""


@dataclass(frozen=True)
class Shift:
    """Images moved by up to ``most`` pixels each way; what comes in from outside is 0."""

    shape: tuple[int, ...]
    most: int

    def __call__(self, rows: Any, draw: np.random.Generator) -> Any:
        """Rows ``(n, features)``, each of them moved by itself."""
        torch = extra("torch", "nn")
        high, wide = self.shape[-2:]
        images = rows.reshape(len(rows), -1, high, wide)
        around = torch.nn.functional.pad(images, (self.most,) * 4)
        moved = around.unfold(2, high, 1).unfold(3, wide, 1)
        down, right = torch.from_numpy(draw.integers(2 * self.most + 1, size=(2, len(rows))))
        return moved[torch.arange(len(rows)), :, down, right].reshape(rows.shape)


class Rows:
    """Rows and their classes on a device.

    Attributes:
        x: uint8 bits or float32 numbers, ``(n, width)``.
        y: int64 ``(n,)``.
        shift: what batches do to images before they are used.
    """

    def __init__(self, x: Any, y: Any, shift: Shift | None = None) -> None:
        self.x, self.y, self.shift = x, y, shift

    def __len__(self) -> int:
        return len(self.y)

    def batch(self, chosen: NDArray[np.int64], draw: Sequence[int]) -> tuple[Any, Any]:
        """Some rows: float32, a transposed view of planes, and their classes.

        Args:
            draw: seed of what is drawn for them.
        """
        rows = extra("torch", "nn").from_numpy(chosen).to(self.y.device)
        x = self.x[rows]
        if self.shift is not None:
            x = self.shift(x, np.random.default_rng(draw))
        return _planes(x), self.y[rows]

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """All rows in order."""
        for at in range(0, len(self), _BLOCK):
            yield _planes(self.x[at : at + _BLOCK]), self.y[at : at + _BLOCK]


def rows_for(
    model: Any, x: NDArray[Any], y: NDArray[np.int64], shift: Shift | None = None
) -> tuple[Rows, Any]:
    """Rows for the part of a network that is trained, and that part.

    An encoder that learns nothing is applied here, once; else, and where images are moved, it is
    part of what is trained.
    """
    torch, nn = extra("torch", "nn"), extra("lgc.nn", "nn")
    device = next(model.parameters()).device
    classes = torch.from_numpy(y).to(device)
    encoding = 0
    while isinstance(model[encoding], (nn.Thermometer, nn.Select)):
        encoding += 1
    encoder = model[:encoding]
    if shift is not None or any(True for _ in encoder.parameters()):
        numbers = x if x.dtype == np.uint8 else x.astype(np.float32)
        return Rows(torch.from_numpy(numbers).to(device), classes, shift), model
    bits = torch.empty((len(x), model[encoding].in_dim), dtype=torch.uint8, device=device)
    with torch.no_grad():
        for at in range(0, len(x), _BLOCK):
            block = torch.from_numpy(x[at : at + _BLOCK].astype(np.float32)).to(device)
            bits[at : at + _BLOCK] = encoder(block)
    return Rows(bits, classes), model[encoding:]


def _planes(rows: Any) -> Any:
    """Rows as float32 planes, one for each column, seen as rows again."""
    return rows.t().contiguous().float().t()
