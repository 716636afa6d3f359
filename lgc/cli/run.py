"""lgc run: predictions for a file of data, and the accuracy where it has labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

from .options import FILE, load_model, load_options, take_load_options
from .terminal import progress, say

if TYPE_CHECKING:
    from ..interfaces import Kernel
    from ..streams import Answer, What


@click.command("run")
@click.argument("model", type=FILE)
@click.argument("data", type=FILE)
@click.option("-o", "--output", type=FILE, help="File for the results: .npy, .csv or .parquet.")
@click.option("--scores", "what", flag_value="scores", help="Write scores instead of classes.")
@click.option("--counts", "what", flag_value="counts", help="Write scores before / tau.")
@click.option("--bits", "what", flag_value="bits", help="Write the last layer instead.")
@click.option(
    "--x",
    "x_keys",
    metavar="KEY",
    multiple=True,
    help="Array or column that holds the samples; columns of single features, one --x each.",
)
@click.option("--y", "y_key", metavar="KEY", help="Array or column that holds the labels.")
@click.option("--packed", is_flag=True, help="Samples are bytes of packed bits (numpy.packbits).")
@load_options
def run(
    model: Path,
    data: Path,
    output: Path | None,
    what: What | None,
    x_keys: tuple[str, ...],
    y_key: str | None,
    packed: bool,
    **options: Any,
) -> None:
    """Run MODEL (a kernel, or a model that is compiled first) on DATA of any size.

    DATA is .npy, .npz, Parquet, or Arrow (Feather, IPC file or stream); all but .npz are read
    block by block. Prints the accuracy when the file has labels, else how often each class was
    predicted. A file of results is written as a whole or not at all.

    Of .npz, a uint8 array beside n_bits holds packed bits.

    Of a table, labels are the column of whole numbers called y, Y, labels, y_test or label.
    Samples are the column called x, X, images, x_test or data, or the only one, that holds whole
    samples: a list of numbers of one length, or binary, which is packed bits. Without such a
    column, each other column is a feature, in their order. --x and --y name others.

    \b
    lgc run mnist.lgk images.npz -o predictions.npy
    lgc run mnist.lgk images.parquet --y digit --scores -o scores.parquet
    """
    from ..data import open_data
    from ..results import check_output, write_results
    from ..streams import answers

    if output is not None:
        check_output(output)
    kernel = open_kernel(model, take_load_options(options))
    source = open_data(data, x_keys, y_key, packed=packed)
    if not kernel.classes and what != "counts":
        what = "bits"
    what = what or "predict"
    count = "" if source.rows is None else f"{source.rows:,} "
    say(f"{data.name}: {count}samples in {source.key!r}")
    tally = _Tally(kernel.classes if what != "bits" else 0, argmax=what != "predict")
    file = nullcontext() if output is None else write_results(output, _NAMES.get(what, what))
    with file as write, progress(f"running {data.name}") as update:
        _drain(answers(kernel, source, what), source.rows, tally, write, update)
    if what != "bits":
        click.echo(tally.text())


_NAMES = {"predict": "class"}
"""How a column of results is called, if not like the results."""


def _drain(
    results: Iterable[Answer],
    rows: int | None,
    tally: _Tally,
    write: Callable[[NDArray[Any]], None] | None,
    update: Callable[[int, int], None] | None,
) -> None:
    done = 0
    for answer in results:
        if write is not None:
            write(answer.values)
        tally.add(answer)
        done += len(answer.values)
        if update is not None and rows:
            update(done, rows)


def open_kernel(file: Path, options: dict[str, Any]) -> Kernel:
    """A kernel file, or a model compiled now."""
    from .. import driver

    if file.suffix == driver.KERNEL_SUFFIX:
        return driver.load_kernel(file)
    model = load_model(file, options)
    with progress(f"compiling {file.name}") as update:
        return driver.compile(model, progress=update)


class _Tally:
    """Accuracy, or how often each class was predicted, over all blocks."""

    def __init__(self, classes: int, *, argmax: bool) -> None:
        self._found = np.zeros(classes, np.int64)
        self._argmax, self._labelled = argmax, False
        self._right = self._rows = 0

    def add(self, answer: Answer) -> None:
        if not len(self._found):
            return
        classes = answer.values.argmax(axis=1) if self._argmax else answer.values
        self._found += np.bincount(classes, minlength=len(self._found))
        self._rows += len(classes)
        if answer.labels is not None:
            self._labelled = True
            self._right += int((classes == answer.labels).sum())

    def text(self) -> str:
        if self._labelled:
            share = self._right / max(self._rows, 1)
            return f"accuracy {share:.4%} ({self._right:,} of {self._rows:,})"
        shown = [f"{number}: {times:,}" for number, times in enumerate(self._found) if times]
        return "classes " + ", ".join(shown[:20]) + (", …" if len(shown) > 20 else "")
