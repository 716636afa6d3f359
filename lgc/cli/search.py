"""lgc search: networks that are accurate and small, or fast, once they are compiled."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import FILE
from .searching import SETTINGS, space_options, take_settings
from .terminal import busy, console, say
from .training import data_options, take_reading

if TYPE_CHECKING:
    from ..searching.artefacts import Point, Shelf
    from ..searching.engines import Engine
    from ..searching.search import Searched
    from ..searching.settings import Settings
    from ..searching.trials import Record, Tell, Work
    from ..training.datasets import DataSet

STUDY = "study.journal"


@dataclass(frozen=True)
class _Where:
    """Where trials run, and when they end."""

    trials: int
    minutes: float | None
    jobs: int
    threads: int | None
    cluster: str | None


@click.command("search")
@data_options
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="FOLDER",
    help="For models and kernels of the front, and the study.",
)  # fmt: skip
@click.option(
    "--objectives", metavar="NAME,NAME",
    help="Two or three of accuracy, gates, lut3, lut4, lut6, depth, speed.  "
    "[default: accuracy,lut6]",
)  # fmt: skip
@click.option(
    "--trials", type=click.IntRange(0), default=50, show_default=True,
    help="Networks to try, those before --resume included.",
)  # fmt: skip
@click.option("--minutes", type=float, help="After which no trial begins any more.")
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True,
    help="Trials at the same time, each in a process with its share of the processors.",
)  # fmt: skip
@click.option("--threads", type=click.IntRange(1), help="Of a trial, instead of that share.")
@click.option(
    "--cluster", metavar="ray|dask[:ADDRESS]",
    help="Let the workers of a running cluster try them, one thread each.",
)  # fmt: skip
@click.option(
    "--study", type=FILE, help=f"File that remembers all trials.  [default: {STUDY} in FOLDER]"
)
@click.option("--resume", is_flag=True, help="Go on with the search of that file.")
@space_options
@click.option(
    "--check", type=click.Choice(["fast", "proof"]), default="fast", show_default=True,
    help="How kernels of the front are compared with their models: random vectors, or SAT.",
)  # fmt: skip
@click.option("--plot", type=FILE, help="Draw the front: .png or .svg.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def search_command(
    context: click.Context,
    output: Path,
    study: Path | None,
    resume: bool,
    check: Any,
    plot: Path | None,
    as_json: bool,
    trials: int,
    minutes: float | None,
    jobs: int,
    threads: int | None,
    cluster: str | None,
    **options: Any,
) -> int:
    """Search for networks that no other beats in all objectives: the Pareto front.

    Each trial trains a network on DATA (see lgc train), compiles it, and measures what it costs
    then. Accuracy is that of the hard network on rows that are held back from training, the same
    for all trials. Test rows are looked at once, at the end, for the front.

    A space is what trials choose from: 500:8000 is all values in between, 2,4 these two, 3 no
    choice. A trial ends early when its network, at an eighth, a quarter or half of the epochs, is
    less accurate than the median of the earlier ones that were no larger.

    FOLDER holds the state dict, recipe and kernel of each trial of the front; every kernel is
    compared with its model. --resume goes on with a search that was killed, or with more
    --trials; Ctrl-C ends it well. With one job the same seed finds the same, unless speed is an
    objective.

    \b
    lgc search --data digits --objectives accuracy,lut6 --trials 40 -o found --plot front.svg
    lgc search --data mnist.npz --width 500:8000 --depth 2:6 --levels 1:5 --jobs 8 -o found
    lgc search --data mnist.npz --trials 500 -o found --resume --cluster dask:tcp://scheduler:8786
    """
    from click.core import ParameterSource

    from ..searching.artefacts import Shelf
    from ..searching.engines import check_cluster
    from ..searching.study import check_study

    given = {
        name
        for name in options
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    file = output / STUDY if study is None else study
    check_study(file, resume=resume)
    _check(output, plot)
    if cluster is not None:
        check_cluster(cluster)
    source, reading = take_reading(options)
    with busy(f"reading {source}"):
        from ..training.datasets import read_dataset

        data = read_dataset(source, reading)
    settings = _settings(source, data, options, given, file if resume else None)
    where = _Where(trials, minutes, jobs, threads, cluster)
    shelf = Shelf(output)
    with redirect_stdout(sys.stderr):  # Ray tells of dead workers on stdout
        searched = _search(settings, data, shelf, file, resume, where)
    points = _points(searched, shelf, data, check)
    if plot is not None:
        from ..searching.drawing import draw_front

        draw_front(searched, points, plot)
    _show(searched, points, as_json, [*([plot] if plot else []), output])
    return 130 if searched.interrupted else 0


def _check(output: Path, plot: Path | None) -> None:
    from ..errors import UsageError
    from ..extras import check_drawable
    from ..files import check_writable

    if output.exists() and not output.is_dir():
        raise UsageError("a search writes a folder", where=str(output))
    output.mkdir(parents=True, exist_ok=True)
    if plot is not None:
        check_drawable(plot)
        check_writable(plot)


def _settings(
    source: str, data: DataSet, options: dict[str, Any], given: set[str], stored: Path | None
) -> Settings:
    from ..searching.settings import resumed
    from ..searching.study import stored_settings

    settings = take_settings(source, data, options)
    if stored is None:
        return settings
    return resumed(stored_settings(stored), settings, given & set(SETTINGS))


def _search(
    settings: Settings, data: DataSet, shelf: Shelf, file: Path, resume: bool, where: _Where
) -> Searched:
    from ..searching import search
    from ..searching.evaluation import Evaluation
    from ..searching.study import opened

    names = tuple(goal.name for goal in settings.goals)
    work = Evaluation(data, names, 1 if where.cluster is not None else where.threads)
    with opened(file, settings, resume=resume) as study:
        if again := study.recover():
            say(f"{again} trials were running when the search ended; they are tried again")
        if before := study.records():
            say(f"{search.shown(before)} before")
        say(_beginning(settings, data))
        with _bar(settings, where.trials) as (tell, heard), _engine(work, where, tell) as engine:
            kept: dict[int, Record] = {one.number: one for one in search.best(study)}

            def keep(record: Record, standing: tuple[Record, ...], model: bytes) -> None:
                on_front = record in standing
                if on_front:
                    shelf.keep(record, model)
                    kept[record.number] = record
                beaten = set(kept) - {one.number for one in standing}
                shelf.clear(kept.pop(number) for number in beaten)
                heard(record, on_front)

            return search.search(
                study, engine, trials=where.trials,
                seconds=None if where.minutes is None else 60 * where.minutes, heard=keep,
            )  # fmt: skip


def _beginning(settings: Settings, data: DataSet) -> str:
    names = ", ".join(settings.ranges.varied) or "nothing"
    held = f"{settings.base.validation:.0%} of {len(data.y_train):,} rows held back"
    return f"{data.name}: {settings.objectives} over {names}; {held}"


@contextmanager
def _engine(work: Work, where: _Where, tell: Tell) -> Generator[Engine]:
    from ..searching.engines import Here, remote
    from ..searching.processes import Processes

    if where.cluster is not None:
        with remote(where.cluster, work) as engine:
            yield engine
    elif where.jobs == 1:
        yield Here(work, tell)
    else:
        yield Processes(work, where.jobs, where.threads, tell)


@contextmanager
def _bar(
    settings: Settings, trials: int
) -> Generator[tuple[Callable[[int, float], None], Callable[[Record, bool], None]]]:
    """A bar where stderr is a terminal, and a line for each trial that ended."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from .terminal import settings as terminal

    shown = console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining(),
        console=shown, transient=True, disable=terminal.quiet or not shown.is_terminal,
    )  # fmt: skip
    task = bar.add_task("searching", total=trials)

    def tell(epoch: int, hard: float) -> None:
        of = settings.base.epochs
        bar.update(task, description=f"epoch {epoch}/{of} {hard:.2%}")

    def heard(record: Record, on_front: bool) -> None:
        bar.update(task, completed=record.number + 1)
        if not terminal.quiet:
            bar.console.print(_line(record, settings, on_front), highlight=False, soft_wrap=True)

    with bar:
        yield tell, heard


