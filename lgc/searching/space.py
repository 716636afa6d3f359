"""Space: which networks a search chooses from, and how a choice becomes a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..training.recipe import Recipe
from .dimensions import DIMENSIONS
from .ranges import Asking, Range, Value

ENCODED = ("width", "depth", "taper", "encoder", "levels")
"""Dimensions that are not fields of a recipe but make some of them."""


@dataclass(frozen=True)
class Space:
    """A range for each of `DIMENSIONS`, in their order."""

    ranges: tuple[Range, ...]

    @staticmethod
    def parse(texts: Mapping[str, str]) -> Space:
        """Read ranges by name; what is not named has its default.

        Raises:
            UsageError: a text is wrong.
        """
        return Space(tuple(one.parse(texts.get(one.name, one.default)) for one in DIMENSIONS))

    @property
    def texts(self) -> dict[str, str]:
        """What `parse` reads."""
        return {one.dimension.name: one.text for one in self.ranges}

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of what there is to choose."""
        return tuple(one.dimension.name for one in self.ranges if not one.fixed)

    def suggest(self, trial: Asking) -> dict[str, Value]:
        """Let a trial choose everything."""
        return {one.dimension.name: one.suggest(trial) for one in self.ranges}


def recipe_of(choice: Mapping[str, Value], base: Recipe, features: int, classes: int) -> Recipe:
    """The recipe of a choice.

    Args:
        base: everything that a search does not vary.
        features: numbers in a row.
    """
    bits, k = features * int(choice["levels"]), int(choice["k"])
    widths = series(int(choice["width"]), int(choice["depth"]), float(choice["taper"]))
    arch = ",".join(map(str, readable(widths, bits, k, classes)))
    rest = {name: value for name, value in choice.items() if name not in ENCODED}
    text = f"{choice['encoder']}:{choice['levels']}"
    made = replace(base, arch=arch, input="bool" if choice["encoder"] == "bool" else text)
    return replace(made, **rest)  # type: ignore[arg-type]


def series(width: int, depth: int, taper: float) -> tuple[int, ...]:
    """Widths of the layers, from the first to the last one's share of it, by equal ratios."""
    ratio = taper ** (1 / max(depth - 1, 1))
    return tuple(max(1, round(width * ratio**place)) for place in range(depth))


def readable(widths: Sequence[int], bits: int, k: int, classes: int) -> tuple[int, ...]:
    """The nearest widths, none smaller, that a network can have.

    Layers of gates with ``k`` inputs read everything that the one before gives, the first one all
    bits; the last layer falls into equal classes.
    """
    found: list[int] = []
    for width in widths:
        found.append(max(width, -(-bits // k)))
        bits = found[-1]
    found[-1] = -(-found[-1] // classes) * classes
    return tuple(found)
