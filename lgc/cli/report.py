"""lgc report: what a model, IR or kernel file holds, where it comes from, how it was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .options import FILE, load_model, load_options, take_load_options
from .terminal import console, say


@click.command("report")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
@click.option("--plot", type=FILE, help="Stages of a hardware project as a picture, .png or .svg.")
@load_options
def report_command(file: Path, as_json: bool, plot: Path | None, **options: Any) -> None:
    """Say what the model in FILE is: gates, inverters, depth, origin, passes that ran, how they
    were checked.

    FILE is a checkpoint, IR, a kernel, or the folder of a hardware project, of which parts and
    pipeline stages are shown.

    \b
    lgc report mnist.lgk
    """
    from ..driver import KERNEL_SUFFIX, load_kernel
    from ..errors import UsageError
    from ..model import Model

    if file.is_dir():
        _project(file, as_json, plot)
        return
    if plot is not None:
        raise UsageError("only hardware projects have stages to draw", where="--plot")
    given = take_load_options(options)
    info: dict[str, Any] = {}
    if file.suffix == KERNEL_SUFFIX:
        kernel = load_kernel(file)
        model, info = Model(kernel.module), {**kernel.info}
        info.pop("provenance")  # the model tells it
    else:
        model = load_model(file, given)
    if as_json:
        click.echo(json.dumps({**model.describe(), "kernel": info}, indent=2))
        return
    click.echo(model.summary())
    if info:
        info["versions"] = ", ".join(info["versions"])
    for name, value in info.items():
        click.echo(f"{name:<14} {value}")


def _project(folder: Path, as_json: bool, plot: Path | None) -> None:
    from .. import report
    from ..extras import check_drawable
    from ..files import check_writable
    from ..hdl import Project

    if plot is not None:
        check_drawable(plot)
        check_writable(plot)
    found = Project.open(folder).report()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for table in report.project_tables(found):
            report.show(console(), table)
            click.echo()
    if plot is not None:
        from ..plot import draw_stages

        draw_stages(found, plot)
        say(f"wrote {plot}")
