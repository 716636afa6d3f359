"""Space: which networks a search chooses from, and how a choice becomes a recipe."""

from __future__ import annotations

from collections.abc import Mapping
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


def recipe_of(choice: Mapping[str, Value], base: Recipe, classes: int) -> Recipe:
    """The recipe of a choice.

    Args:
        base: everything that a search does not vary.
        classes: the last layer is a multiple of it.
    """
    widths = series(int(choice["width"]), int(choice["depth"]), float(choice["taper"]), classes)
    rest = {name: value for name, value in choice.items() if name not in ENCODED}
    made = replace(base, arch=",".join(map(str, widths)), **rest)  # type: ignore[arg-type]
    return replace(made, input=f"{choice['encoder']}:{choice['levels']}")


def series(width: int, depth: int, taper: float, classes: int) -> tuple[int, ...]:
    """Widths of the layers, from the first to the last one's share of it, by equal ratios.

    No layer has less than half the gates of the one before, so that each of these can be read,
    and the last is a multiple of the classes.
    """
    ratio = taper ** (1 / max(depth - 1, 1))
    found = [width]
    for place in range(1, depth):
        found.append(max(1, round(width * ratio**place), -(-found[-1] // 2)))
    found[-1] = -(-found[-1] // classes) * classes
    return tuple(found)
