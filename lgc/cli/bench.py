"""lgc bench: images per second, where the time goes, the share of the limits, peers beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import FILE, load_model, load_options, take_load_options
from .terminal import busy, console, detail, progress, say

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from ..benchmark import Duel
    from ..interfaces import EngineName, Kernel
    from ..model import Model
    from ..peers import Options

PEERS = ("difflogic", "torch", "numpy")


@click.command("bench")
@click.argument("model", type=FILE)
@click.argument("data", type=FILE, required=False)
@click.option("--rows", type=int, default=10_000, show_default=True, help="Samples in a batch.")
@click.option("--repeat", type=int, default=21, show_default=True, help="Runs; the median counts.")
@click.option("--threads", type=int, default=1, show_default=True, help="Of whole calls.")
@click.option("--batches", metavar="N,N,…", help="Also time calls with batches of these sizes.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "table", "straight"]),
    help="How the kernel runs (see lgc compile).",
)
@click.option(
    "--against",
    multiple=True,
    type=click.Choice(PEERS),
    help="Run this beside lgc, on the same rows, call by call in turn.",
)
@click.option("--difflogic", type=FILE, metavar="FOLDER", help="Unpacked source of difflogic.")
@click.option("--fetch", is_flag=True, help="Download it into that folder with pip first.")
@click.option("--cache", type=FILE, metavar="FOLDER", help="Keep what difflogic's gcc made.")
@click.option(
    "--gcc-level", type=click.IntRange(0, 3), default=1, show_default=True, help="Its -O."
)
@click.option("--plot", type=FILE, metavar="FILE", help="Draw a picture: .png or .svg.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@load_options
def bench(
    model: Path,
    data: Path | None,
    rows: int,
    repeat: int,
    threads: int,
    batches: str | None,
    engine: EngineName | None,
    against: tuple[str, ...],
    difflogic: Path | None,
    fetch: bool,
    cache: Path | None,
    gcc_level: int,
    plot: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Time MODEL on DATA, or on random bytes: where time goes, and what the machine could do.

    Phases run on one thread. Class sums run among the gates; theirs is what the program takes
    longer than one without them. The limits are measured in the same run: gates on registers, and
    planes from each cache that can hold some, and back. Peers run on one thread and must agree on
    every row first; the ratio is the median over pairs of calls. difflogic's gcc takes minutes
    for big models.

    \b
    lgc bench mnist.lgk
    lgc bench digits.npz --against numpy --batches 1,64,4096 --plot bench.png
    """
    from .. import benchmark, registry, report
    from ..errors import UsageError
    from ..files import check_writable
    from ..peers import Options
    from ..peers.fetch import fetch as download

    if min(rows, repeat, threads) < 1:
        raise UsageError("rows, repeat and threads are at least 1", where="lgc bench")
    if fetch and difflogic is None:
        raise UsageError("--fetch needs a folder", where="lgc bench", hint="--difflogic FOLDER")
    sizes = _sizes(batches)
    if plot is not None:
        from ..extras import check_drawable

        check_drawable(plot)
        check_writable(plot)
    read, kernel = _open(model, engine, take_load_options(options))
    x = _batch(kernel, data, rows)
    backend = registry.find("backends", "llvm")()
    if fetch and difflogic is not None:
        download(difflogic)
    settings = Options(source=difflogic, cache=cache, level=gcc_level, say=say)
    module = kernel.module if read is None else read.module
    duels = [
        _duel(name, kernel, module, settings, x, threads=threads, repeat=repeat) for name in against
    ]
    detail(f"{model.name}: {kernel!r}")
    with busy("measuring"):
        measured = benchmark.measure(
            model.name,
            kernel,
            backend,
            x,
            threads=threads,
            repeat=repeat,
            batches=sizes,
            duels=duels,
        )
    if plot is not None:
        from ..plot import draw

        draw(measured, plot)
        say(f"wrote {plot}")
    if as_json:
        click.echo(json.dumps(measured.as_dict(), indent=2))
        return
    for table in report.bench_tables(measured):
        report.show(console(), table)
        click.echo()


def _sizes(text: str | None) -> list[int]:
    from ..errors import UsageError

    parts = [part.strip() for part in text.split(",")] if text is not None else []
    if not all(part.isdecimal() and int(part) for part in parts):
        raise UsageError(
            f"{text!r} is no list of batch sizes", where="--batches", hint="such as 1,64,4096"
        )
    return [int(part) for part in parts]


def _open(
    file: Path, engine: EngineName | None, options: dict[str, Any]
) -> tuple[Model | None, Kernel]:
    """A kernel, and the model as it was read where the file is not a kernel already."""
    from .. import driver
    from ..errors import UsageError

    if file.suffix == driver.KERNEL_SUFFIX:
        if engine is not None:
            raise UsageError(
                "a kernel file has its engine",
                where="--engine",
                hint="give the model, or compile it again: lgc compile … --engine …",
            )
        return None, driver.load_kernel(file)
    model = load_model(file, options)
    with progress(f"compiling {file.name}") as update:
        return model, driver.compile(model, engine=engine or "auto", progress=update)


def _batch(kernel: Kernel, data: Path | None, rows: int) -> Any:
    from .. import benchmark
    from ..data import read_data
    from ..inputs import rows as as_rows

    if data is None:
        return benchmark.random_rows(benchmark.chain_of(kernel), rows)
    x: Any = read_data(data).x
    return as_rows(x, kernel.features) if hasattr(x, "dtype") else x


def _duel(
    name: str,
    kernel: Kernel,
    module: ModuleOp,
    settings: Options,
    x: Any,
    *,
    threads: int,
    repeat: int,
) -> Duel:
    from .. import benchmark, peers, registry

    with busy(f"making {name} ready"):
        peer = peers.make(name, peers.reading_bits(module), settings)
    backend = registry.find("backends", "llvm")()
    bits = benchmark.bits_of(benchmark.chain_of(kernel), x)
    own = benchmark.kernel_on_bits(kernel, backend)
    with busy(f"running {peer.title}"):
        return benchmark.duel(own, peer, bits, threads=threads, repeat=repeat)
