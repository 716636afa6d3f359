"""Options of commands that train: how data are read, and the recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .options import FILE

if TYPE_CHECKING:
    from ..training.datasets import Reading

Command = TypeVar("Command", bound=Callable[..., Any])

_DATA = (
    click.option("--data", required=True, metavar="DATA", help="What to learn from; see above."),
    click.option("--x", metavar="KEY", help="Of .npz: KEY_train and KEY_test.  [default: x]"),
    click.option("--y", metavar="KEY", help="The same for the labels.  [default: y]"),
    click.option("--label", metavar="COLUMN", help="Of tables: name or number of the classes."),
    click.option("--test", type=FILE, help="File with the test rows, if DATA has none."),
    click.option(
        "--test-share", type=float, help="Of the rows, where none are for the test.  [default: 0.2]"
    ),
    click.option(
        "--missing",
        type=click.Choice(["refuse", "drop", "own"]),
        help="Missing cells: refuse, drop the rows, or for text a value of its own.",
    ),
)
_DATA_FLAGS = {
    "x": "x", "y": "y", "label": "label", "test": "test", "test_share": "share",
    "missing": "missing",
}  # fmt: skip

_RECIPE = (
    click.option("--arch", help="Layers: 6x8000, or 4000,2000, or 2x4000,1000.  [default: 2x2000]"),
    click.option("--tau", type=float, help="Divisor of the class sums.  [default: 10]"),
    click.option("--beta", type=float, help="Added to them before.  [default: 0]"),
    click.option(
        "--input",
        help="Numbers to bits: auto, bool, round, '>0.5', thermometer:1,2,3, uniform:3, "
        "distributive:3, learnable:3.  [default: auto]",
    ),
    click.option("--epochs", type=int, help="Passes over the training rows.  [default: 20]"),
    click.option("--batch", type=int, help="Rows of a step.  [default: 128]"),
    click.option("--shift", type=int, help="Move images by up to so many pixels.  [default: 0]"),
    click.option("--lr", type=float, help="Learning rate of Adam.  [default: 0.01]"),
    click.option(
        "--schedule",
        type=click.Choice(["constant", "cosine"]),
        help="Of the learning rate; cosine ends at 0.  [default: constant]",
    ),
    click.option("--seed", type=int, help="Of weights, wires, order.  [default: 0]"),
    click.option("--validation", type=float, help="Share that is held back.  [default: 0.1]"),
    click.option("--evaluate", type=int, help="Epochs between evaluations.  [default: 1]"),
    click.option(
        "--patience",
        type=int,
        help="Evaluations without a better hard accuracy on the rows held back, after which the "
        "training ends with its best weights.  [default: 0, never]",
    ),
    click.option("--k", type=int, help="Inputs of a gate.  [default: 2]"),
    click.option("--logic", help="Between 0 and 1: product, minimum, lukasiewicz, hamacher, "
        "einstein, yager.  [default: product]"),
    click.option("--parametrization", help="softmax, gumbel, light, walsh.  [default: softmax]"),
    click.option("--connections", help="random, unique or learnable.  [default: random]"),
    click.option("--candidates", type=int, help="Of learnable ones, for an input.  [default: 8]"),
    click.option(
        "--weight-init", help="normal, or residual, which wants a higher --lr.  [default: normal]"
    ),
    click.option(
        "--size-penalty",
        type=float,
        help="Weight in the loss of neurons that cost a gate when compiled.  [default: 0]",
    ),
    click.option(
        "--entropy",
        type=float,
        help="Weight of undecided neurons, growing to this.  [default: 0]",
    ),
    click.option("--temperature", type=float, help="Of the choice of a gate.  [default: 1]"),
)  # fmt: skip
_RECIPE_NAMES = (
    "arch", "tau", "beta", "input", "epochs", "batch", "shift", "lr", "schedule", "seed",
    "validation", "evaluate", "patience", "k", "logic", "parametrization", "connections",
    "candidates", "weight_init", "temperature", "size_penalty", "entropy",
)  # fmt: skip


def data_options(command: Command) -> Command:
    """Add ``--data`` and how it is read."""
    for option in reversed(_DATA):
        command = option(command)
    return command


def recipe_options(command: Command) -> Command:
    """Add what a recipe says; what is not given is None."""
    for option in reversed(_RECIPE):
        command = option(command)
    return command


def given_recipe(options: dict[str, Any]) -> dict[str, Any]:
    """Take what was given of a recipe out of a command's values."""
    taken = {name: options.pop(name) for name in _RECIPE_NAMES}
    return {name: value for name, value in taken.items() if value is not None}


def take_reading(options: dict[str, Any]) -> tuple[str, Reading]:
    """Take ``--data`` and how it is read out of a command's values."""
    from ..training.datasets import Reading

    taken = {field: options.pop(name) for name, field in _DATA_FLAGS.items()}
    return options.pop("data"), Reading(**{k: v for k, v in taken.items() if v is not None})


def data_flags(source: str, reading: Reading) -> list[str]:
    """The flags that `take_reading` was given."""
    from ..training.datasets import Reading

    flags, usual = ["--data", source], Reading()
    for name, field in _DATA_FLAGS.items():
        value = getattr(reading, field)
        if value != getattr(usual, field):
            flags += [f"--{name.replace('_', '-')}", str(Path(value) if name == "test" else value)]
    return flags
