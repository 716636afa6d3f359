"""What the tests of hardware projects share: programs that must be there, models, projects."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import lgc
from lgc.hdl import Project
from lgc.model import Model
from tests.backends.corpus import model

NEEDS = {
    "icarus": pytest.mark.skipif(shutil.which("iverilog") is None, reason="icarus is not installed"),
    "verilator": pytest.mark.skipif(
        shutil.which("verilator") is None, reason="verilator is not installed"
    ),
    "yosys": pytest.mark.skipif(shutil.which("yosys") is None, reason="yosys is not installed"),
}  # fmt: skip
"""By simulator or program."""


def small(name: str, folder: Path, /, **options: Any) -> Project:
    """A project of a model of the corpus."""
    return lgc.hdl.generate(Model(model(name)), folder / "project", **{"name": "model", **options})
