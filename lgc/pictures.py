"""Samples as images: what a model was given and what was changed, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError
from .extras import extra
from .files import atomic_write

SUFFIXES = (".png", ".svg")
MOST = 12
"""Rows of images in a picture."""


@dataclass(frozen=True, eq=False)
class Row:
    """Images of equal shape with a title each; the last may be a difference of the others."""

    images: Sequence[NDArray[Any]]
    titles: Sequence[str]


def check(path: Path) -> None:
    """Find out before the work whether a picture can be drawn.

    Raises:
        UsageError: the file's ending is unknown.
        UnsupportedError: matplotlib is missing.
    """
    if path.suffix not in SUFFIXES:
        raise UsageError(f"pictures are .png or .svg, not {path.suffix!r}", where=str(path))
    extra("matplotlib.figure", "plot")


def image(values: NDArray[Any], shape: tuple[int, int] | None = None) -> NDArray[np.float64]:
    """A sample as an image, height × width; levels after one another are added up.

    Raises:
        UsageError: it has no such shape.
    """
    size = len(values)
    side = isqrt(size)
    height, width = shape or (side, side)
    if (
        height < 1
        or width < 1
        or size % (height * width)
        or (shape is None and side * side != size)
    ):
        raise UsageError(
            f"{size} values make no image" + ("" if shape is None else f" of {height} × {width}"),
            where="--image",
            hint="--shape 28x28 says its height and width",
        )
    return values.astype(np.float64).reshape(-1, height, width).sum(axis=0)


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
