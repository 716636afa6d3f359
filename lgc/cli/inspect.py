"""lgc inspect: what a file is, what it holds, what is missing and which flag gives it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import FILE, load_options, take_load_options
from .terminal import busy, console, progress

if TYPE_CHECKING:
    from ..trials import Search, Trial


@click.command("inspect")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@click.option(
    "--try-replay",
    is_flag=True,
    help="Find the wiring by computing plausible ones; needs --data. A --wiring replay:… "
    "with some parts, such as replay:seed=0-999,mode=random, fixes these.",
)
@click.option("--data", type=FILE, help="Labelled samples, .npz.")
@click.option("--x", "x_key", metavar="KEY", help="Array of the data that holds the samples.")
@click.option("--y", "y_key", metavar="KEY", help="Array of the data that holds the labels.")
@load_options
def inspect_command(
    file: Path,
    as_json: bool,
    try_replay: bool,
    data: Path | None,
    x_key: str | None,
    y_key: str | None,
    **options: Any,
) -> None:
    """Say what FILE is: which format, what it holds, what it lacks and which flag gives that.

    Flags that are given count as known. When nothing is missing, the model is loaded and its
    sizes are told. A file that no frontend knows is shown as far as it can be; exit code 1.

    With --try-replay the wirings that a training would have drawn from common seeds are tried on
    labelled samples. The flags of the right one are printed; when none is, the exit code is 1.

    \b
    lgc inspect state_dict.pt
    lgc inspect state_dict.pt --wiring indices.pt --classes 10 --tau 10
    lgc inspect model.pt --try-replay --data mnist.npz
    """
    from ..errors import UsageError

    given = take_load_options(options)
    if try_replay != (data is not None):
        raise UsageError("--try-replay and --data belong together")
    if data is not None:
        _search(file, data, x_key, y_key, given, as_json)
        return
    if x_key or y_key:
        raise UsageError("--x and --y name arrays of --data, which is not given")
    _inspect(file, given, as_json)


def _inspect(file: Path, given: dict[str, Any], as_json: bool) -> None:
    from .. import report
    from ..finding import unknown
    from ..inspecting import inspect

    with busy(f"reading {file.name}"):
        found = inspect(file, **given)
    if as_json:
        click.echo(json.dumps(found.describe(), indent=2))
    else:
        click.echo(f"{file.name}: {found.found.kind}")
        report.show(console(), report.facts_table(list(found.rows())))
    if found.frontend is None:
        raise unknown(file)


def _search(
    file: Path, data: Path, x: str | None, y: str | None, given: dict[str, Any], as_json: bool
) -> None:
    from ..data import read_data
    from ..errors import InputError
    from ..inspecting import try_replay

    samples = read_data(data, x, y)
    with progress(f"replaying wirings of {file.name}") as tick:
        found = try_replay(file, samples, tick=tick, **given)
    if as_json:
        click.echo(json.dumps(found.describe(), indent=2))
    else:
        _print(found)
    if found.verdict == "none":
        raise InputError(
            f"none of {found.tries:,} tries is right",
            where=file.name,
            hint="other seeds, or the size of a training set that was split: --wiring "
            "replay:seed=0-9999,prelude=N; another encoding: --input",
        )


def _print(found: Search) -> None:
    from .. import report

    best = found.best
    others = [("  the same wiring", *_row(trial)[1:]) for trial in found.same[:4]]
    rows = [_row(best[0]), *others, *map(_row, best[1:])]
    report.show(console(), report.rows_table(("replay", "inputs", "accuracy", "input"), rows))
    click.echo(
        f"\n{_VERDICTS[found.verdict]}: {best[0].accuracy:.2%} of {found.rows:,} rows, where "
        f"{found.chance:.2%} are of one class.\nBy luck among {found.tries:,} tries: "
        f"{_odds(found.luck)}; lead over the second by luck: {_odds(found.lead)}."
    )
    if found.verdict == "none":
        return
    if best[0].cut:
        click.echo(f"The rows were {best[0].cut}.")
    if found.same and found.same[0].accuracy > best[0].accuracy - _CLOSE:
        click.echo(
            "Accuracy hardly tells its encodings apart: take the one that the training used."
        )
    click.echo(best[0].flags)


_CLOSE = 0.02


_VERDICTS = {
    "right": "The first is right",
    "likely": "The first is likely right",
    "none": "None is right",
}


def _row(trial: Trial) -> tuple[str, str, str, str]:
    options = trial.options
    wiring = str(options["wiring"]).partition(",check=")[0]
    return wiring, f"{options['inputs']}", f"{trial.accuracy:.2%}", str(options["input"])


def _odds(probability: float) -> str:
    return "below 1e-99" if probability < 1e-99 else f"{probability:.2g}"
