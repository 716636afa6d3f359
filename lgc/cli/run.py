"""lgc run: predictions for a file of data, and the accuracy where it has labels."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext, redirect_stdout
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
@click.option(
    "--cluster",
    type=click.Choice(["dask", "ray"]),
    help="Let the workers of a running cluster do it; they read DATA under the same path.",
)
@click.option(
    "--cluster-address",
    metavar="ADDRESS",
    help="Of the scheduler; by default DASK_SCHEDULER_ADDRESS or RAY_ADDRESS.",
)
@load_options
def run(
    model: Path,
    data: Path,
    output: Path | None,
    what: What | None,
    x_keys: tuple[str, ...],
    y_key: str | None,
    packed: bool,
    cluster: str | None,
    cluster_address: str | None,
    **options: Any,
) -> None:
    """Run MODEL (a kernel, or a model that is compiled first) on DATA of any size.

    DATA is .npy, .npz, Parquet, or Arrow (Feather, IPC file or stream); all but .npz are read
    block by block. Prints the accuracy when the file has labels, else how often each class was
    predicted. A file of results is written as a whole or not at all.

    Of .npz, a uint8 array beside n_bits holds packed bits. A recurrent model runs on sequences,
    an array (samples, steps, features) of .npy or .npz, from its initial state; results are those
    of every step, and labels are compared with the last.

    Of a table, labels are the column of whole numbers called y, Y, labels, y_test or label.
    Samples are the column called x, X, images, x_test or data, or the only one, that holds whole
    samples: a list of numbers of one length, or binary, which is packed bits. Without such a
    column, each other column is a feature, in their order. --x and --y name others.

    \b
    lgc run mnist.lgk images.npz -o predictions.npy
    lgc run mnist.lgk images.parquet --y digit --scores -o scores.parquet
    lgc run mnist.lgk images.npy -o classes.npy --cluster dask --cluster-address tcp://host:8786
    """
    from ..batches import NAMES
    from ..cluster import cluster_answers
    from ..data import open_data
    from ..errors import UsageError
    from ..results import check_output, write_results
    from ..streams import answers

    if output is not None:
        check_output(output)
    if cluster_address is not None and cluster is None:
        raise UsageError(
            "which kind of cluster is missing",
            where="--cluster-address",
            hint="--cluster dask or ray",
        )
    kernel = open_kernel(model, take_load_options(options))
    source = open_data(data if cluster is None else data.resolve(), x_keys, y_key, packed=packed)
    if not (kernel.classes or (kernel.gives_class and what is None)) and what != "counts":
        what = "bits"
    what = what or "predict"
    count = "" if source.rows is None else f"{source.rows:,} "
    say(f"{data.name}: {count}samples in {source.key!r}")
    if cluster is None:
        results = answers(kernel, source, what)
    else:
        results = cluster_answers(cluster, cluster_address, kernel, source, what)
        if not source.splits:
            say(f"{data.name} cannot be read in parts: one worker does all of it")
    tally = None if what == "bits" else _Tally(argmax=what != "predict")
    file = nullcontext() if output is None else write_results(output, NAMES.get(what, what))
    bar = progress(f"running {data.name}")
    # Ray tells of dead workers on stdout, which is for results.
    with redirect_stdout(sys.stderr), file as write, closing(results), bar as update:
        _drain(results, source.rows, tally, write, update)
    if tally is not None:
        click.echo(tally.text())


def _drain(
    results: Iterable[Answer],
    rows: int | None,
    tally: _Tally | None,
    write: Callable[[NDArray[Any]], None] | None,
    update: Callable[[int, int], None] | None,
) -> None:
    done = 0
    for answer in results:
        if write is not None:
            write(answer.values)
        if tally is not None:
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

    def __init__(self, *, argmax: bool) -> None:
        self._found: Counter[int] = Counter()
        self._argmax, self._labelled = argmax, False
        self._right = self._rows = 0

    def add(self, answer: Answer) -> None:
        classes = answer.values.argmax(axis=-1) if self._argmax else answer.values
        numbers, times = np.unique(classes, return_counts=True)
        self._found.update(dict(zip(numbers.tolist(), times.tolist())))
        self._rows += len(classes)
        if classes.ndim > 1:  # a label says what a sequence is at its end
            classes = classes[:, -1] if classes.shape[1] else np.full(len(classes), -1)
        if answer.labels is not None:
            self._labelled = True
            self._right += int((classes == answer.labels).sum())

    def text(self) -> str:
        if self._labelled:
            share = self._right / max(self._rows, 1)
            return f"accuracy {share:.4%} ({self._right:,} of {self._rows:,})"
        shown = [f"{number}: {times:,}" for number, times in sorted(self._found.items())]
        return "classes " + ", ".join(shown[:20]) + (", …" if len(shown) > 20 else "")
