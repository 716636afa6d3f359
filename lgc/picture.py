"""An input as a picture, where it is one: square, or a stack of thermometer levels of a square."""

from __future__ import annotations

from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UnsupportedError, UsageError
from .extras import extra
from .files import atomic_write

LEVELS = 16
"""Most thermometer levels a picture is made of."""

NARROWEST, WIDEST = 8, 32
"""Sides of pictures that are shown as text."""

SHADES = "·░▒▓█"


def picture(numbers: NDArray[Any]) -> NDArray[np.float64] | None:
    """Numbers of one sample as ``(side, side)``, or None if they are no square.

    ``t`` times a square is a square after a thermometer of t levels, one after another.
    """
    for levels in range(1, LEVELS + 1):
        side = isqrt(len(numbers) // levels)
        if side > 1 and levels * side * side == len(numbers):
            return np.asarray(numbers, np.float64).reshape(levels, side, side).sum(axis=0)
    return None


def as_text(image: NDArray[np.float64]) -> str:
    """Small pictures in letters, darker for more."""
    low, high = float(image.min()), float(image.max())
    shade = (image - low) / (high - low or 1.0) * (len(SHADES) - 1)
    return "\n".join("".join(SHADES[int(x)] for x in np.ceil(row)) for row in shade)


def check(path: Path) -> None:
    """Find out before the work whether a picture can be written.

    Raises:
        UsageError: the file's ending is unknown.
        UnsupportedError: matplotlib is missing.
    """
    if path.suffix != ".png":
        raise UsageError(f"pictures of inputs are .png, not {path.suffix!r}", where=str(path))
    extra("matplotlib.image", "plot")


def save(numbers: NDArray[Any], path: Path) -> None:
    """Write a picture in grey.

    Raises:
        UnsupportedError: the numbers are no picture.
    """
    image = picture(numbers)
    if image is None:
        raise UnsupportedError(f"{len(numbers)} numbers are no square picture", where=str(path))
    times = -(-280 // len(image))
    large = np.repeat(np.repeat(image, times, axis=0), times, axis=1)
    with atomic_write(path) as temporary:
        extra("matplotlib.image", "plot").imsave(temporary, large, cmap="gray_r")
