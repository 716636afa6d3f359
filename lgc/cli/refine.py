"""lgc refine: a better or smaller network by a search over its gates, on labelled samples."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .approximate import labelled
from .options import FILE, load_model, load_options, take_load_options
from .terminal import progress, say

if TYPE_CHECKING:
    from ..refining import Refined, Round


@click.command("refine")
@click.argument("model", type=FILE)
@click.option("--data", type=FILE, required=True, help="Training samples with labels, .npz.")
@click.option("-o", "--output", type=FILE, required=True, help="IR file to write, .mlir.")
@click.option(
    "--goal",
    type=click.Choice(["accuracy", "size"]),
    default="accuracy",
    show_default=True,
    help="What to search for; size: at no loss of training accuracy.",
)
@click.option(
    "--validation",
    type=float,
    default=0.1,
    show_default=True,
    help="Share of DATA that is held back to stop and to choose by; 0: all rows are searched.",
)
@click.option("--validation-data", type=FILE, help="Held-back data in a file of its own instead.")
@click.option(
    "--test",
    type=FILE,
    help="Data that decides nothing; its accuracy before and after is printed at the end.",
)
@click.option(
    "--rounds",
    type=int,
    default=20,
    show_default=True,
    help="Most rounds; each visits every gate once.",
)
@click.option(
    "--patience",
    type=int,
    default=5,
    show_default=True,
    help="Rounds without a better result that end the search.",
)
@click.option(
    "--batch",
    type=int,
    default=16384,
    show_default=True,
    help="Rows that a round looks at, those that cost more the likelier.",
)
@click.option(
    "--wires",
    type=int,
    default=64,
    show_default=True,
    help="Nets tried as other fan-ins of a gate, each visit; 0: tables only.",
)
@click.option(
    "--temperature",
    type=float,
    help="A row costs the sum of ln(1 + exp(-lead / temperature)) over wrong classes. "
    "[default: tau]",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Of batches, order of gates, and wires."
)
@click.option("--x", "x_key", metavar="KEY", help="Array that holds the samples.")
@click.option("--y", "y_key", metavar="KEY", help="Array that holds the labels.")
@load_options
def refine_command(
    model: Path,
    data: Path,
    output: Path,
    goal: Any,
    validation: float,
    validation_data: Path | None,
    test: Path | None,
    rounds: int,
    patience: int,
    batch: int,
    wires: int,
    temperature: float | None,
    seed: int,
    x_key: str | None,
    y_key: str | None,
    **options: Any,
) -> None:
    """Improve MODEL by a search over its gates and wires on labelled samples, without gradients.

    Each visit of a gate measures all its tables, and many other fan-ins, on the training rows, and
    takes the best. Rows held back decide when to stop and which round is taken; rows that MODEL was
    trained on are a poor guard, as it gets nearly all of them right. The result is another
    function, and its file says so.

    \b
    lgc refine mnist.mlir --data train.npz --validation-data other.npz -o better.mlir
    lgc refine mnist.mlir --data train.npz --goal size -o small.mlir
    """
    from ..errors import UsageError
    from ..files import check_writable
    from ..refining import refine

    if output.suffix != ".mlir":
        raise UsageError("a refined model is written as IR", where=str(output), hint=".mlir")
    check_writable(output)
    training = labelled(data, x_key, y_key)
    held = None if validation_data is None else labelled(validation_data, x_key, y_key)
    tested = None if test is None else labelled(test, x_key, y_key)
    read = load_model(model, take_load_options(options))
    with progress(f"refining {model.name}") as update:
        found = refine(
            read, training.x, training.y, goal=goal, validation=validation,
            validation_data=None if held is None else (held.x, held.y), rounds=rounds,
            patience=patience, batch=batch, wires=wires, temperature=temperature, seed=seed,
            tell=lambda now: say(_line(now)), progress=update,
        )  # fmt: skip
    found.model.save(output)
    _show(found)
    if tested is not None:
        right = [(one.evaluate(tested.x).classes == tested.y).mean() for one in (read, found.model)]
        click.echo(f"accuracy on {len(tested):,} test rows: {right[0]:.2%} to {right[1]:.2%}")
    click.echo(f"{found.rate:,.0f} candidates/s in {found.seconds:.1f} s")
    if not found.kept:
        say("no round was better: the model is what it was")
        if found.held_back:
            say("  hint: rows held back that it was trained on are no guard; see --validation-data")


def _line(now: Round) -> str:
    held = "" if math.isnan(now.held_back) else f", held back {now.held_back:.2%}"
    return (
        f"round {now.number}: {now.changes:,} changes, {now.gates:,} gates, "
        f"training {now.training:.2%}, loss {now.loss:.4f}{held}"
    )


def _show(found: Refined) -> None:
    start, result = found.start, found.result
    click.echo(f"gates after -O2: {start.gates:,} to {found.model.gates:,}")
    parts = [("training", found.training, start.training, result.training)]
    if found.held_back:
        parts.append(("held-back", found.held_back, start.held_back, result.held_back))
    for name, count, before, after in parts:
        click.echo(f"accuracy on {count:,} {name} rows: {before:.2%} to {after:.2%}")
