"""Options of `lgc compile` for hardware, and the way to a project folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .options import FILE
from .terminal import busy, detail, settings

Command = TypeVar("Command", bound=Callable[..., Any])

HARDWARE = (
    click.option("--name", help="Top module; by default the name of the output."),
    click.option("--family", help="Devices: generic (default), ice40, ecp5 or xilinx."),
    click.option(
        "--style",
        help="auto, assign expressions, gate primitives, or lut cells of the family; auto is lut, "
        "and assign for generic.",
    ),
    click.option("--basis", help="Gates of --style primitives, as for to-basis; xag by default."),
    click.option(
        "--outputs", help="class (default), scores, both, or bits: those of the last layer."
    ),
    click.option(
        "--input-format",
        help="bits (default): what thresholds give comes in; u8, s16, q4.12, uq0.8: numbers do, "
        "and an encoder compares them.",
    ),
    click.option(
        "--separate",
        is_flag=True,
        default=None,
        help="Class sums and argmax as modules of their own: larger, easier to read.",
    ),
    click.option("--stages", type=int, help="Register ranks, the latency in clock cycles."),
    click.option(
        "--max-logic-depth", type=int, help="Most gates or LUTs in a row; as few ranks as it takes."
    ),
    click.option(
        "--convolution",
        help="unrolled (default): a kernel at every place; streamed: one, and line buffers, pixels "
        "come one after another.",
    ),
    click.option("--interface", help="plain (default), valid (and ready), or axi (AXI4-Stream)."),
    click.option("--bus", type=int, help="Bits of a beat of AXI4-Stream, 32 by default."),
    click.option(
        "--max-lines", type=int, help="Of a module of gates and its file, 20000 by default."
    ),
    click.option("--max-luts", type=int, help="Refuse a design that is larger."),
)

PROJECT = (
    click.option("--target", help="verilog: the output is a folder, a project with test benches."),
    click.option(
        "--data", type=FILE, help="Samples for the test bench of a project; random by default."
    ),
    click.option("--samples", type=int, help="Of these, how many."),
    click.option("--megahertz", type=float, help="Clock of a project, 100 by default."),
    click.option(
        "--force", is_flag=True, default=None, help="Replace a project that lgc has written."
    ),
)

NAMES = ("name", "family", "style", "basis", "outputs", "input_format", "separate", "stages",
         "max_logic_depth", "convolution", "interface", "bus", "max_lines", "max_luts")  # fmt: skip


PROJECT_NAMES = ("target", "data", "samples", "megahertz", "force")


def hardware_options(command: Command) -> Command:
    """Add what hardware looks like."""
    for option in reversed(HARDWARE + PROJECT):
        command = option(command)
    return command


def take_hardware(values: dict[str, Any]) -> dict[str, Any]:
    """Split these options off a command's values; those that were given."""
    found = {name: values.pop(name) for name in NAMES + PROJECT_NAMES}
    return {name: value for name, value in found.items() if value is not None}


def flag(name: str) -> str:
    """An option as it is typed."""
    return f"--{name.replace('_', '-')}"


def write_project(
    file: Path,
    output: Path,
    load: dict[str, Any],
    pipeline: str | None,
    check: Any,
    hardware: dict[str, Any],
) -> None:
    """Write a project folder."""
    from ..errors import UsageError
    from ..hdl import generate
    from ..hdl.folder import check_folder
    from ..reproducer import Reproducer
    from .options import load_model

    target = hardware.pop("target")
    if target != "verilog":
        raise UsageError(
            f"there are no projects for {target!r}",
            where="--target",
            hint="verilog is the one there is; VHDL designs can instantiate it",
        )
    check_folder(output, hardware.get("force", False))
    model = load_model(file, load)
    settings.reproducer = Reproducer(check)
    with busy(f"writing {output.name}"):
        made = generate(
            model, output, pipeline=pipeline, check=check,
            instruments=[settings.reproducer], **hardware,
        )  # fmt: skip
    found = made.report()
    detail(f"{found['total']:,} {found['unit']}, {found['registers']:,} register bits in ranks")
    detail(f"wrote {output}")
