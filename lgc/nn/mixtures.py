"""Weighted sums of a few values each: what a neuron reads while its connections are learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .recomputing import on_rows

_ROOM = 1 << 26
"""Numbers that the formula may hold at a time; sums are taken in turn for more."""


def mixtures(x: Tensor, candidates: Tensor, shares: Tensor) -> Tensor:
    """Sums of columns of ``x``, ``(n, sums)``.

    Args:
        x: ``(n, in)``.
        candidates: int64 ``(sums, candidates)``, columns.
        shares: what each is multiplied by, ``(sums, candidates)``.
    """
    return on_rows(x, shares, _Mixtures(candidates))


@dataclass(frozen=True, eq=False)
class _Mixtures:
    candidates: Tensor

    def forward(self, planes: Any, weights: Any) -> Any:
        from . import mixture_kernels

        return mixture_kernels.forward(planes, self.candidates.numpy(), weights)

    def backward(self, planes: Any, weights: Any, gradient: Any, wanted: bool) -> Any:
        from . import mixture_kernels

        return mixture_kernels.backward(planes, self.candidates.numpy(), weights, gradient, wanted)

    def formula(self, planes: Tensor, weights: Tensor) -> Tensor:
        each = max(_ROOM // max(planes.shape[1] * weights.shape[1], 1), 1)
        parts = [
            (planes[self.candidates[at : at + each]] * weights[at : at + each, :, None]).sum(1)
            for at in range(0, len(weights), each)
        ]
        return torch.cat(parts)
