"""lgc compile: a model to a kernel, object, library, assembly, IR or circuit file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .hardware import PROJECT_NAMES, flag, hardware_options, take_hardware, write_project
from .options import CHECK, FILE, load_model, load_options, pipeline_options, take_load_options
from .terminal import busy, detail, progress, say, settings

if TYPE_CHECKING:
    from ..interfaces import Backend, Version


@click.command("compile")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="File to write, see above.")
@load_options
@pipeline_options
@CHECK
@click.option(
    "--cpu",
    help="Machine to compile for: native (default), x86-64, x86-64-v2 to -v4, aarch64, "
    "aarch64-sha3, riscv64, plain. A .lgk holds a version for each of several: "
    "x86-64-v2,x86-64-v4.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "table", "straight"]),
    default="auto",
    show_default=True,
    help="straight: code made for the model; table: an interpreter of its gates, ready sooner.",
)
@click.option(
    "--tune",
    is_flag=True,
    help="Measure on random rows which engine and plane width are fastest here, and remember it.",
)
@click.option(
    "--plane-bits",
    type=int,
    help="Samples computed at once: 64 to 512; by default a register of the machine.",
)
@hardware_options
def compile_command(
    file: Path,
    output: Path,
    pipeline: str | None,
    check: Any,
    cpu: str | None,
    engine: str,
    tune: bool,
    plane_bits: int | None,
    **options: Any,
) -> None:
    """Compile the model in FILE.

    The ending of the output says what is written: .lgk a kernel for `lgc run`, .o or .so with a
    C header, .s assembly, .ll LLVM text, .mlir the optimised IR. Circuit files of other tools hold
    what stands between the thresholds and the class sums, so their outputs are the bits of the
    last layer: .aig and .aag AIGER, .blif, .bench, .cnf clauses,
    .smt2 definitions for SMT solvers,
    .csv a gate list with JSON beside it, which says the class sums too. .v is Verilog of all of
    the model, from bits or numbers to the class; with --target verilog the output is a folder.

    \b
    lgc compile state_dict.pt --wiring indices.pt --classes 10 --tau 10 -o mnist.lgk
    lgc compile mnist.mlir --target verilog --family ice40 --stages 4 -o mnist_fpga
    """
    from ..chain import provenance
    from ..driver import ready
    from ..errors import UsageError
    from ..files import check_writable
    from ..interfaces import Version
    from ..model import Model
    from ..reproducer import Reproducer

    load, hardware = take_load_options(options), take_hardware(options)
    if "target" in hardware:
        write_project(file, output, load, pipeline, check, hardware)
        return
    for name in PROJECT_NAMES:
        if name in hardware:
            raise UsageError("belongs to a project", where=flag(name), hint="add --target verilog")
    backend = _backend(output)
    if hardware and backend.name != "verilog":
        raise UsageError(f"says how Verilog looks, not {output.suffix}", where=flag(min(hardware)))
    check_writable(output)
    model = load_model(file, load)
    settings.reproducer = Reproducer(check)
    detail(f"{file.name}: {model.gates} gates")
    with busy(f"optimising {file.name}"):
        wanted = {"cpu": cpu, "engine": engine, "plane_bits": plane_bits, "tune": tune, **hardware}
        wanted["source"] = model.module
        versions = ready(model, backend, wanted, pipeline, check, [settings.reproducer])
    for remark in {provenance(one.module).get("remarks", ""): None for one in versions}:
        if remark:
            say(remark)
    for one in versions:
        gates = Model(one.module).gates
        detail(
            f"after {pipeline or backend.pipeline(one.options)}{_for(one, versions)}: {gates} gates"
        )
    with progress(f"compiling {output.name}") as update:
        more = {"progress": update, "tell": detail}
        versions = [Version(one.module, {**one.options, **more}) for one in versions]
        written = backend.write_versions(versions, output)
    for path in written:
        detail(f"wrote {path}")


def _for(one: Version, versions: list[Version]) -> str:
    return f" for {one.options['cpu']}" if len(versions) > 1 else ""


def _backend(output: Path) -> Backend:
    """The backend that writes files of this ending."""
    from .. import registry
    from ..errors import UsageError

    if output.suffix in (".vhd", ".vhdl"):
        raise UsageError(
            "VHDL is not written", where=str(output), hint=".v is, and VHDL can instantiate it"
        )
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
