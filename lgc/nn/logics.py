"""Real-valued logics: what ∧ means between 0 and 1; everything else follows from it.

Each is a t-norm T with its derivative; T is symmetric, so one partial derivative is enough. Written
for numbers and, as `Logic.torch`, for tensors of any device. Where a derivative does not exist, at
a kink, both sides have their share, as in torch.

Sources: E. P. Klement, R. Mesiar, E. Pap, *Triangular Norms* (2000), for the norms; F. Petersen et
al., *Deep Differentiable Logic Gate Networks* (2022), appendix, for their use here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .gates import EIGHT, FOUR

Norm = Callable[[Any, Any], Any]
"""Of two float32 numbers; numba compiles it."""


@dataclass(frozen=True, eq=False)
class Logic:
    """A logic of numbers between 0 and 1.

    Attributes:
        norm: T(x, y).
        slope: ∂T/∂x.
        torch: T of tensors.
        matrix: float32 ``(16, terms)``, what each gate is in the terms of this logic.
    """

    name: str
    norm: Norm
    slope: Norm
    torch: Callable[[Tensor, Tensor], Tensor]
    matrix: NDArray[np.float32]

    def terms(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        """What the columns of `matrix` stand for, apart from the first, which is 1."""
        if self.name == "product":
            return x, y, x * y
        norm, off, no = self.torch, 1 - x, 1 - y
        only_x, only_y = norm(x, no), norm(off, y)
        differ = 1 - norm(1 - only_x, 1 - only_y)
        return x, y, norm(x, y), only_x, only_y, norm(off, no), differ

    def mixture(self, x: Tensor, y: Tensor, coefficients: Tensor) -> Tensor:
        """Mixtures of gates of ``(…, n)`` by coefficients ``(…, terms)``."""
        columns = coefficients.unsqueeze(-1).unbind(-2)
        if self.name == "product":
            a, b, c, d = columns
            return torch.addcmul(torch.addcmul(a, b, x), torch.addcmul(c, d, x), y)
        total = columns[0].expand_as(x)
        for coefficient, term in zip(columns[1:], self.terms(x, y)):
            total = torch.addcmul(total, coefficient, term)
        return total


# The numbers below are float32 like everything they meet: with a float64 among them, a loop would
# work in float64.
_ONE, _TWO, _HALF, _NONE = np.float32(1), np.float32(2), np.float32(0.5), np.float32(0)
_TINY = np.float32(1e-12)
"""Below this a divisor is none: T(0, 0) = 0."""


def _product(x: Any, y: Any) -> Any:
    return x * y


def _product_slope(x: Any, y: Any) -> Any:
    return y


def _minimum(x: Any, y: Any) -> Any:
    return min(x, y)


def _minimum_slope(x: Any, y: Any) -> Any:
    return _ONE if x < y else _HALF if x == y else _NONE


def _bounded(x: Any, y: Any) -> Any:
    return max(x + y - _ONE, _NONE)


def _bounded_slope(x: Any, y: Any) -> Any:
    return _ONE if x + y > _ONE else _HALF if x + y == _ONE else _NONE


def _hamacher(x: Any, y: Any) -> Any:
    return x * y / max(x + y - x * y, _TINY)


def _hamacher_slope(x: Any, y: Any) -> Any:
    part = y / max(x + y - x * y, _TINY)
    return part * part


def _einstein(x: Any, y: Any) -> Any:
    return x * y / (_ONE + (_ONE - x) * (_ONE - y))


def _einstein_slope(x: Any, y: Any) -> Any:
    whole = _ONE + (_ONE - x) * (_ONE - y)
    return y * (_TWO - y) / (whole * whole)


def _yager(x: Any, y: Any) -> Any:
    off, no = _ONE - x, _ONE - y
    return max(_ONE - np.sqrt(off * off + no * no), _NONE)


def _yager_slope(x: Any, y: Any) -> Any:
    off, no = _ONE - x, _ONE - y
    far = np.sqrt(off * off + no * no)
    return off / max(far, _TINY) if far < _ONE else _NONE


def _yager_torch(x: Tensor, y: Tensor) -> Tensor:
    far = ((1 - x) ** 2 + (1 - y) ** 2).clamp_min(float(_TINY) ** 2).sqrt()
    return (1 - far).clamp_min(0)


def _bounded_torch(x: Tensor, y: Tensor) -> Tensor:
    total = x + y - 1
    return torch.maximum(total, torch.zeros_like(total))


LOGICS = {
    logic.name: logic
    for logic in (
        Logic("product", _product, _product_slope, torch.mul, FOUR),
        Logic("minimum", _minimum, _minimum_slope, torch.minimum, EIGHT),
        Logic("lukasiewicz", _bounded, _bounded_slope, _bounded_torch, EIGHT),
        Logic(
            "hamacher",
            _hamacher,
            _hamacher_slope,
            lambda x, y: x * y / (x + y - x * y).clamp_min(float(_TINY)),
            EIGHT,
        ),
        Logic(
            "einstein",
            _einstein,
            _einstein_slope,
            lambda x, y: x * y / (1 + (1 - x) * (1 - y)),
            EIGHT,
        ),
        Logic("yager", _yager, _yager_slope, _yager_torch, EIGHT),
    )
}
"""By name. ``product`` takes inputs for independent (probabilistic, Reichenbach), ``minimum`` is
Gödel's (Zadeh's), ``yager`` has p = 2."""
