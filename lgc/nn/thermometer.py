"""Encoders: numbers to bits by thresholds, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import UsageError
from .described import Described
from .tensors import tensor_of


class Thermometer(Described):
    """x > t for every number and each of its thresholds: ``(n, features)`` to ``(n, bits)``.

    Bits stand level by level: first all numbers against their first threshold. Images stay images,
    with a channel for each level of each channel: ``(n, channels, rows, columns)`` to
    ``(n, levels · channels, rows, columns)``.

    Attributes:
        thresholds: float32 ``(levels, features)``, increasing; in the state dict. A parameter if
            they are learnt.
    """

    arguments = ("features", "levels", "learnable", "softness")

    thresholds: Tensor

    def __init__(
        self,
        features: int,
        levels: int,
        thresholds: Any = None,
        *,
        learnable: bool = False,
        softness: float = 0.1,
    ) -> None:
        """Make an encoder.

        Args:
            thresholds: ``(levels,)`` for all numbers, or ``(levels, features)``; by default evenly
                between 0 and 1.
            learnable: they are trained: the bits are hard, and their gradient is that of a sigmoid
                around the threshold.
            softness: the width of that sigmoid, in the unit of the numbers.

        Raises:
            UsageError: sizes do not fit, or thresholds are not finite.
        """
        super().__init__()
        if features < 1 or levels < 1 or not softness > 0:
            raise UsageError(
                f"{features} numbers and {levels} levels, softness {softness}", where="Thermometer"
            )
        if thresholds is None:
            thresholds = torch.arange(1, levels + 1) / (levels + 1)
        held = torch.as_tensor(thresholds, dtype=torch.float32)
        held = held[:, None] if held.ndim == 1 else held
        if held.ndim != 2 or len(held) != levels or held.shape[1] not in (1, features):
            raise UsageError(
                f"thresholds of shape {tuple(held.shape)} for {levels} levels of {features} "
                "numbers",
                where="Thermometer",
            )
        if not torch.isfinite(held).all():
            raise UsageError("a threshold is NaN or infinite", where="Thermometer")
        held = held.expand(levels, features).clone()
        self.features, self.levels = features, levels
        self.learnable, self.softness = learnable, softness
        if learnable:
            self.thresholds = torch.nn.Parameter(held)
        else:
            self.register_buffer("thresholds", held)

    @classmethod
    def uniform(cls, x: Any, levels: int, **options: Any) -> Thermometer:
        """Thresholds evenly between the least and the largest value of each number of ``x``."""
        data = torch.as_tensor(x, dtype=torch.float32).flatten(1)
        low, high = data.amin(0), data.amax(0)
        part = (torch.arange(1, levels + 1) / (levels + 1))[:, None]
        return cls(data.shape[1], levels, low + (high - low) * part, **options)

    @classmethod
    def distributive(cls, x: Any, levels: int, **options: Any) -> Thermometer:
        """Thresholds at quantiles of each number of ``x``, between neighbouring values of it.

        Equal shares of the different values that a number takes, not of the samples: a pixel that
        is 0 in most images would have all its thresholds there.
        """
        data = torch.as_tensor(x, dtype=torch.float32).flatten(1)
        columns = [_quantiles(column, levels) for column in data.unbind(1)]
        return cls(data.shape[1], levels, torch.stack(columns, dim=1), **options)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, …)`` numbers, as many as `features` in each sample, become float ``(n, bits)``,
        or images of bits."""
        planes = x.reshape(len(x), -1).t()
        if len(planes) != self.features:
            raise UsageError(
                f"the encoder was made for {self.features} numbers, not {len(planes)}",
                where="Thermometer",
            )
        levels = self.thresholds.unsqueeze(-1)
        hard = (planes > levels).to(self.thresholds.dtype)
        if self.learnable and self.training:
            soft = torch.sigmoid((planes - levels) / self.softness)
            hard = soft + (hard - soft).detach()
        bits = hard.flatten(0, 1).t()
        if x.ndim != 4:
            return bits
        return bits.reshape(len(x), self.levels * x.shape[1], *x.shape[2:])


class Threshold(Thermometer):
    """x > t for every number: a bit each."""

    arguments = ("features", "learnable", "softness")

    def __init__(
        self, features: int, threshold: float | Sequence[float] | Tensor = 0.5, **options: Any
    ) -> None:
        """Make an encoder; ``threshold`` is one for all numbers, or one for each."""
        super().__init__(features, 1, torch.as_tensor(threshold).reshape(1, -1), **options)


def _quantiles(column: Tensor, levels: int) -> Tensor:
    values = np.unique(column.numpy())
    if len(values) < 2:
        return column[:1].expand(levels)
    between = (values[1:] + values[:-1]) / 2
    place = np.arange(1, levels + 1) / (levels + 1) * len(values) - 0.5
    return tensor_of(between[np.floor(place).astype(int).clip(0, len(between) - 1)])
