"""What a training is like where its user does not say: by rows, numbers and classes of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..training.recipe import widths

_STEPS = 2500
"""Steps of a training, between `_LEAST_EPOCHS` and `_MOST_EPOCHS`."""
_LEAST_EPOCHS, _MOST_EPOCHS = 20, 60
_LARGE = 10_000
"""Rows from which on there are more gates and larger batches."""
_SMALL = 1000
"""Rows up to which batches are smaller."""
_WIDEST = 8000


@dataclass(frozen=True)
class Facts:
    """What a choice depends on.

    Attributes:
        bits: whether all numbers are 0 or 1.
    """

    rows: int
    features: int
    classes: int
    bits: bool


def facts_of(x: NDArray[np.float32], classes: int) -> Facts:
    """Of training rows ``(n, features)``."""
    return Facts(len(x), x.shape[1], classes, bool(((x == 0) | (x == 1)).all()))


def chosen_input(facts: Facts) -> str:
    """Thresholds at quantiles, fewer where there are many numbers."""
    if facts.bits:
        return "bool"
    levels = 8 if facts.features <= 128 else 4 if facts.features <= 512 else 3
    return f"distributive:{levels}"


def chosen_arch(facts: Facts) -> str:
    """Two layers, four for many rows; twice as many gates a class as there are bits, in bounds."""
    levels = 1 if facts.bits else int(chosen_input(facts).partition(":")[2])
    large = facts.rows > _LARGE
    most = min(800 if large else 400, max(_WIDEST // facts.classes, 20))
    share = min(max(2 * facts.features * levels, 100), most)
    return f"{4 if large else 2}x{share * facts.classes}"


def chosen_tau(arch: str, classes: int) -> float:
    """√(gates a class) / 2: the spread of the sum of as many bits that are drawn."""
    return max(round(math.sqrt(widths(arch)[-1] / classes) / 2, 1), 1.0)


def chosen_batch(facts: Facts) -> int:
    """Rows of a step."""
    return 128 if facts.rows > _LARGE else 64 if facts.rows > _SMALL else 32


def chosen_epochs(facts: Facts, batch: int) -> int:
    """Passes over the rows."""
    each = math.ceil(facts.rows / max(batch, 1))
    return min(max(math.ceil(_STEPS / each), _LEAST_EPOCHS), _MOST_EPOCHS)


def chosen_lr(facts: Facts, batch: int, epochs: int) -> float:
    """The fewer steps there are, the longer they have to be to get away from passing on."""
    steps = epochs * math.ceil(facts.rows / max(batch, 1))  # a recipe refuses 0 of either
    return min(max(round(30 / max(steps, 1), 3), 0.05), 0.15)
