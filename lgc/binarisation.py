"""Binarisation: how numbers become the bits a model was trained on, from a short text.

``bool``            x > 0, one bit a number (difflogic's compiled models)
``round``           x > 0.5 (difflogic's evaluation of grey values)
``>T``              x > T for any number T
``thermometer:A,B`` x > A for all numbers, then x > B for all numbers (level-major)
``thermometer-by-feature:A,B`` x[0] > A, x[0] > B, x[1] > A, … (feature-major)
``one-hot:3,1,2``   x > 0, and of the first three exactly one is, as of the last two; a group of 1
                    is a bit of its own
``bits:8``          the lowest eight bits of x[0], the least significant first, then those of x[1]
                    and so on, in two's complement: -1 has ones everywhere (circuit files)
``bits:8,msb``      the same, the most significant bit of each number first
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError, UsageError

LEVEL_MAJOR, FEATURE_MAJOR = "thermometer:", "thermometer-by-feature:"
ONE_HOT = "one-hot:"
PLACES = "bits:"
SPELLINGS = "bool, round, >0.5, thermometer:1,2,3, thermometer-by-feature:1,2,3 or one-hot:3,3,2"
WITH_PLACES = SPELLINGS.replace(" or ", ", ") + " or bits:8"

WIDEST = 16
"""Bits of a number, at most."""


@dataclass(frozen=True)
class Binarisation:
    """Thresholds every number is compared with.

    Attributes:
        text: as the user spelled it.
        levels: increasing thresholds, one bit each.
        by_feature: bits stand feature by feature instead of level by level.
        groups: sizes of the one-hot groups of the features, in their order; empty for none.
    """

    text: str
    levels: tuple[float, ...]
    by_feature: bool
    groups: tuple[int, ...] = ()

    @property
    def each(self) -> int:
        """Bits that a number becomes."""
        return len(self.levels)

    def features(self, bits: int) -> int | None:
        """How many numbers give so many bits; None when it does not come out even."""
        return None if bits % len(self.levels) else bits // len(self.levels)

    def arguments(self, features: int) -> dict[str, Any]:
        """What `chain.build_module` is told for so many numbers."""
        feature, level = self.thresholds(features)
        return {"feature": feature, "level": level, "one_hot": self.one_hot(features)}

    def thresholds(self, features: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """``feature`` and ``level`` of `logic.threshold` for so many numbers."""
        feature = np.arange(features, dtype=np.int32)
        level = np.array(self.levels, np.float32)
        if self.by_feature:
            return np.repeat(feature, len(level)), np.tile(level, features)
        return np.tile(feature, len(level)), np.repeat(level, features)

    def one_hot(self, features: int) -> NDArray[np.int32] | None:
        """``one_hot`` of `logic.threshold`; None without groups.

        Raises:
            UsageError: the groups do not add up to so many numbers.
        """
        if not self.groups:
            return None
        if sum(self.groups) != features:
            raise UsageError(
                f"the groups of {self.text!r} are {sum(self.groups)} numbers, "
                f"the model reads {features}",
                where="--input",
            )
        sizes = np.array(self.groups)
        number = np.where(sizes > 1, np.cumsum(sizes > 1) - 1, -1)
        return np.repeat(number, sizes).astype(np.int32)


def at_most(levels: ArrayLike) -> NDArray[np.float32]:
    """The largest float32 that is no larger: x > it, for any float32 x, where x > the level."""
    exact = np.asarray(levels, np.float64)
    with np.errstate(over="ignore"):
        near = exact.astype(np.float32)
    return np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)


@dataclass(frozen=True)
class Places:
    """Every number as its bits.

    Attributes:
        text: as the user spelled it.
        each: bits that a number becomes.
        descending: the most significant bit comes first.
    """

    text: str
    each: int
    descending: bool

    def features(self, bits: int) -> int | None:
        """How many numbers have so many bits; None when it does not come out even."""
        return None if bits % self.each else bits // self.each

    def arguments(self, features: int) -> dict[str, Any]:
        """What `chain.build_module` is told for so many numbers: bytes where they suffice."""
        place = np.arange(self.each, dtype=np.int32)
        return {
            "feature": np.repeat(np.arange(features, dtype=np.int32), self.each),
            "place": np.tile(place[::-1] if self.descending else place, features),
            "dtype": "uint8" if self.each <= 8 else "float32",
        }


def features_of(encoding: Binarisation | Places, bits: int, where: str, what: str = "bits") -> int:
    """How many numbers have so many bits, which are called ``what``.

    Raises:
        InputError: it does not come out even.
    """
    features = encoding.features(bits)
    if features is None:
        parts = "levels" if isinstance(encoding, Binarisation) else "bits a number"
        raise InputError(
            f"{bits} {what} do not fall into {encoding.each} {parts}",
            where=where,
            hint="is --input right?",
        )
    return features


def parse_encoding(text: str) -> Binarisation | Places:
    """Read the text of ``--input`` for a circuit, which may read the bits of numbers.

    Raises:
        UsageError: it is none of the spellings, or its numbers are none.
    """
    plain = text.strip()
    if not plain.startswith(PLACES):
        return parse_binarisation(text, WITH_PLACES)
    width, comma, order = plain.removeprefix(PLACES).partition(",")
    size = int(width) if width.isdecimal() and len(width) < 4 else 0
    if not 1 <= size <= WIDEST or order not in (("msb", "lsb") if comma else ("",)):
        raise UsageError(
            f"{text!r} does not say which bits of a number",
            where="--input",
            hint=f"bits:8 or bits:8,msb: 1 to {WIDEST} bits, msb for the most significant first",
        )
    return Places(plain, size, order == "msb")


def parse_binarisation(text: str, known: str = SPELLINGS) -> Binarisation:
    """Read the text of ``--input`` for a model that compares numbers.

    Args:
        known: spellings to name where this is none.

    Raises:
        UsageError: it is none of the spellings, or its levels are not increasing numbers.
    """
    plain = text.strip()
    if plain.startswith(PLACES):
        raise UsageError(
            f"{text!r} is how circuit files read numbers, this model compares them",
            where="--input",
            hint=f"one of {known}",
        )
    if plain == "bool":
        return Binarisation(plain, (0.0,), False)
    if plain == "round":
        return Binarisation(plain, (0.5,), False)
    for prefix in (">", LEVEL_MAJOR, FEATURE_MAJOR):
        if plain.startswith(prefix):
            levels = _levels(plain.removeprefix(prefix), text, one=prefix == ">")
            return Binarisation(plain, levels, prefix == FEATURE_MAJOR)
    if plain.startswith(ONE_HOT):
        return Binarisation(plain, (0.0,), False, _groups(plain.removeprefix(ONE_HOT), text))
    raise UsageError(f"{text!r} is not a binarisation", where="--input", hint=f"one of {known}")


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


def _groups(text: str, whole: str) -> tuple[int, ...]:
    sizes = text.split(",")
    if not all(size.strip().isdecimal() and int(size) for size in sizes):
        raise UsageError(
            f"the groups of {whole!r} are not sizes separated by commas",
            where="--input",
            hint="one-hot:3,1,2 is a group of 3, a bit of its own, a group of 2",
        )
    return tuple(map(int, sizes))
