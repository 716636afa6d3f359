"""bench/convolution_fpga.py: its net is what it says, its rows are those of the designs."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from tests.hdl.tools import NEEDS
from tests.support import ROOT


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    monkeypatch.delitem(sys.modules, "convolution_fpga", raising=False)
    return importlib.import_module("convolution_fpga")


def test_the_net(script: ModuleType) -> None:
    chain = script.net(12, 8).chain
    maps = [stage for stage in chain.stages if stage.name == "logic.map"]
    assert [len(stage.rows) for stage in maps] == [144, 36, 36, 9]
    assert [len(stage.net.data.outputs) for stage in maps] == [8, 8, 16, 16]
    assert (chain.bits, chain.outputs) == (144, 100)


@NEEDS["yosys"]
@NEEDS["icarus"]
def test_rows(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "SAMPLES", 5)
    missing: list[str] = []
    lines = list(script.table(script.net(8, 2), "ice40", False, missing))
    assert not missing
    head, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines)
    assert head == list(script.COLUMNS)
    found = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["design"] for row in found] == list(script.WAYS)
    assert [row["cycles"] for row in found] == ["1", "1", "73", "73"]
    assert [row["line buffers"] for row in found[:3]] == ["0", "0", str(3 * 8 * 1 + 3 * 4 * 2)]
    assert all(row["simulated"] == "yes" and row["MHz"] == "–" for row in found)
    assert all(int(row["LUTs"].replace(",", "")) > 0 for row in found)


def test_a_tool_that_is_missing(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    from lgc.errors import UnsupportedError
    from lgc.hdl import Project

    def absent(*_: object, **__: object) -> None:
        raise UnsupportedError("it is not installed")

    monkeypatch.setattr(Project, "simulate", absent)
    monkeypatch.setattr(Project, "synthesize", absent)
    missing: list[str] = []
    *_, row = script.table(script.net(8, 2), "xilinx", False, missing)
    assert set(missing) == {"it is not installed"}
    assert [cell.strip() for cell in row.split("|")[2:5]] == ["–", "–", "–"]
