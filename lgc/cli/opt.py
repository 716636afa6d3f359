"""lgc opt: IR text in, passes, IR text out, in the manner of mlir-opt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import CHECK, FILE, SEED, load_model, load_options, take_load_options
from .terminal import busy, console, say, settings

if TYPE_CHECKING:
    from ..interfaces import Instrument
    from ..model import Model


@click.command("opt")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
@click.option("-p", "--pipeline", default="", help="Passes, or a named pipeline.")
@click.option("-o", "--output", type=FILE, help="File to write instead of stdout.")
@CHECK
@SEED
@click.option("--print-ir-after-all", is_flag=True, help="IR after every pass, on stderr.")
@click.option(
    "--print-ir-after", multiple=True, metavar="PASS", help="IR after this pass, on stderr."
)
@click.option("--dump-dir", type=FILE, help="Folder for the IR after every pass, numbered.")
@click.option("--time-passes", is_flag=True, help="Seconds of every pass, on stderr.")
@click.option(
    "--stats",
    type=click.Choice(["table", "json"]),
    is_flag=False,
    flag_value="table",
    help="Gates, depth, inverters, seconds and check of every pass, on stderr.",
)
@click.option("--run-reproducer", is_flag=True, help="Take pipeline and check from a crash file.")
@load_options
def opt(
    file: Path,
    pipeline: str,
    output: Path | None,
    check: Any,
    seed: int,
    print_ir_after_all: bool,
    print_ir_after: tuple[str, ...],
    dump_dir: Path | None,
    time_passes: bool,
    stats: str | None,
    run_reproducer: bool,
    **options: Any,
) -> None:
    """Run passes over the IR in FILE (- or nothing: stdin). A checkpoint or a circuit file does
    as well.

    After every pass the IR is verified and compared, as a function, with what it was.

    \b
    lgc opt model.mlir -p fuse-layers,fold,strash,dce --time-passes
    """
    from ..chain import provenance
    from ..files import atomic_write, check_writable
    from ..instruments import DumpDir, PrintIR, Shapes
    from ..pipeline import parse_pipeline, record
    from ..reproducer import Reproducer, read_recipe
    from ..text import print_module

    if output is not None:
        check_writable(output)
    if run_reproducer:
        check, pipeline = read_recipe(_read(file), str(file))
    passes = parse_pipeline(pipeline)
    model = _open(file, take_load_options(options))
    settings.reproducer = Reproducer(check)
    instruments: list[Instrument] = [settings.reproducer]
    if print_ir_after_all or print_ir_after:
        known = None if print_ir_after_all else _known(print_ir_after)
        instruments.append(PrintIR(sys.stderr, known))
    if dump_dir is not None:
        instruments.append(DumpDir(dump_dir))
    shapes = Shapes()
    if stats is not None:
        instruments.append(shapes)
    history = provenance(model.module)
    with busy("running passes"):
        done = passes.run(model.module, check=check, seed=seed, instruments=instruments)
    if history:  # which goes on
        record(model.module, passes, done)
    text = print_module(model.module)
    if output is None:
        click.echo(text, nl=False)
    else:
        with atomic_write(output) as temporary:
            temporary.write_text(text, encoding="utf-8")
    _report(done, shapes.found, time_passes, stats)


def _report(done: Any, shapes: Any, time_passes: bool, stats: str | None) -> None:
    from .. import report

    if stats is None:
        for one in done:
            for remark in one.remarks:
                say(f"{one.name}: {remark}")
    if time_passes:
        report.show(console(stderr=True), report.timing_table(done))
    if stats == "table":
        report.show(console(stderr=True), report.stats_table(done, shapes))
    elif stats == "json":
        click.echo(report.stats_json(done, shapes), err=True)


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    from .. import registry

    for name in names:
        registry.find("passes", name)
    return names


def _open(file: Path, options: dict[str, Any]) -> Model:
    from ..model import Model
    from ..text import parse_module

    if str(file) == "-":
        return Model(parse_module(_read(file), "<stdin>"))
    return load_model(file, options)


def _read(file: Path) -> str:
    from ..errors import InputError

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read().decode("utf-8")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        where = "<stdin>" if str(file) == "-" else str(file)
        raise InputError("this is not text", where=where) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from None
