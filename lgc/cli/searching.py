"""Options of `lgc search` that say what a search is about: the space, and how trials train."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..searching.settings import Settings
    from ..training.datasets import DataSet

Command = TypeVar("Command", bound=Callable[..., Any])

VALIDATION = 0.2
"""Of the rows: more than a training needs, since choices are made by it."""

_SPACE = (
    ("width", "N:N", "Gates in the first layer.  [default: 200:4000]"),
    ("depth", "N:N", "Layers of gates.  [default: 2:6]"),
    ("taper", "X:X", "Width of the last layer over that of the first.  [default: 0.25:1]"),
    ("encoder", "NAMES", "uniform, distributive, learnable.  [default: distributive]"),
    ("levels", "N:N", "Thresholds of a number.  [default: 1:4]"),
    ("tau", "X:X", "GroupSum's divisor.  [default: 1:30]"),
    ("k", "N,N", "Inputs of a gate.  [default: 2]"),
    ("logic", "NAMES", "What gates are between 0 and 1, see lgc train.  [default: product]"),
    ("parametrization", "NAMES", "What the weights of a gate are.  [default: softmax]"),
    ("connections", "NAMES", "How gates are wired.  [default: random]"),
    ("weight_init", "NAMES", "How weights begin.  [default: residual,normal]"),
    ("lr", "X:X", "Learning rate.  [default: 0.003:0.05]"),
)

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
    click.option("--sampler", type=click.Choice(["tpe", "nsga2", "random"]), default="tpe",
                 show_default=True, help="How choices are made."),
    click.option("--prune/--no-prune", default=True, show_default=True,
                 help="Whether trials may end early."),
)  # fmt: skip

BASE = ("epochs", "batch", "schedule", "validation", "seed")
SETTINGS = (*(name for name, _, _ in _SPACE), *BASE, "objectives", "sampler", "prune")
"""Options that a search which goes on has from the one that began."""


def space_options(command: Command) -> Command:
    """Add the space and what is the same in all trials."""
    for option in reversed(_BASE):
        command = option(command)
    for name, values, text in reversed(_SPACE):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, metavar=values, help=text)(command)
    return command


def take_settings(source: str, data: DataSet, options: dict[str, Any]) -> Settings:
    """The settings, of a command's values.

    Raises:
        UsageError: an option is wrong.
    """
    from ..errors import UsageError
    from ..searching.settings import Settings
    from ..training.recipe import Recipe

    base = Recipe(**{name: options.pop(name) for name in BASE})
    if not base.validation:
        raise UsageError(
            "a search needs rows that are held back",
            where="--validation",
            hint="0.2 holds back a fifth of the training rows; the test rows choose nothing",
        )
    space = {name: options.pop(name) for name, _, _ in _SPACE}
    objectives, sampler, prune = (options.pop(name) for name in ("objectives", "sampler", "prune"))
    settings = Settings(
        source,
        data.fingerprint(),
        len(data.classes),
        objectives or "accuracy,lut6",
        {name: text for name, text in space.items() if text is not None},
        base,
        sampler,
        prune,
    )
    _ = settings.goals, settings.ranges  # what is wrong with their texts is told now
    return settings
