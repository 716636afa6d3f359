"""lgc report: what a model, IR or kernel file holds, where it comes from, how it was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .options import FILE, load_model, load_options, take_load_options


@click.command("report")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
@load_options
def report_command(file: Path, as_json: bool, **options: Any) -> None:
    """Say what the model in FILE is: gates, inverters, depth, origin, passes that ran, how they
    were checked.

    FILE is a checkpoint, IR, or a kernel.

    \b
    lgc report mnist.lgk
    """
    from ..driver import KERNEL_SUFFIX, load_kernel
    from ..model import Model

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
