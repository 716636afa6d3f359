"""The ways in which labelled rows may have become the bits of a model: cut, binarisation, width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.binarisation import Binarisation, parse_binarisation
from lgc.evaluation import Planes, pack_planes

from .crops import CUT, SIDE, crop

FEW = 512
"""Rows on which all replays are ranked."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One way.

    Attributes:
        cut: how images were made smaller, empty if they were not.
        rows: the numbers, ``(n, features)``.
    """

    cut: str
    binarisation: Binarisation
    rows: NDArray[Any]

    @property
    def features(self) -> int:
        """Numbers in one sample."""
        return self.rows.shape[1]

    @property
    def bits(self) -> int:
        """Bits that enter the first layer."""
        return self.features * len(self.binarisation.levels)

    @cached_property
    def few(self) -> Planes:
        """The first rows as planes, uint64 ``(bits, words)``."""
        return self.planes(FEW)

    def planes(self, count: int | None = None) -> Planes:
        """So many of the rows, or all."""
        feature, level = self.binarisation.thresholds(self.features)
        rows = self.rows[:count]
        return pack_planes(rows[:, feature] > level)


def readings(x: NDArray[Any], inputs: int | None, text: str | None) -> list[Reading]:
    """All ways that the options leave open.

    Args:
        inputs: numbers in one sample, None where that is not known.
        text: the binarisation, likewise.
    """
    return [
        Reading(cut, parse_binarisation(one), rows)
        for cut, rows in cuts(x)
        if inputs in (None, rows.shape[1])
        for one in (_binarisations(rows) if text is None else [text])
    ]


def cuts(x: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """The rows as they are, and images of MNIST as difflogic's experiments cut them."""
    yield "", x.reshape(len(x), -1)
    if x.shape[1:] in ((SIDE, SIDE), (1, SIDE, SIDE), (SIDE * SIDE,)):
        side = SIDE - CUT
        small = crop(x.reshape(-1, SIDE, SIDE)).reshape(len(x), side * side)
        yield f"images cut to {side} × {side} as difflogic cuts MNIST", small


def _binarisations(rows: NDArray[Any]) -> list[str]:
    """By the range of the numbers; all are those of difflogic's experiments."""
    if np.isin(rows[:FEW], (0, 1)).all():
        return ["bool"]
    scale = 255.0 if rows.max() > 1 else 1.0
    few, many = (",".join(f"{scale * i / parts:g}" for i in range(1, parts)) for parts in (4, 32))
    half = "round" if scale == 1 else f">{scale / 2:g}"
    return [half, "bool", f"thermometer:{few}", f"thermometer:{many}",
            f"thermometer-by-feature:{few}"]  # fmt: skip
