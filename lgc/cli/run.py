"""lgc run: predictions for a file of data, and the accuracy where it has labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

from .options import FILE, load_model, load_options, take_load_options
from .terminal import busy, progress, say

if TYPE_CHECKING:
    from ..interfaces import Kernel


@click.command("run")
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@click.option("-o", "--output", type=FILE, help="File for the results: .npy or .csv.")
@click.option("--scores", "what", flag_value="scores", help="Write scores instead of classes.")
@click.option("--bits", "what", flag_value="bits", help="Write the last layer instead.")
@click.option("--x", "x_key", metavar="KEY", help="Array of the .npz that holds the samples.")
@click.option("--y", "y_key", metavar="KEY", help="Array of the .npz that holds the labels.")
@load_options
def run(
    model: Path,
    data: Path,
    output: Path | None,
    what: str | None,
    x_key: str | None,
    y_key: str | None,
    **options: Any,
) -> None:
    """Run MODEL (a kernel, or a model that is compiled first) on DATA (.npy or .npz).

    A uint8 array beside n_bits holds packed bits. Prints the accuracy when the file has labels,
    else how often each class was predicted.

    \b
    lgc run mnist.lgk images.npz -o predictions.npy
    """
    from ..data import read_data
    from ..files import check_writable

    if output is not None:
        _check_suffix(output)
        check_writable(output)
    kernel = open_kernel(model, take_load_options(options))
    batch = read_data(data, x_key, y_key)
    say(f"{data.name}: {len(batch.x):,} samples in {batch.key!r}")
    with busy(f"running {data.name}"):
        results = _results(kernel, batch.x, what)
    if output is not None:
        _write(output, results)
    if results.ndim == 1 or what == "scores":
        classes = results if results.ndim == 1 else results.argmax(axis=1)
        _summarise(classes, batch.y, kernel.classes)


def _results(kernel: Kernel, x: Any, what: str | None) -> NDArray[Any]:
    if what == "bits" or not kernel.classes:
        return kernel.bits(x)
    return kernel(x) if what == "scores" else kernel.predict(x)


def open_kernel(file: Path, options: dict[str, Any]) -> Kernel:
    """A kernel file, or a model compiled now."""
    from .. import driver

    if file.suffix == driver.KERNEL_SUFFIX:
        return driver.load_kernel(file)
    model = load_model(file, options)
    with progress(f"compiling {file.name}") as update:
        return driver.compile(model, progress=update)


def _summarise(classes: NDArray[np.int64], labels: NDArray[np.int64] | None, count: int) -> None:
    if labels is not None:
        right = int((classes == labels).sum())
        share = right / max(len(labels), 1)
        click.echo(f"accuracy {share:.4%} ({right:,} of {len(labels):,})")
        return
    found = np.bincount(classes, minlength=count)
    shown = [f"{number}: {times:,}" for number, times in enumerate(found.tolist()) if times]
    click.echo("classes " + ", ".join(shown[:20]) + (", …" if len(shown) > 20 else ""))


def _check_suffix(output: Path) -> None:
    from ..errors import UsageError

    if output.suffix not in (".npy", ".csv"):
        raise UsageError(
            f"results are written as .npy or .csv, not {output.suffix!r}", where=str(output)
        )


def _write(output: Path, results: NDArray[Any]) -> None:
    from ..files import atomic_write

    with atomic_write(output) as temporary:
        if output.suffix == ".npy":
            with temporary.open("wb") as file:
                np.save(file, results)
        else:
            kind = "%.9g" if results.dtype.kind == "f" else "%d"
            np.savetxt(temporary, results, fmt=kind, delimiter=",")
