"""Quantisation: real numbers that scores add up, as integers, with the largest error they make.

A score is a constant plus a sum of parts, each of which takes one of several values: a tree gives
the value of a leaf, a binary neuron plus or minus its weight. All values become multiples of one
step, a power of two, so that numbers such as 1, 0.5 or 0.375 stay what they are.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import read_data
from .errors import InputError, LgcWarning, UsageError
from .inputs import PackedBits

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BITS = 10
"""Of the part that varies most, where nothing is asked for."""

MOST_BITS = 24

LARGEST, SMALLEST = 1e150, 1e-290
"""Values beyond the one are damage, differences below the other are none."""

_SPELLINGS = "bits (8) or the largest error of a score (error=0.01), then ,data=FILE if you like"


@dataclass(frozen=True)
class Precision:
    """How finely values are kept: by the bits of the part that varies most, or by an error.

    Attributes:
        data: file with samples on which predictions are compared, real and quantised.
    """

    bits: int | None = BITS
    error: float | None = None
    data: Path | None = None


@dataclass(frozen=True, eq=False)
class Parts:
    """What the scores add up.

    Attributes:
        value: float64 ``(n,)``, all values of all parts.
        part: int64 ``(n,)``, the part that each belongs to, from 0.
        group: int64 ``(parts,)``, the score that each part is added to.
        base: float64 ``(scores,)``, the constants.
    """

    value: Floats
    part: Ints
    group: Ints
    base: Floats


@dataclass(frozen=True, eq=False)
class Quantised:
    """Scores in steps: ``offset`` plus, for each part, the ``level`` of the value it takes.

    Attributes:
        level: int64 ``(n,)``, at least one of each part is 0, none is negative.
        offset: int64 ``(scores,)``.
        step: what an integer score is multiplied with.
        error: the most by which a score, divided, can differ from the real one, rounding of
            float64 aside.
        divisor: of the scores.
    """

    level: Ints
    offset: Ints
    step: float
    error: float
    divisor: float = 1.0

    @property
    def text(self) -> str:
        """For people, and for the provenance of a model."""
        if self.error == 0:
            return "exact"
        return f"steps of {self.step / self.divisor:.6g}, scores off by at most {self.error:.3g}"


def parse_precision(text: str | None) -> Precision:
    """Read the text of ``--quantise``.

    Raises:
        UsageError: it is neither bits nor an error.
    """
    if text is None:
        return Precision()
    size, _, rest = text.strip().partition(",")
    data = Path(rest.removeprefix("data=")) if rest.startswith("data=") else None
    if rest and data is None:
        raise UsageError(
            f"{rest!r} is not data=FILE", where="--quantise", hint=f"it takes {_SPELLINGS}"
        )
    if size.isascii() and size.isdecimal() and 1 <= int(size[:9]) <= MOST_BITS:
        return Precision(int(size), None, data)
    if size.startswith("error="):
        try:
            error = float(size.removeprefix("error="))
        except ValueError:
            error = math.nan
        if 0 < error < math.inf:
            return Precision(None, error, data)
    raise UsageError(
        f"{size!r} is no precision; bits are 1 to {MOST_BITS}",
        where="--quantise",
        hint=f"it takes {_SPELLINGS}",
    )


def quantise(parts: Parts, precision: Precision, where: str, divisor: float = 1.0) -> Quantised:
    """Values as integers.

    Args:
        divisor: of the scores, before anybody sees them; errors are those of what comes out.

    Raises:
        InputError: a value is not finite.
        UsageError: the scores do not fit into 32 bits, or no step makes the error so small.
    """
    if not all((np.abs(values) < LARGEST).all() for values in (parts.value, parts.base)):
        raise InputError("values that are NaN, infinite or huge are added up", where=where)
    least = np.full(len(parts.group), np.inf)
    np.minimum.at(least, parts.part, parts.value)
    above = parts.value - least[parts.part]
    constant = parts.base + np.bincount(parts.group, least, len(parts.base))
    widest = float(above.max(initial=0)) or float(np.abs(constant).max(initial=0)) or 1.0
    widest = max(widest, SMALLEST)
    if precision.bits is not None:
        exponent = math.ceil(math.log2(widest / ((1 << precision.bits) - 1)))
        return _fitting(_rounded(parts, above, constant, exponent, divisor), parts, where)
    assert precision.error is not None
    exponent = math.ceil(math.log2(widest))
    found = _rounded(parts, above, constant, exponent, divisor)
    for finer in range(1, MOST_BITS + 1):
        if found.error <= precision.error:
            return _fitting(found, parts, where)
        found = _rounded(parts, above, constant, exponent - finer, divisor)
    raise UsageError(
        f"{MOST_BITS} bits still leave an error of {found.error:.3g}",
        where="--quantise",
        hint="a score is a sum of many values; allow a larger error",
    )


def _rounded(
    parts: Parts, above: Floats, constant: Floats, exponent: int, divisor: float
) -> Quantised:
    step = 2.0**exponent
    level = np.rint(above / step).astype(np.int64)
    offset = np.rint(np.clip(constant / step, -(2.0**60), 2.0**60)).astype(np.int64)
    worst = np.zeros(len(parts.group))
    np.maximum.at(worst, parts.part, np.abs(above - step * level))
    error = np.bincount(parts.group, worst, len(constant)) + np.abs(constant - step * offset)
    common = int(np.gcd.reduce(np.concatenate([level, offset]))) or 1
    most = float(error.max(initial=0.0)) / divisor
    return Quantised(level // common, offset // common, step * common, most, divisor)


def _fitting(found: Quantised, parts: Parts, where: str) -> Quantised:
    highest = np.zeros(len(parts.group), np.int64)
    np.maximum.at(highest, parts.part, found.level)
    # every bit of a level is a term of its own, and terms are summed in the worst order
    reach = 2 * np.bincount(parts.group, highest, len(found.offset)) + np.abs(found.offset)
    if float(reach.max(initial=0)) > 2**30:
        raise UsageError(
            "scores in these steps do not fit into 32 bits",
            where=where,
            hint="ask for fewer bits with --quantise",
        )
    return found


Predict = Callable[[NDArray[Any]], Ints]
"""Classes ``(n,)`` of samples ``(n, features)``."""


def tell(
    found: Quantised, what: str, where: str, data: Path | None, real: Predict, exact: Predict
) -> None:
    """Warn that values were rounded, with the error, and what it does to predictions on data.

    Args:
        real: the classes with the values as they were.
        exact: the classes of the model that is made.
    """
    if not found.error:
        return
    text = (
        f"{where}: {what} are rounded to steps of {found.step / found.divisor:.6g}, "
        f"scores are off by at most {found.error:.3g}"
    )
    if data is not None:
        x = read_data(data).x
        x = (x.unpack() if isinstance(x, PackedBits) else x).astype(np.float32)
        changed = int((real(x) != exact(x)).sum())
        text += f"; on {data.name}, {changed} of {len(x)} predictions change"
    warnings.warn(text + "; --quantise chooses", LgcWarning, stacklevel=2)
