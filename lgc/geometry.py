"""Geometry: the image a convolutional model reads and its windows, which no state dict holds.

A description says it: ``"shape": [channels, rows, columns]`` of the numbers of a sample, and
``kernel``, ``padding``, ``stride`` and ``pool`` as a number for all convolutions or a list with an
entry for each. Windows are square, pooling windows do not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .description import Kinds
from .errors import UsageError
from .guards import is_list

KINDS: Kinds = {
    "shape": list, "kernel": (int, list), "padding": (int, list), "stride": (int, list),
    "pool": (int, list),
}  # fmt: skip
"""Keys of a description, for `describe`."""

_LEAST = {"kernel": 1, "padding": 0, "stride": 1, "pool": 1}
_MOST = 4096
"""Of any of the numbers, so that a product of some stays a number of the machine."""


@dataclass(frozen=True)
class Window:
    """What one convolution slides: sides of its window, zeros around the image, steps, and the side
    of the windows that are pooled, 1 for none."""

    kernel: int
    padding: int
    stride: int
    pool: int


@dataclass(frozen=True)
class Geometry:
    """All of a model.

    Attributes:
        shape: channels, rows and columns of a sample.
        windows: one for each convolution.
    """

    shape: tuple[int, int, int]
    windows: tuple[Window, ...]


def geometry_of(
    described: Mapping[str, Any], convolutions: int, where: str, known: Mapping[str, int]
) -> Geometry:
    """The geometry that a description gives.

    Args:
        convolutions: how many the model has.
        where: the model, for errors.
        known: what a library takes where nothing is said.

    Raises:
        UsageError: something is missing or does not fit.
    """
    sides = described.get("shape")
    if not is_list(sides) or len(sides) != 3 or not all(_is_count(side, 1) for side in sides):
        raise UsageError(
            "the shape of an image is not in the file"
            if sides is None
            else "a shape is [channels, rows, columns]",
            where=where,
            hint='a description says it: "shape": [3, 32, 32] of the numbers of a sample, before '
            "any thermometer (--description)",
        )
    rows = {key: _each(described, key, convolutions, where, known) for key in _LEAST}
    windows = tuple(Window(*one) for one in zip(*rows.values()))
    return Geometry((sides[0], sides[1], sides[2]), windows)


def _each(
    described: Mapping[str, Any], key: str, count: int, where: str, known: Mapping[str, int]
) -> list[int]:
    """A number for each convolution."""
    value: Any = described.get(key, known.get(key))
    if value is None:
        raise UsageError(
            f"the {key} of its convolutions is not in the file",
            where=where,
            hint=f'a description says it: "{key}": a number, or a list of one for each of the '
            f"{count} convolutions (--description)",
        )
    every: list[Any] = value if is_list(value) else [value] * count
    if len(every) != count or not all(_is_count(one, _LEAST[key]) for one in every):
        raise UsageError(
            f"{key} is a number of at least {_LEAST[key]}, or a list of one for each of the "
            f"{count} convolutions, not {value}",
            where=where,
        )
    return every


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST
