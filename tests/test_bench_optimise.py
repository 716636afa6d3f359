"""bench/optimise.py: counts are those of the netlists, what is not installed has dashes."""

from __future__ import annotations

import importlib
import shutil
import sys
from types import ModuleType

import pytest

from lgc.netlist_text import parse_netlist
from tests.support import ROOT

TEXT = "in 3; %3 = a&b %0 %1; %4 = a&b %0 %2; %5 = a|b %3 %4; %6 = a^b %5 %1; out %5 %6"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    monkeypatch.delitem(sys.modules, "optimise", raising=False)
    return importlib.import_module("optimise")


def test_without_abc(script: ModuleType) -> None:
    rows = script.compare(parse_netlist(TEXT), None, True)
    lines = script.table(rows).splitlines()
    assert lines[0] == "| tool | AND+XOR | AIG | LUT 3 | LUT 4 | LUT 6 | s | equal? |"
    ours = {row.tool: row.counts for row in rows if row.tool.startswith("lgc")}
    assert ours["lgc `strash`"] == [4, None, 2, 2, 2]
    assert ours["lgc `rewrite`"] == [3, None, 2, 2, 2]
    assert "| ABC `strash` | – | – | – | – | – | – | – |" in lines
    assert all(line.count("|") == lines[0].count("|") for line in lines)


@pytest.mark.skipif(shutil.which("berkeley-abc") is None, reason="ABC is not installed")
def test_with_abc(script: ModuleType) -> None:
    rows = script.compare(parse_netlist(TEXT), "berkeley-abc", True)
    counts = {row.tool: row.counts for row in rows}
    assert counts["lgc `strash`"] == [4, 6, 2, 2, 2]
    assert counts["lgc `rewrite`"][:2] == [3, 5]
    assert all(row.equal for row in rows)


def test_a_difference_shows(script: ModuleType) -> None:
    row = script.Row("x", [1, 2, 3, 4, None], 1.5, False)
    other = script.Row("y", [2, 2, 2, 2, 2], None, True)
    assert script.table([row, other]).splitlines()[2:] == [
        "| x | **1** | **2** | 3 | 4 | – | 1.50 | **no** |",
        "| y | 2 | **2** | **2** | **2** | **2** | – | yes |",
    ]


def test_the_shipped_net(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "compare", lambda net, *_: [script.Row("x", [net.gates] * 5)])
    monkeypatch.setattr(sys, "argv", ["optimise.py", "--quick"])
    script.main()
    out = capsys.readouterr().out
    assert out.startswith("## digits (shipped), core: 192 inputs, 1,000 outputs\n")
