"""lgc bench: images per second, and where the time goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from .options import FILE, load_options, take_load_options
from .run import open_kernel
from .terminal import busy, console, detail


@click.command("bench")
@click.argument("model", type=FILE)
@click.argument("data", type=FILE, required=False)
@click.option("--rows", type=int, default=10_000, show_default=True, help="Samples in a batch.")
@click.option("--repeat", type=int, default=21, show_default=True, help="Runs; the median counts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@load_options
def bench(
    model: Path, data: Path | None, rows: int, repeat: int, as_json: bool, **options: Any
) -> None:
    """Time MODEL on DATA, or on random bytes, split into packing, gates and unpacking.

    Class sums and argmax are among the gates. One thread.

    \b
    lgc bench mnist.lgk
    """
    from .. import report
    from ..data import read_data
    from ..errors import UsageError

    if rows < 1 or repeat < 1:
        raise UsageError("rows and repeat are at least 1", where="lgc bench")
    kernel = open_kernel(model, take_load_options(options))
    if data is None:
        x: Any = np.random.default_rng(0).integers(0, 2, (rows, kernel.features), np.uint8)
    else:
        x = read_data(data).x
    detail(f"{model.name}: {kernel!r}")
    with busy("measuring"):
        seconds = kernel.profile(x, repeat)
    if as_json:
        result = {
            "rows": len(x),
            "seconds": seconds,
            "images_per_second": len(x) / seconds["total"],
        }
        click.echo(json.dumps({**result, "kernel": kernel.info}, indent=2))
    else:
        report.show(console(), report.profile_table(seconds, len(x)))
