"""bench/fpga.py: what it compares with is the model, counts are those of the netlist, and a tool
that is missing has dashes."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.chain import Sums, build_module
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.model import Model
from tests.support import ROOT, random_layers, random_planes

NAMES = (
    "fpga",
    "fabrics",
    "mapped",
    "place",
    "plain_verilog",
    "torchlogix_verilog",
    "lgc_verilog",
    "luts",
)

YOSYS = find_spec("pyosys") is not None or shutil.which("yosys") is not None
needs_yosys = pytest.mark.skipif(not YOSYS, reason="Yosys is not installed")
needs_nextpnr = pytest.mark.skipif(
    shutil.which("nextpnr-ice40") is None, reason="nextpnr-ice40 is not installed"
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    for name in NAMES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("fpga")


@pytest.fixture(scope="module")
def model() -> Model:
    """Nine inputs, three classes of unequal size."""
    layers = random_layers([20, 44], 9, 1)
    group = [0] * 16 + [1] * 19 + [2] * 9
    return Model(build_module(9, layers, Sums(3, group=group), dtype="bool"))


def designs(script: ModuleType, model: Model) -> list[tuple[str, str, str]]:
    """Part, name and text of all plain Verilog."""
    bench = script.Bench(None, "", False, [])
    return [
        (part, design.name, design.files["top.v"])
        for part in script.PARTS
        for design in script.written(bench, model, "ice40", part)
    ]


@needs_yosys
def test_plain_verilog_is_the_model(script: ModuleType, model: Model, tmp_path: Path) -> None:
    written = designs(script, model)
    assert len(written) == 9
    for part, name, text in written:
        path = tmp_path / "top.v"
        path.write_text(text)
        net = lgc.load(path).chain.stages[0].net.data
        planes = random_planes(net.inputs, 64, 0) if part == "sums" else exhaustive_planes(9)
        rows = 4096 if part == "sums" else 512
        got, x = (unpack_planes(plane, rows) for plane in (net.evaluate(planes), planes))
        want = script.expected(model.chain, part, x)
        if part == "complete":
            assert np.array_equal(want, model.evaluate(x).classes)
            got = got @ (1 << np.arange(got.shape[1]))
        assert np.array_equal(got, want), (part, name)


@needs_yosys
def test_a_core_is_proved(script: ModuleType, model: Model, tmp_path: Path) -> None:
    path = tmp_path / "core.v"
    path.write_text(script.verilog(model.chain, "core"))
    bits = build_module(9, [stage.net.data for stage in model.chain.stages], None, dtype="bool")
    assert lgc.check(Model(bits), path, mode="proof")


def test_refuses_what_it_cannot_write(script: ModuleType) -> None:
    layers = random_layers([6], 4, 0)
    weighted = build_module(4, layers, Sums(2, weight=[1, 1, 2, 1, 1, 1]), dtype="bool")
    with pytest.raises(
        lgc.LgcError, match="^plain Verilog is written for class sums without weights or offsets"
    ):
        script.verilog(Model(weighted).chain, "complete")
    apart = build_module(4, layers, Sums(2, group=[0, 1, 0, 0, 1, 1]), dtype="bool")
    with pytest.raises(lgc.LgcError, match="^a loop needs the bits of a class at equal distances"):
        script.verilog(Model(apart).chain, "complete", "loop")
    with pytest.raises(lgc.LgcError, match="^the model has no class sums"):
        script.verilog(Model(build_module(4, layers, None, dtype="bool")).chain, "sums")


@needs_yosys
def test_every_design_has_a_row(script: ModuleType, model: Model, tmp_path: Path) -> None:
    bench = script.Bench(tmp_path, "", False, [])
    lines = list(script.table(bench, model, "ice40", "complete"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    ours = ["**lgc**, LUT cells", "**lgc**, LUT cells, 4 ranks", "**lgc**, assign"]
    assert [row[0] for row in rows] == [*script.NAMES.values(), "torchlogix", *ours]
    for row in rows[:4] + rows[5:]:
        assert row[-1] == ("–" if "ranks" in row[0] else "yes")
        assert (row[3] == "0") == ("ranks" not in row[0])
        assert sum(map(int, row[2].split("/"))) == int(row[1]) > 0
        assert 0 < int(row[6]) < 20
    assert rows[0][7] == "100.0%"
    assert rows[4][1:] == ["–"] * 10
    assert len(bench.missing) == 2
    assert bench.missing[0].startswith("torchlogix: pip install ")
    assert bench.missing[1].startswith("16 ranks: 16 stages are more than the logic is deep")
    assert len(list(tmp_path.glob("*.json.gz"))) == 7
    assert list(script.table(bench, model, "ice40", "complete")) == lines  # seconds too: kept


@needs_yosys
@pytest.mark.parametrize("fabric", ["ice40-abc", "ecp5", "xc7", "xcup"])
def test_mapped_designs_equal_the_model(script: ModuleType, model: Model, fabric: str) -> None:
    """Through LUTs and cells of carry chains."""
    text = script.verilog(model.chain, "sums", "loop")
    mapped = script.synthesize({"top.v": text}, script.FABRICS[fabric])
    assert script.equal(model.chain, "sums", mapped) == "yes"
    assert mapped.total > 0
    assert mapped.carries > 0
    assert not mapped.other


@needs_yosys
@pytest.mark.parametrize(
    ("part", "fabric"), [("core", "ecp5"), ("complete", "ice40"), ("sums", "xc7")]
)
def test_lgc_has_rows(
    script: ModuleType, model: Model, fabric: str, part: str, tmp_path: Path
) -> None:
    """LUT cells stay as many as lgc made; what sums add is a difference."""
    bench = script.Bench(tmp_path, "", False, [])
    seen: list[int] = []
    for design in script.by_lgc(bench, model, fabric, part):
        how: dict[str, Any] = {"keep": design.keep, "store": tmp_path}
        made = script.synthesize(design.files, script.FABRICS[fabric], **how)
        if "ranks" in design.name:
            assert made.flip_flops > 0
            assert script.equal(model.chain, design.what or part, made) == "–"
            continue
        assert script.equal(model.chain, design.what or part, made) == "yes"
        cells, luts = script.row(bench, model, fabric, part, design, 0)
        less = design.less
        if less is not None:
            rest = script.synthesize(less, script.FABRICS[fabric], **how)
            assert luts == made.total - rest.total
            continue
        assert luts == made.total
        assert cells[-1] == "yes"
        if design.keep:
            (told,) = re.findall(r"^// ([\d,]+) LUTs", design.files["top.v"], re.MULTILINE)
            assert luts == int(told.replace(",", ""))
        seen.append(luts)
    assert len(seen) == 2
    assert all(line.startswith("16 ranks: ") for line in bench.missing)


@needs_yosys
def test_a_wrong_design_shows(script: ModuleType, model: Model) -> None:
    text = script.verilog(model.chain, "complete").replace("assign y = ", "assign y = 1 ^ ")
    mapped = script.synthesize({"top.v": text}, script.FABRICS["ice40"])
    assert script.equal(model.chain, "complete", mapped) == "**no**"


TWO_LUTS = """\
module top(input [2:0] x, output y);
  wire a;
  SB_LUT4 #(.LUT_INIT(16'h8888)) one(.I0(x[0]), .I1(x[1]), .I2(1'b0), .I3(1'b0), .O(a));
  SB_LUT4 #(.LUT_INIT(16'h8888)) two(.I0(a), .I1(x[2]), .I2(1'b0), .I3(1'b0), .O(y));
