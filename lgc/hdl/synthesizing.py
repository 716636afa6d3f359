"""Synthesizing: a project through Yosys, and what cells of a family it takes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

from ..errors import CheckError, UsageError
from ..exchange.verilog import run_yosys
from .mapped import Cells, count_cells
from .scripts import Family, yosys_script
from .test_bench import Shape


def check_family(family: str) -> None:
    """Refuse a family that Yosys is not asked for.

    Raises:
        UsageError: it is unknown.
    """
    if family not in get_args(Family):
        known = ", ".join(get_args(Family))
        raise UsageError(f"{family!r} is no family", where="family", hint=f"one of {known}")


def synthesize(project: Path, shape: Shape, family: Family) -> Cells:
    """Map a project to the cells of a family.

    Raises:
        UnsupportedError: Yosys is not installed.
        CheckError: it refuses the files.
    """
    listed = (project / "rtl" / "files.f").read_text().split()
    modules = [file.removesuffix(".v") for file in listed]
    with tempfile.TemporaryDirectory(prefix="lgc-") as scratch:
        folder = Path(scratch)
        (folder / "project").symlink_to(project.resolve(), target_is_directory=True)
        script = yosys_script(
            family, shape.options, modules, (project / "tb" / "cells.v").is_file(),
            top=shape.name, files="project", output="netlist.json",
        )  # fmt: skip
        output = folder / "netlist.json"
        refused = run_yosys(folder, script, output)
        if refused is not None:
            raise CheckError(f"Yosys refuses it: {refused}", where=f"synthesis for {family}")
        return count_cells(output.read_text(), shape.name)
