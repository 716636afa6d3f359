"""Binarisation: how numbers become the bits a model was trained on, from a short text.

``bool``            x > 0, one bit a number (difflogic's compiled models)
``round``           x > 0.5 (difflogic's evaluation of grey values)
``>T``              x > T for any number T
``thermometer:A,B`` x > A for all numbers, then x > B for all numbers (level-major)
``thermometer-by-feature:A,B`` x[0] > A, x[0] > B, x[1] > A, … (feature-major)
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError

LEVEL_MAJOR, FEATURE_MAJOR = "thermometer:", "thermometer-by-feature:"
SPELLINGS = "bool, round, >0.5, thermometer:1,2,3 or thermometer-by-feature:1,2,3"


@dataclass(frozen=True)
class Binarisation:
    """Thresholds every number is compared with.

    Attributes:
        text: as the user spelled it.
        levels: increasing thresholds, one bit each.
        by_feature: bits stand feature by feature instead of level by level.
    """

    text: str
    levels: tuple[float, ...]
    by_feature: bool

    def features(self, bits: int) -> int | None:
        """How many numbers give so many bits; None when it does not come out even."""
        return None if bits % len(self.levels) else bits // len(self.levels)

    def thresholds(self, features: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """``feature`` and ``level`` of `logic.threshold` for so many numbers."""
        feature = np.arange(features, dtype=np.int32)
        level = np.array(self.levels, np.float32)
        if self.by_feature:
            return np.repeat(feature, len(level)), np.tile(level, features)
        return np.tile(feature, len(level)), np.repeat(level, features)


def parse_binarisation(text: str) -> Binarisation:
    """Read the text of ``--input``.

    Raises:
        UsageError: it is none of the spellings, or its levels are not increasing numbers.
    """
    plain = text.strip()
    if plain == "bool":
        return Binarisation(plain, (0.0,), False)
    if plain == "round":
        return Binarisation(plain, (0.5,), False)
    for prefix in (">", LEVEL_MAJOR, FEATURE_MAJOR):
        if plain.startswith(prefix):
            levels = _levels(plain.removeprefix(prefix), text, one=prefix == ">")
            return Binarisation(plain, levels, prefix == FEATURE_MAJOR)
    raise UsageError(f"{text!r} is not a binarisation", where="--input", hint=f"one of {SPELLINGS}")


def _levels(text: str, whole: str, *, one: bool) -> tuple[float, ...]:
    try:
        levels = tuple(float(np.float32(part)) for part in text.split(","))
    except ValueError:
        levels = ()
    if not levels or not all(map(math.isfinite, levels)) or (one and len(levels) > 1):
        what = "a number" if one else "numbers separated by commas"
        raise UsageError(f"the thresholds of {whole!r} are not {what}", where="--input")
    if any(a >= b for a, b in itertools.pairwise(levels)):
        raise UsageError(
            f"the thresholds of {whole!r} do not increase",
            where="--input",
            hint="list them from the smallest to the largest",
        )
    return levels
