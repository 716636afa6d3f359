"""The plug-in for xdsl-opt."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from lgc import registry
from lgc.chain import build_module
from lgc.text import parse_module, print_module
from lgc.universe import UNIVERSE
from tests.support import random_layers


def test_every_pass_is_published_under_a_prefix() -> None:
    assert set(UNIVERSE.all_passes) == {f"logic-{name}" for name in registry.entries("passes")}
    assert UNIVERSE.all_passes["logic-fold"]().name == "logic-fold"
    assert UNIVERSE.all_dialects["logic"]().name == "logic"


def test_xdsl_opt_parses_the_dialect_and_runs_the_passes(tmp_path: Path) -> None:
    if not any(point.name == "lgc" for point in entry_points(group="xdsl.universe")):
        pytest.skip("the entry point of lgc is not installed")
    module = build_module(8, random_layers([30, 20], 8, 0), None, dtype="bool")
    file = tmp_path / "model.mlir"
    file.write_text(print_module(module))
    pipeline = "logic-fuse-layers,logic-strash,logic-dce,logic-unpack{limit=100},canonicalize"
    done = subprocess.run(
        [sys.executable, "-m", "xdsl.tools.xdsl_opt", str(file), "-p", pipeline],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "logic.open" in done.stdout
    parse_module(done.stdout)
