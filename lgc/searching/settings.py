"""Settings: everything that determines a search, as plain values that go through JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from ..errors import UsageError
from ..training.recipe import Recipe
from .objectives import Objective, parse_objectives
from .space import Space

Sampler = Literal["tpe", "nsga2", "random"]


@dataclass(frozen=True)
class Settings:
    """What a search is about.

    Attributes:
        data: as the user spelled it.
        fingerprint: of the training rows.
        features, classes: numbers in a row, classes in them.
        objectives: names, as text.
        space: texts of the ranges by name.
        base: everything of a training that is not searched for; its seed is that of the search,
            so that all trials hold back the same rows.
        floor: accuracy below which a network is of no use; it does not stand on the front.
        sampler: how choices are made.
        prune: whether trials may end early.
    """

    data: str
    fingerprint: str
    features: int
    classes: int
    objectives: str = "accuracy,lut6"
    space: Mapping[str, str] = field(default_factory=dict[str, str])
    base: Recipe = field(default_factory=Recipe)
    floor: float = 0.0
    sampler: Sampler = "tpe"
    prune: bool = True

    @property
    def seed(self) -> int:
        """Of choices, weights, wires and held-back rows."""
        return self.base.seed

    @property
    def goals(self) -> tuple[Objective, ...]:
        """The objectives."""
        return parse_objectives(self.objectives)

    @property
    def ranges(self) -> Space:
        """The space."""
        return Space.parse(self.space)

    def describe(self) -> dict[str, Any]:
        """For programs, and for a study on disk."""
        return {**asdict(self), "space": self.ranges.texts}

    def to_json(self) -> str:
        """What a study on disk keeps."""
        return json.dumps(self.describe(), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Settings:
        """Read what `to_json` wrote.

        Raises:
            UsageError: another version of lgc wrote it.
        """
        values: dict[str, Any] = json.loads(text)
        if set(values) != {one.name for one in fields(Settings)}:
            raise UsageError("another version of lgc began this search", where="--resume")
        base = Recipe.from_json(json.dumps(values.pop("base")))
        return Settings(**values, base=base)


def resumed(stored: Settings, now: Settings, given: Collection[str]) -> Settings:
    """The settings of a search that goes on; options that were not given are those of before.

    Args:
        given: names of options, of `Settings`, `Recipe` or the space.

    Raises:
        UsageError: one was given that differs, or the data is another.
    """
    if now.fingerprint != stored.fingerprint:
        raise UsageError(
            f"the training rows of {now.data} are not those that this search began with",
            where="--resume",
            hint="results on other data cannot be compared: begin a new search",
        )
    old, new = _flat(stored), _flat(now)
    for name in sorted(given):
        if name in old and old[name] != new[name]:
            raise UsageError(
                f"this search began with {old[name]}, not {new[name]}",
                where="--" + name.replace("_", "-"),
                hint="leave the option out, or begin a new search",
            )
    return replace(stored, data=now.data)


def _flat(settings: Settings) -> dict[str, Any]:
    values = settings.describe()
    return {**values.pop("base"), **values.pop("space"), **values}
