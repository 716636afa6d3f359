"""bench/optimise.py: counts are those of the netlists, what is not installed has dashes."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import lgc
from lgc import demo
from lgc.backends.aiger import Aiger
from lgc.chain import build_module
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.map_lut import MapLut
from lgc.proof.equality import Verdict
from lgc.proof.sweeping import Effort
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
    assert lines[0] == "| tool | AND+XOR | AIG | LUT 3 | LUT 4 | LUT 6 | s | of -O3 | equal by |"
    ours = {row.tool: row.counts for row in rows if row.tool.startswith("lgc")}
    assert ours["lgc `strash`"] == [4, None, 2, 2, 2]
    assert ours["lgc `rewrite`"] == [3, None, 2, 2, 2]
    assert "| ABC `strash` | – | – | – | – | – | – | – | – |" in lines
    assert all(line.count("|") == lines[0].count("|") for line in lines)


@pytest.mark.skipif(shutil.which("berkeley-abc") is None, reason="ABC is not installed")
def test_with_abc(script: ModuleType) -> None:
    rows = script.compare(parse_netlist(TEXT), "berkeley-abc", True)
    counts = {row.tool: row.counts for row in rows}
    assert counts["lgc `strash`"] == [4, 6, 2, 2, 2]
    assert counts["lgc `rewrite`"][:2] == [3, 5]
    assert {row.equal for row in rows} == {"cec"}


def test_a_difference_shows(script: ModuleType) -> None:
    row = script.Row("x", [1, 2, 3, 4, None], 1.5, "**no**")
    other = script.Row("lgc `-O3`", [2, 2, 2, 2, 2], 0.5, "cec, lgc")
    last = script.Row("z", [3, 3, 3, 3, 3])
    assert script.table([row, other, last]).splitlines()[2:] == [
        "| x | **1** | **2** | 3 | 4 | – | 1.50 | 3.00 | **no** |",
        "| lgc `-O3` | 2 | **2** | **2** | **2** | **2** | 0.50 | 1.00 | cec, lgc |",
        "| z | 3 | 3 | 3 | 3 | 3 | – | – | – |",
    ]


def files(script: ModuleType, folder: Path) -> Path:
    """A circuit, the same in LUTs, and one that differs on one vector."""
    net = parse_netlist(TEXT)
    wrong = Netlist(3, np.where(net.table == 7, 6, net.table), net.fanin, net.outputs)
    for name, one in (("start", net), ("same", MapLut(k=3).rewrite(net)), ("wrong", wrong)):
        script.write_blif(one, folder / f"{name}.blif")
    return folder


def test_lgc_proves_where_cec_does_not(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = files(script, tmp_path)
    for abc, printed, who in (
        (None, "", "lgc"),
        ("abc", "Networks are UNDECIDED.", "lgc"),
        ("abc", "Networks are equivalent.", "cec"),
    ):
        provers = script.Provers(abc, folder)
        monkeypatch.setattr(script.Provers, "run", lambda self, _, said=printed: said)
        assert provers.equal("start.blif", ["same.blif", "same.blif"]) == who
    provers = script.Provers(None, folder)
    assert provers.equal("start.blif", ["same.blif", "wrong.blif"]) == "**no**"
    monkeypatch.setattr("equal.prove", lambda *_: Verdict(None, Effort()))
    assert provers.equal("start.blif", ["same.blif"]) is None


def test_several_models_in_one_run(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """An AIGER file has a core only; a model folder and a gate list with classes have sums too."""
    net = parse_netlist(TEXT)
    lgc.load(demo.model_path()).save(tmp_path / "model.mlir")
    module = build_module(net.inputs, [net], None, dtype="bool")
    Aiger().write(module, tmp_path / "core.aig", {})
    monkeypatch.setattr(script, "compare", lambda net, *_: [script.Row("x", [net.gates] * 5)])
    models = [tmp_path / "core.aig", tmp_path / "model.mlir"]
    arguments = [part for path in models for part in ("--model", str(path))]
    monkeypatch.setattr(sys, "argv", ["optimise.py", "--quick", *arguments])
    script.main()
    heads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("##")]
    assert [line.partition(":")[0] for line in heads] == [
        "## core.aig, core", "## model.mlir, core", "## model.mlir, complete, full adders",
        "## model.mlir, complete, lower-sums",
    ]  # fmt: skip
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--part", "complete, lower-sums"])
    script.main()
    heads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("##")]
    assert [line.partition(":")[0] for line in heads] == ["## model.mlir, complete, lower-sums"]


def test_the_shipped_net(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "compare", lambda net, *_: [script.Row("x", [net.gates] * 5)])
    monkeypatch.setattr(sys, "argv", ["optimise.py", "--quick"])
    script.main()
    out = capsys.readouterr().out
    assert out.startswith("## digits (shipped), core: 192 inputs, 1,000 outputs\n")
