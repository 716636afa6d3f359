"""lgc approximate: a smaller model that is not exact, and the curve of accuracy over size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import FILE, SEED, load_model, load_options, take_load_options
from .terminal import busy, console, say

if TYPE_CHECKING:
    from ..approximation import Labelled, Point


@click.command("approximate")
@click.argument("model", type=FILE)
@click.option("--data", type=FILE, required=True, help="Samples with labels, .npz.")
@click.option("-o", "--output", type=FILE, required=True, help="IR file to write, .mlir.")
@click.option(
    "--budget",
    type=float,
    default=0.1,
    show_default=True,
    help="Percentage points of accuracy on held-back data that may be lost.",
)
@click.option(
    "--held-back",
    type=float,
    default=20.0,
    show_default=True,
    help="Percent of DATA that is held back, drawn at random.",
)
@click.option("--held-back-data", type=FILE, help="Held-back data in a file of its own instead.")
@click.option(
    "--test",
    type=FILE,
    help="Data that decides nothing; its accuracy before and after is printed at the end.",
)
@click.option(
    "--tolerance",
    type=float,
    default=25.0,
    show_default=True,
    help="Percent of training rows on which nets that are merged may differ, at most.",
)
@click.option(
    "--margin", type=int, help="Lead of the right class that is defended. [default: 2 tau]"
)
@SEED
@click.option("--plot", type=FILE, help="Draw the curve: .png or .svg.")
@click.option("--x", "x_key", metavar="KEY", help="Array that holds the samples.")
@click.option("--y", "y_key", metavar="KEY", help="Array that holds the labels.")
@load_options
def approximate_command(
    model: Path,
    data: Path,
    output: Path,
    budget: float,
    held_back: float,
    held_back_data: Path | None,
    test: Path | None,
    tolerance: float,
    margin: int | None,
    seed: int,
    plot: Path | None,
    x_key: str | None,
    y_key: str | None,
    **options: Any,
) -> None:
    """Make MODEL smaller by merging nets that differ on few training rows.

    The result is another function, and its file says so. A merge stays if the class scores of the
    training rows do not suffer; rows held back are only looked at to stop at the budget. They
    should not be rows that the model was trained on. The best estimate of the accuracy is that on
    --test, which nothing was chosen by.

    \b
    lgc approximate mnist.mlir --data train.npz --test test.npz -o small.mlir --plot curve.png
    """
    from .. import driver, report
    from ..approximation import Options, approximate, split
    from ..errors import UsageError
    from ..files import check_writable
    from ..model import Model

    wanted = Options(budget, tolerance, margin, seed)
    wanted.verify("lgc approximate")
    if output.suffix != ".mlir":
        raise UsageError("an approximate model is written as IR", where=str(output), hint=".mlir")
    check_writable(output)
    if plot is not None:
        from ..extras import check_drawable

        check_drawable(plot)
        check_writable(plot)
    read = driver.optimized(load_model(model, take_load_options(options)), None)
    training = labelled(data, x_key, y_key)
    if held_back_data is None:
        training, held = split(training, held_back, seed)
    else:
        held = labelled(held_back_data, x_key, y_key)
    tested = None if test is None else labelled(test, x_key, y_key)
    made = Model(read.module.clone(), read.stats)

    def tell(point: Point) -> None:
        say(f"{point.tolerance:g} %: {point.gates:,} gates, {point.held_back:.2%} held back")

    with busy(f"approximating {model.name}"):
        curve = approximate(made.module, training, held, wanted, tell)
    made.save(output)
    report.show(console(), report.curve_table(curve))
    if tested is not None:
        before, after = (
            (one.evaluate(tested.x).classes == tested.y).mean() for one in (read, made)
        )
        click.echo(f"accuracy on {len(tested):,} test rows: {before:.2%} to {after:.2%}")
    if plot is not None:
        from ..plot import draw_curve

        draw_curve(curve, model.name, plot)
        say(f"wrote {plot}")


def labelled(file: Path, x: str | None, y: str | None) -> Labelled:
    """Samples and their labels from a file.

    Raises:
        InputError: it has no labels.
    """
    from ..approximation import Labelled
    from ..data import read_data
    from ..errors import InputError

    data = read_data(file, x, y)
    if data.y is None:
        raise InputError("has no labels", where=str(file), hint="accuracy needs them")
    return Labelled(data.x, data.y)
