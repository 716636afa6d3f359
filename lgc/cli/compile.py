"""lgc compile: a model to a kernel, object, library, assembly or IR file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import CHECK, FILE, load_model, load_options, pipeline_options, take_load_options
from .terminal import busy, detail, progress, settings

if TYPE_CHECKING:
    from ..interfaces import Backend


@click.command("compile")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="File to write, see above.")
@load_options
@pipeline_options
@CHECK
@click.option("--cpu", help="Machine to compile for: native (default), x86-64-v3, aarch64, …")
@click.option(
    "--engine",
    type=click.Choice(["auto", "table", "straight"]),
    default="auto",
    show_default=True,
    help="straight: code made for the model; table: an interpreter of its gates, ready sooner.",
)
def compile_command(
    file: Path,
    output: Path,
    pipeline: str | None,
    check: Any,
    cpu: str | None,
    engine: str,
    **options: Any,
) -> None:
    """Compile the model in FILE.

    The ending of the output says what is written: .lgk a kernel for `lgc run`, .o or .so with a
    C header, .s assembly, .ll LLVM text, .mlir the optimised IR.

    \b
    lgc compile state_dict.pt --wiring indices.pt --classes 10 --tau 10 -o mnist.lgk
    """
    from ..driver import optimized
    from ..files import check_writable
    from ..reproducer import Reproducer

    backend = _backend(output)
    check_writable(output)
    model = load_model(file, take_load_options(options))
    settings.reproducer = Reproducer(check)
    detail(f"{file.name}: {model.gates} gates")
    with busy(f"optimising {file.name}"):
        target = backend.passes({"cpu": cpu})
        model = optimized(model, pipeline, check, [settings.reproducer], target)
    detail(f"after {pipeline or 'O2'}: {model.gates} gates")
    with progress(f"compiling {output.name}") as update:
        written = backend.write(
            model.module, output, {"cpu": cpu, "engine": engine, "progress": update}
        )
    for path in written:
        detail(f"wrote {path}")


def _backend(output: Path) -> Backend:
    """The backend that writes files of this ending."""
    from .. import registry
    from ..errors import UsageError

    known: list[str] = []
    for entry in registry.entries("backends").values():
        backend = entry.load()()
        known += backend.SUFFIXES
        if output.suffix in backend.SUFFIXES:
            return backend
    raise UsageError(
        f"no backend writes files ending in {output.suffix!r}",
        where=str(output),
        hint=f"one of {', '.join(known)}",
    )