endmodule
"""


@needs_yosys
def test_given_luts_stay(script: ModuleType) -> None:
    """Two LUTs that one could replace."""
    mapped = script.synthesize({"top.v": TWO_LUTS}, script.FABRICS["ice40"], keep=True)
    assert mapped.luts == {2: 2}
    assert mapped.depth == 2


def cell(kind: str, given: dict[str, list[Any]], made: dict[str, list[Any]]) -> dict[str, Any]:
    directions = dict.fromkeys(given, "input") | dict.fromkeys(made, "output")
    return {"type": kind, "port_directions": directions, "connections": given | made}


def test_counts(script: ModuleType) -> None:
    """Two LUTs before a carry, one behind it, a flip-flop that ends the path, an unknown cell."""
    cells = {
        "a": cell("SB_LUT4", {"I0": [2], "I1": [3], "I2": ["0"], "I3": ["x"]}, {"O": [10]}),
        "b": cell("SB_LUT4", {"I0": [10], "I1": [3], "I2": [4], "I3": ["0"]}, {"O": [11]}),
        "c": cell("SB_CARRY", {"I0": [11], "I1": ["0"], "CI": [2]}, {"CO": [12]}),
        "d": cell("SB_LUT4", {"I0": [12], "I1": [2], "I2": [3], "I3": [4]}, {"O": [13]}),
        "e": cell("SB_DFFE", {"D": [13], "C": [5]}, {"Q": [14]}),
        "f": cell("SB_LUT4", {"I0": [14], "I1": [2], "I2": ["0"], "I3": ["0"]}, {"O": [15]}),
        "g": cell("SB_GB", {"A": [15]}, {"B": [16]}),
    }
    mapped = sys.modules["mapped"].counted(
        json.dumps({"modules": {"top": {"cells": cells}}}), "", 1.0
    )
    assert mapped.luts == {2: 2, 3: 1, 4: 1}
    assert (mapped.total, mapped.depth) == (4, 3)
    assert (mapped.flip_flops, mapped.carries, mapped.muxes) == (1, 1, 0)
    assert mapped.other == {"SB_GB": 1}


def test_a_chain_of_ecp5_counts_where_a_path_enters_it(script: ModuleType) -> None:
    cells = {
        "a": cell("CCU2C", {"A0": [2], "CIN": ["0"]}, {"S0": [10], "COUT": [11]}),
        "b": cell("CCU2C", {"A0": [3], "CIN": [11]}, {"S0": [12], "COUT": [13]}),
        "c": cell("PFUMX", {"ALUT": [12], "BLUT": [2], "C0": [3]}, {"Z": [14]}),
        "d": cell("LUT4", {"A": [14]}, {"Z": [15]}),
    }
    mapped = sys.modules["mapped"].counted(
        json.dumps({"modules": {"top": {"cells": cells}}}), "", 1.0
    )
    assert (mapped.total, mapped.carries, mapped.muxes, mapped.depth) == (1, 2, 1, 2)


@needs_yosys
@needs_nextpnr
def test_frequency(script: ModuleType, model: Model, tmp_path: Path) -> None:
    text = script.verilog(model.chain, "complete", "loop")
    mapped = script.synthesize({"top.v": text}, script.FABRICS["ice40"])
    found = script.frequency(mapped, "ice40", store=tmp_path)
    assert 20 < found < 400
    assert script.frequency(mapped, "ice40", store=tmp_path) == found
    assert script.device("ice40-abc") == "ice40"
    assert not script.device("xc7")


def test_without_tools(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fabrics = sys.modules["fabrics"]
    monkeypatch.setattr(fabrics, "find_spec", lambda _: None)
    monkeypatch.setattr(fabrics.shutil, "which", lambda _: None)
    line = ["fpga.py", "--part", "core", "--fabric", "xc7", "--torchlogix", "/nowhere/python"]
    monkeypatch.setattr(sys, "argv", line)
    script.main()
    out = capsys.readouterr().out
    dashes = " | –" * 10
    assert f"| naive netlist{dashes} |\n| torchlogix{dashes} |\n" in out
    assert f"| **lgc**, LUT cells{dashes} |\n| **lgc**, assign{dashes} |\n" in out
    assert "- Yosys: pip install pyosys, or install the Debian package yosys\n" in out
    assert "- torchlogix: pip install torch numpy, then pip install --no-deps torchlogix, " in out
    place = sys.modules["place"]
    monkeypatch.setattr(place, "find_spec", lambda _: None)
    for name, said in place.INSTALL.items():
        with pytest.raises(script.ToolError) as failure:
            place.program(name)
        assert str(failure.value) == said


def test_what_hangs_is_stopped(script: ModuleType, tmp_path: Path) -> None:
    run = sys.modules["fabrics"].run
    with pytest.raises(script.ToolError, match=r"^sh is not done after 0 s$"):
        run(["sh", "-c", "sleep 60 & sleep 60"], tmp_path, 0.1)
    with pytest.raises(script.ToolError, match=r"^ERROR: no$"):
        run(["sh", "-c", "echo ERROR: no; echo more; exit 1"], tmp_path)


def test_torchlogix_gets_the_model(script: ModuleType, model: Model) -> None:
    """Its circuit, evaluated as its names say, is the model."""
    data = sys.modules["torchlogix_verilog"].circuit(model.chain, "complete")
    planes = exhaustive_planes(9)
    x = unpack_planes(planes, 512)
    values = dict(enumerate(x.T))
    functions = {
        "CONST_FALSE": lambda a, b: a & False, "CONST_TRUE": lambda a, b: a | True,
        "WIRE": lambda a, b: a, "NOT": lambda a, b: ~a, "AND": lambda a, b: a & b,
        "OR": lambda a, b: a | b, "XOR": lambda a, b: a ^ b, "NAND": lambda a, b: ~(a & b),
        "NOR": lambda a, b: ~(a | b), "XNOR": lambda a, b: ~(a ^ b),
        "AND_NOT_B": lambda a, b: a & ~b, "AND_NOT_A": lambda a, b: ~a & b,
        "OR_NOT_B": lambda a, b: a | ~b, "OR_NOT_A": lambda a, b: ~a | b,
    }  # fmt: skip
    values[-1] = x[:, 0]
    for gate in data["gates"]:
        read = (values[gate["in0"]], values[gate["in1"]])
        values[gate["gate_id"]] = functions[gate["op"]](*read)
    scores = [sum(values[bit].astype(int) for bit in one["input_ids"]) for one in data["sum_nodes"]]
    assert np.array_equal(np.stack(scores).argmax(axis=0), model.evaluate(x).classes)
    assert data["outputs"] == [one["node_id"] for one in data["sum_nodes"]]


@needs_yosys
def test_a_comparison_stands_around_torchlogix(
    script: ModuleType, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module that it would write, with scores of 8 bits."""
    inner = script.verilog(model.chain, "core").replace("module top", "module core")
    body = "\n".join(
        f"  assign scores_flat[{8 * i} +: 8] = {' + '.join(f'y[{bit}]' for bit in group)};"
        for i, group in enumerate(sys.modules["plain_verilog"].groups(model.chain))
    )
    written = (
        f"{inner}\nmodule circuit(input [8:0] inp, output [23:0] scores_flat);\n"
        f"  wire [43:0] y;\n  core core(.x(inp), .y(y));\n{body}\nendmodule\n"
    )
    outer = sys.modules["torchlogix_verilog"].around(model.chain, "complete", written)
    mapped = script.synthesize({"top.v": written + outer}, script.FABRICS["ice40"])
    assert script.equal(model.chain, "complete", mapped) == "yes"
