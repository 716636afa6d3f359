"""Options of `lgc search` that say what a search is about: the space, and how trials train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..searching.dimensions import DIMENSIONS

if TYPE_CHECKING:
    from ..searching.settings import Settings
    from ..training.datasets import DataSet

Command = TypeVar("Command", bound=Callable[..., Any])

VALIDATION = 0.2
"""Of the rows: more than a training needs, since choices are made by it."""

_METAVARS = {"whole": "N:N", "real": "X:X", "name": "NAME,NAME"}

_BASE = (
    click.option("--epochs", type=click.IntRange(1), default=20, show_default=True,
                 help="Of a trial."),
    click.option("--batch", type=click.IntRange(1), default=128, show_default=True,
                 help="Rows of a step."),
    click.option("--schedule", type=click.Choice(["constant", "cosine"]), default="cosine",
                 show_default=True, help="Of the learning rate."),
    click.option("--validation", type=float, default=VALIDATION, show_default=True,
                 help="Share of the training rows that is held back."),
    click.option("--seed", type=int, default=0, show_default=True,
                 help="Of choices, weights, wires, held-back rows."),
    click.option("--floor", type=click.FloatRange(0, 1), default=0.0, show_default=True,
                 help="Accuracy below which a network is of no use."),
    click.option("--sampler", type=click.Choice(["tpe", "nsga2", "random"]), default="tpe",
                 show_default=True, help="How choices are made."),
    click.option("--prune/--no-prune", default=True, show_default=True,
                 help="Whether trials may end early."),
)  # fmt: skip

BASE = ("epochs", "batch", "schedule", "validation", "seed")
SETTINGS = (*(one.name for one in DIMENSIONS), *BASE, "objectives", "floor", "sampler", "prune")
"""Options that a search which goes on has from the one that began."""


def space_options(command: Command) -> Command:
    """Add the space and what is the same in all trials."""
    for option in reversed(_BASE):
        command = option(command)
    for one in reversed(DIMENSIONS):
        text = f"{one.what}  [default: {one.default}]"
        option = click.option(one.flag, one.name, metavar=_METAVARS[one.kind], help=text)
        command = option(command)
    return command


def take_settings(source: str, data: DataSet, options: dict[str, Any]) -> Settings:
    """The settings, of a command's values.

    Raises:
        UsageError: an option is wrong.
    """
    from ..errors import UsageError
    from ..searching.settings import Settings
    from ..training.building import resolved
    from ..training.recipe import Recipe

    base = Recipe(**{name: options.pop(name) for name in BASE})
    if not base.validation:
        raise UsageError(
            "a search needs rows that are held back",
            where="--validation",
            hint="0.2 holds back a fifth of the training rows; the test rows choose nothing",
        )
    space = {one.name: options.pop(one.name) for one in DIMENSIONS}
    if (
        resolved(replace(base, arch=str(len(data.classes))), data).input == "bool"
        and space["encoder"] is None
    ):
        space["encoder"] = "bool"
        space["levels"] = space["levels"] or "1"
    objectives = options.pop("objectives")
    floor, sampler, prune = (options.pop(name) for name in ("floor", "sampler", "prune"))
    settings = Settings(
        source,
        data.fingerprint(),
        data.features,
        len(data.classes),
        objectives or "accuracy,lut6",
        {name: text for name, text in space.items() if text is not None},
        base,
        floor,
        sampler,
        prune,
    )
    _ = settings.goals, settings.ranges  # what is wrong with their texts is told now
    return settings
