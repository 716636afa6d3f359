"""README: what a project was generated from, with which options, and how it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ..hardware.options import HardwareOptions
from .folder import REPORT
from .test_bench import Shape


def readme(found: dict[str, Any], shape: Shape) -> str:
    """The text, from the report."""
    return "\n".join(_lines(found, shape)) + "\n"


def _lines(found: dict[str, Any], shape: Shape) -> Iterator[str]:
    name, unit = shape.name, found["unit"]
    yield from (
        f"# {name}",
        "",
        f"A logic-gate network as Verilog, written by lgc {found['lgc']}.",
        "",
    )
    yield from ("## From", "")
    yield from (f"- {key}: {' '.join(text.split())}" for key, text in found["model"].items())
    yield f"- options: {_options(shape.options)}"
    yield f"- compared with the model: {found['checked']}"
    share = found["vectors"]["accuracy"]
    right = "" if share is None else f", {100 * share:.2f} % of the labels"
    yield f"- vectors: {found['vectors']['samples']:,}, {found['vectors']['origin']}{right}"
    yield from ("", "## Size", "", f"| part | {unit} |", "|---|---:|")
    yield from (f"| {part} | {own['total']:,} |" for part, own in found["parts"].items())
    yield from (
        f"| all | {found['total']:,} |",
        "",
        f"| stage | {unit} deep | registers after it |",
    )
    yield "|---:|---:|---:|"
    yield from (
        f"| {number} | {stage['depth']} | {stage['registers']:,} |"
        for number, stage in enumerate(found["stages"])
    )
    timing = f"latency {found['latency']} clock cycles, initiation interval "
    timing += f"{found['initiation_interval']}"
    if shape.state:
        timing = f"a step a clock cycle, {shape.state:,} bits of state"
    elif not found["latency"] and found["stream"] is None:
        timing = "combinational"
    yield from ("", f"Timing: {timing}. The ports stand at the head of `rtl/{name}.v`.", "")
    cocotb = "" if shape.state else ", a cocotb test"
    uses = [line for line in _USES if not shape.state or "cocotb" not in line]
    yield from ("## Use", "", "```", *uses, "```", "")
    yield f"- `rtl/` the design, `files.f` its files in order; the top module is `{name}`."
    yield f"- `tb/` the test bench `{name}_tb.v`, vectors, expected answers{cocotb}."
    yield f"- `constraints/` a clock of {found['megahertz']:g} MHz, out of context."
    yield "- `scripts/` Yosys, nextpnr, Vivado, and the Makefile."
    yield f"- `{REPORT}` these figures; `model.mlir` the model that says what is right."
    yield from ("", "In Python:", "", "```python", "import lgc", "")
    yield 'project = lgc.hdl.Project.open(".")'
    yield from ("print(project.simulate().message)", "```")


def _options(options: HardwareOptions) -> str:
    changed = [
        f"{field.name}={getattr(options, field.name)}"
        for field in fields(options)
        if getattr(options, field.name) != field.default
    ]
    return ", ".join(changed) or "none"


_USES = (
    "make -C scripts sim                    # Icarus Verilog",
    "make -C scripts verilator",
    "make -C scripts cocotb                 # pip install 'cocotb>=2.0'",
    "make -C scripts synth FAMILY=ice40     # Yosys: ice40, ecp5 or xilinx",
    "make -C scripts pnr FAMILY=ice40       # nextpnr: ice40 or ecp5",
    "make -C scripts vivado",
)
