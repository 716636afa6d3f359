"""Neurons of up to six inputs: tables of 2**k entries, between the bits interpolated linearly.

A table whose entries are 1 with independent probabilities, read by independent inputs, is 1 with
the probability that comes out. The table is folded by one input after the other, so that a sample
costs as many operations as the table has entries, and no powers of anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .recomputing import on_rows

_ROOM = 1 << 26
"""Numbers that the formula may hold at a time; neurons are taken in turn for more."""


def luts(x: Tensor, indices: Tensor, entries: Tensor) -> Tensor:
    """Tables read between their entries, float ``(n, out)``.

    Args:
        x: ``(n, in)``, numbers from 0 to 1.
        indices: int64 ``(k, out)``, columns that a neuron reads; the first is the most significant.
        entries: ``(out, 2**k)``.
    """
    return on_rows(x, entries, _Luts(indices))


@dataclass(frozen=True, eq=False)
class _Luts:
    indices: Tensor

    def forward(self, planes: Any, weights: Any) -> Any:
        from . import lut_kernels

        return lut_kernels.forward(planes, self.indices.numpy(), weights)

    def backward(self, planes: Any, weights: Any, gradient: Any, wanted: bool) -> Any:
        from . import lut_kernels

        return lut_kernels.backward(planes, self.indices.numpy(), weights, gradient, wanted)

    def formula(self, planes: Tensor, weights: Tensor) -> Tensor:
        each = max(_ROOM // max(planes.shape[1] * weights.shape[1], 1), 1)
        parts = [
            _folded(planes, self.indices[:, at : at + each], weights[at : at + each])
            for at in range(0, len(weights), each)
        ]
        return torch.cat(parts)


def _folded(planes: Tensor, indices: Tensor, entries: Tensor) -> Tensor:
    rows = entries.unsqueeze(-1)  # (out, entries, n)
    for read in indices.flip(0):
        low, high = rows[:, 0::2], rows[:, 1::2]
        rows = low + (high - low) * planes[read].unsqueeze(1)
    return rows.squeeze(1)
