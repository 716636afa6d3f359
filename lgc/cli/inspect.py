"""lgc inspect: what a file is, what it holds, what is missing and which flag gives it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .options import FILE, load_options, take_load_options
from .terminal import busy, console


@click.command("inspect")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@load_options
def inspect_command(file: Path, as_json: bool, **options: Any) -> None:
    """Say what FILE is: which format, what it holds, what it lacks and which flag gives that.

    Flags that are given count as known. When nothing is missing, the model is loaded and its
    sizes are told. A file that no frontend knows is shown as far as it can be; exit code 1.

    \b
    lgc inspect state_dict.pt
    lgc inspect state_dict.pt --wiring indices.pt --classes 10 --tau 10
    """
    from .. import report
    from ..finding import unknown
    from ..inspecting import inspect

    with busy(f"reading {file.name}"):
        found = inspect(file, **take_load_options(options))
    if as_json:
        click.echo(json.dumps(found.describe(), indent=2))
    else:
        click.echo(f"{file.name}: {found.found.kind}")
        report.show(console(), report.facts_table(list(found.rows())))
    if found.frontend is None:
        raise unknown(file)