def _line(record: Record, settings: Settings, on_front: bool) -> str:
    outcome, missed = record.outcome, record.outcome.missed
    if outcome.reason is not None:
        what = f"failed: {outcome.reason.splitlines()[0]}"
    elif missed is not None:
        _, hard, relaxed = outcome.curve[-1]
        what = (
            f"pruned after epoch {missed.epoch}: {hard:.2%} and relaxed {relaxed:.2%} are below "
            f"{missed.hard:.2%} and {missed.relaxed:.2%}"
        )
    else:
        values = outcome.values
        what = ", ".join(
            f"{goal.heading} {goal.text(values[goal.name])}" for goal in settings.goals
        )
    arch = ",".join(map(str, record.recipe.widths))
    front = ", front" if on_front else ""
    return f"trial {record.number:>3}: {arch}: {what}{front} ({outcome.seconds:.0f} s)"


def _points(searched: Searched, shelf: Shelf, data: DataSet, mode: Any) -> list[Point]:
    from ..searching.artefacts import compiled

    points: list[Point] = []
    for record in searched.front:
        with busy(f"compiling trial {record.number}"):
            points.append(compiled(record, shelf, data, mode, say))
    return points


def _show(searched: Searched, points: list[Point], as_json: bool, written: list[Path]) -> None:
    from .. import report
    from ..searching.search import shown
    from ..searching.tables import front_table

    if as_json:
        found = {
            "settings": searched.settings.describe(),
            "interrupted": searched.interrupted,
            "trials": [one.describe() for one in searched.records],
            "front": [point.describe() for point in points],
        }
        click.echo(json.dumps(found, indent=2))
    else:
        report.show(console(), front_table(searched, points))
    rows = {point.rows for point in points if point.kernel is not None}
    if rows:
        say(f"kernels and models agree on all {max(rows):,} rows, {points[0].checked}")
    say(f"{shown(searched.records)}; wrote {' and '.join(map(str, written))}")
    if searched.interrupted:
        say("interrupted; --resume goes on")
