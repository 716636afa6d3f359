"""Samples as images: in letters, in grey, or side by side with what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UnsupportedError, UsageError
from .extras import extra
from .files import atomic_write

Image = NDArray[np.float64]
"""Height × width."""

LEVELS = 16
"""Most thermometer levels that an image is added up from unasked."""

NARROWEST, WIDEST = 8, 32
"""Sides of images that are shown as text."""

SHADES = "·░▒▓█"

MOST = 12
"""Rows of images in a picture."""


@dataclass(frozen=True, eq=False)
class Row:
    """Images of equal shape with a title each; the last may be a difference of the others."""

    images: Sequence[Image]
    titles: Sequence[str]


def square(values: NDArray[Any]) -> Image | None:
    """A sample as a square image, or None where it is none.

    ``t`` times a square is a square after a thermometer of t levels, one after another.
    """
    for levels in range(1, LEVELS + 1):
        side = isqrt(len(values) // levels)
        if side > 1 and levels * side * side == len(values):
            return _added(values, side, side)
    return None


def image(values: NDArray[Any], shape: tuple[int, int] | None = None) -> Image:
    """A sample as an image, by default square; levels after one another are added up.

    Raises:
        UsageError: it has no such shape.
    """
    if shape is None:
        found = square(values)
    else:
        fits = min(shape) > 0 and len(values) % (shape[0] * shape[1]) == 0
        found = _added(values, *shape) if fits else None
    if found is None:
        size = "" if shape is None else f" of {shape[0]} × {shape[1]}"
        raise UsageError(
            f"{len(values)} values make no image{size}",
            where="--image",
            hint="--shape 28x28 says its height and width",
        )
    return found


def _added(values: NDArray[Any], height: int, width: int) -> Image:
    return values.astype(np.float64).reshape(-1, height, width).sum(axis=0)


def as_text(shown: Image) -> str:
    """A small image in letters, darker for more."""
    low, high = float(shown.min()), float(shown.max())
    shade = (shown - low) / (high - low or 1.0) * (len(SHADES) - 1)
    return "\n".join("".join(SHADES[int(x)] for x in np.ceil(row)) for row in shade)


def draw_square(values: NDArray[Any], path: Path) -> None:
    """Write a sample as a .png in grey, nothing around it.

    Raises:
        UnsupportedError: the values are no square.
    """
    shown = square(values)
    if shown is None:
        raise UnsupportedError(f"{len(values)} numbers are no square picture", where=str(path))
    times = -(-280 // len(shown))
    large = np.repeat(np.repeat(shown, times, axis=0), times, axis=1)
    with atomic_write(path) as temporary:
        extra("matplotlib.image", "plot").imsave(temporary, large, cmap="gray_r")


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write a picture of the first rows, whole or not at all."""
    rows = rows[:MOST]
    wide = max(len(row.images) for row in rows)
    figure = extra("matplotlib.figure", "plot").Figure(
        figsize=(2.2 * wide, 2.4 * len(rows)), layout="constrained"
    )
    grid = figure.subplots(len(rows), wide, squeeze=False)
    for axes, row in zip(grid, rows):
        high = max(float(np.max(one)) for one in row.images) or 1.0
        for one, shown, title in zip(axes, row.images, row.titles):
            one.imshow(shown, cmap="gray_r", vmin=0, vmax=high)
            one.set_title(title, fontsize=9)
        for one in axes:
            one.set_axis_off()
    with atomic_write(path) as temporary:
        stamp = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(temporary, dpi=120, metadata=stamp)
