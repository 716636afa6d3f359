"""lgc train: data to a trained network, compiled and proved."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import FILE
from .terminal import busy, console, detail, say, settings
from .training import data_flags, data_options, given_recipe, recipe_options, take_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..training.datasets import DataSet
    from ..training.finishing import Finished
    from ..training.recipe import Recipe
    from ..training.trainer import Progress

_WIDE = 0.05
"""A gap that says that a training is not done."""


@click.command("train")
@data_options
@click.option("-o", "--output", type=FILE, required=True, help="The network, .pt, whole.")
@recipe_options
@click.option("--kernel", type=FILE, help="Write the compiled kernel as well, .lgk.")
@click.option(
    "--luts", type=click.Choice(["3", "4", "6"]), help="Also count LUTs of so many inputs."
)
@click.option("--device", default="cpu", show_default=True, help="Where to train: cpu or cuda.")
@click.option("--checkpoint", type=FILE, help="Write all of the training here at evaluations.")
@click.option("--resume", type=FILE, help="Go on from this checkpoint, with its recipe.")
@click.option("--plot", metavar="FILE", help="Draw .png or .svg at evaluations, or in a window.")
@click.option("--log", type=FILE, help="Write a row for every evaluation, .csv.")
@click.option("--tensorboard", type=FILE, metavar="FOLDER", help="Write events for TensorBoard.")
def train_command(
    output: Path,
    kernel: Path | None,
    luts: str | None,
    device: str,
    checkpoint: Path | None,
    resume: Path | None,
    plot: str | None,
    log: Path | None,
    tensorboard: Path | None,
    **options: Any,
) -> int:
    """Train a network of gates on DATA, compile it, and prove that the kernel is the network.

    DATA is digits (scikit-learn's), an .npz archive with x_train, y_train, x_test and y_test, a
    folder of idx files such as MNIST/raw, or a .csv or .parquet table with --label COLUMN. A tenth
    of the training rows is held back, and evaluations look at these: accuracy of the relaxed
    network, of the hard one, and the gap between them. The test rows are looked at once, at the
    end.

    The file that is written holds everything: lgc compile model.pt -o model.lgk needs no flags.
    The same command gives the same file on the same machine. Ctrl-C writes a checkpoint, and the
    training that goes on from it ends with the weights it would have had.

    \b
    lgc train --data digits --arch 2x1000 --tau 10 --epochs 40 -o digits.pt
    lgc train --data mnist.npz --arch 6x8000 --tau 10 --epochs 20 -o mnist.pt --plot mnist.png
    lgc train --data adult.csv --label income --missing drop --arch 3x2000 -o adult.pt
    """
    from ..files import check_writable
    from ..training.datasets import read_dataset
    from ..training.trainer import StoppedError, train

    for file in (output, kernel, checkpoint):
        if file is not None:
            check_writable(file)
    source, reading = take_reading(options)
    recipe, history = _recipe(options, resume)
    with busy(f"reading {source}"):
        data = read_dataset(source, reading)
    for remark in data.remarks:
        say(remark)
    records = _records(plot, log, tensorboard, history, f"{data.name}, {recipe.arch}")
    spare = output.with_suffix(".checkpoint")
    with _progress(recipe, data, history, records) as (report, tick), _interrupts() as stop:
        try:
            trained = train(
                recipe, data, report=report, tick=tick, stop=stop, resume=resume,
                checkpoint=checkpoint, spare=spare, device=device,
            )  # fmt: skip
        except StoppedError as stopped:
            again = ["lgc", "train", *data_flags(source, reading), "-o", str(output)]
            again += ["--resume", str(stopped.checkpoint)]
            say(f"stopped at step {stopped.step:,}; to go on: {shlex.join(again)}")
            return 130
    return _finish(trained, data, output, kernel, luts)


def _recipe(options: dict[str, Any], resume: Path | None) -> tuple[Recipe, list[Progress]]:
    """The recipe, and the evaluations of the training that goes on."""
    from ..training.checkpoints import open_state
    from ..training.recipe import Recipe
    from ..training.trainer import Progress

    given = given_recipe(options)
    if resume is None:
        return Recipe(**given), []
    state = open_state(resume)
    return replace(state.recipe, **given), [Progress(*each) for each in state.history]


def _finish(
    trained: Any, data: DataSet, output: Path, kernel: Path | None, luts: str | None
) -> int:
    from ..nn import save
    from ..training.finishing import finish, notes

    save(trained.model, output, notes(trained, data))
    with busy("compiling, proving and measuring"):
        finished, made = finish(trained, data, luts=None if luts is None else int(luts))
    if kernel is not None:
        made.save(kernel)
    _print(finished, trained.best, trained.recipe)
    if finished.relaxed - finished.hard > _WIDE:
        say("the gap is wide: gates are undecided; more --epochs or a higher --lr settle them")
    say(f"wrote {output}" + (f" and {kernel}" if kernel is not None else ""))
    return 0


def _print(finished: Finished, best: Progress, recipe: Recipe) -> None:
    lines = {
        f"accuracy on {finished.rows:,} test rows": f"relaxed {finished.relaxed:.2%}, "
        f"hard {finished.hard:.2%}, compiled {finished.compiled:.2%}",
        "weights": f"of step {best.step:,}, after {best.epoch} of {recipe.epochs} epochs",
        "gates": f"{finished.gates:,}, compiled {finished.left:,}",
        f"LUT{finished.lut_inputs}": "" if finished.luts is None else f"{finished.luts:,}",
        "kernel and network": f"equal scores on all test rows, {finished.proof.partition(',')[0]}",
        "speed": f"{finished.rate:,.0f} images/s, one thread",
    }
    wide = max(map(len, lines))
    for name, text in lines.items():
        if text:
            click.echo(f"{name:<{wide}}  {text}")
    detail(finished.proof)


def _records(
    plot: str | None, log: Path | None, board: Path | None, history: list[Progress], title: str
) -> list[Any]:
    from ..training.logs import csv_record, picture_record, tensorboard_record

    records: list[Any] = []
    if plot is not None:
        records.append(picture_record(plot, title))
    if log is not None:
        records.append(csv_record(log))
    if board is not None:
        records.append(tensorboard_record(board, history[-1].step if history else 0))
    return records


@contextmanager
def _progress(
    recipe: Recipe, data: DataSet, history: list[Progress], records: list[Any]
) -> Generator[tuple[Callable[[Progress], None], Callable[[int, int, float], None] | None]]:
    """What a training reports to: a bar where stderr is a terminal, lines, the records."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    shown = console(stderr=True)
    live = shown.is_terminal and not settings.quiet
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining(),
        console=shown, transient=True, disable=not live,
    )  # fmt: skip
    task = bar.add_task("training", total=None)

    def report(found: Progress) -> None:
        history.append(found)
        if not settings.quiet:
            bar.console.print(_line(found, recipe), highlight=False, soft_wrap=True)
        for record in records:
            record(history)

    def tick(step: int, steps: int, loss: float) -> None:
        bar.update(task, completed=step, total=steps, description=f"loss {loss:.3f}")

    held = "held-back rows" if recipe.validation else "training rows"
    say(
        f"{data.name}: {len(data.y_train):,} rows of {data.features} numbers, "
        f"{len(data.classes)} classes; evaluated on {held}"
    )
    with bar:
        yield report, tick if live else None


def _line(found: Progress, recipe: Recipe) -> str:
    return (
        f"epoch {found.epoch:>{len(str(recipe.epochs))}}/{recipe.epochs}  "
        f"loss {found.loss:.4f}  relaxed {found.relaxed:7.2%}  hard {found.hard:7.2%}  "
        f"gap {100 * found.gap:+6.2f}  {found.seconds:,.0f} s"
    )


@contextmanager
def _interrupts() -> Generator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; pressed again, it interrupts at once."""
    pressed = False

    def press(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
