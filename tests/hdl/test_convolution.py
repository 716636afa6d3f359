"""Convolutions as hardware, a kernel at every place: read back and proved, and simulated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.hdl import Project
from lgc.model import Model
from tests.hdl.convolutions import MODELS, mixed, model, pooled, residual, strided
from tests.hdl.tools import NEEDS

WAYS: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (residual, {}, {"stages": 3, "interface": "valid"}),
    (residual, {"family": "ice40"}, {"max_logic_depth": 2}),
    (mixed, {"style": "primitives", "basis": "nand"}, {"max_logic_depth": 2}),
    (mixed, {"family": "xilinx"}, {"stages": 1, "interface": "axi"}),
]


def agrees(project: Project, source: Model, **given: Any) -> None:
    """It passes on its own vectors, and on samples gives what the reference gives."""
    assert project.simulate(**given).message == "PASS 40 samples"
    x = np.random.default_rng(5).integers(0, 2, (30, source.chain.features)).astype(np.uint8)
    found, right = project.simulate(x, **given), source.evaluate(x)
    assert found.message == "PASS 30 samples"
    if found.classes is not None:
        assert right.classes is not None
        assert np.array_equal(found.classes, right.classes)
    if found.bits is not None:
        assert np.array_equal(found.bits, right.bits)


def proved(source: Model, folder: Path, *options: str) -> str:
    """`lgc compile` and `lgc check --proof`; the Verilog."""
    source.save(folder / "conv.mlir")
    output = folder / "conv.v"
    assert run_command(["compile", str(folder / "conv.mlir"), "-o", str(output), *options]) == 0
    lacks = ["--classes", "5"] if "bits" in options else []
    assert run_command(["check", str(folder / "conv.mlir"), str(output), "--proof", *lacks]) == 0
    return output.read_text()


@NEEDS["yosys"]
@pytest.mark.parametrize("maker", MODELS)
def test_it_is_the_model(maker: Any, tmp_path: Path) -> None:
    proved(model(maker), tmp_path)


@NEEDS["yosys"]
@pytest.mark.parametrize(
    "options",
    [
        ("--family", "ice40", "--separate"),
        ("--style", "primitives", "--basis", "nor", "--outputs", "scores"),
        ("--style", "lut", "--input-format", "u2", "--outputs", "both"),
        ("--outputs", "bits"),
        ("--family", "xilinx", "--stages", "4", "--interface", "axi"),
        ("--max-logic-depth", "2", "--interface", "valid"),
        ("--max-lines", "100"),
    ],
    ids=" ".join,
)
def test_every_way_is_the_model(options: tuple[str, ...], tmp_path: Path) -> None:
    proved(model(residual), tmp_path, *options)


@NEEDS["yosys"]
def test_a_wrong_place_is_found(tmp_path: Path) -> None:
    """One bit of what one place reads."""
    text = proved(model(pooled), tmp_path)
    wrong, count = re.subn(r"(at_map_0_9 \(.*\n *\.x\(\{[^,]*, x\[)\d+", r"\g<1>0", text, count=1)
    assert count == 1
    (tmp_path / "conv.v").write_text(wrong)
    command = ["check", str(tmp_path / "conv.mlir"), str(tmp_path / "conv.v"), "--proof"]
    assert run_command(command) == 1


def test_a_kernel_is_one_module() -> None:
    backend = lgc.registry.find("backends", "verilog")()
    modules = {
        module.name: "\n".join(module.lines)
        for module in backend.sources(
            model(pooled).module, {"name": "m", "outputs": "scores"}
        ).modules
    }
    assert list(modules)[:4] == ["m_map_0", "m_map_1", "m_map_2", "m_map_3"]
    assert list(modules)[-2:] == ["m_circuit_4", "m"]
    places = [modules["m"].count(f"m_map_{number} at_map_{number}_") for number in range(4)]
    assert places == [64, 16, 16, 4]
    assert (
        "m_map_0 at_map_0_9 (.y(map_0_9),\n        .x({x[18:16], x[10:8], x[2:0]}));"
        in modules["m"]
    )
    assert (
        "m_map_0 at_map_0_0 (.y(map_0_0),\n        .x({x[9:8], 1'b0, x[1:0], 1'b0" in modules["m"]
    )


@NEEDS["icarus"]
@pytest.mark.parametrize("maker", MODELS)
def test_simulated(maker: Any, tmp_path: Path) -> None:
    source = model(maker, seed=1)
    agrees(lgc.hdl.generate(source, tmp_path / "project", samples=40), source)


@NEEDS["icarus"]
@pytest.mark.parametrize(("maker", "style", "pipeline"), WAYS, ids=str)
def test_pipelines(
    maker: Any, style: dict[str, Any], pipeline: dict[str, Any], tmp_path: Path
) -> None:
    source = model(maker)
    project = lgc.hdl.generate(source, tmp_path / "project", samples=40, **style, **pipeline)
    agrees(project, source)
    report = project.report()
    if "stages" in pipeline:
        assert report["latency"] == pipeline["stages"] + (pipeline["interface"] == "axi")
    else:
        assert max(stage["depth"] for stage in report["stages"]) <= 2
    assert report["parts"]["map_0"]["copies"] == {residual: 36, mixed: 16}[maker]


@NEEDS["verilator"]
def test_in_verilator(tmp_path: Path) -> None:
    source = model(strided)
    project = lgc.hdl.generate(source, tmp_path / "project", samples=40, stages=2, outputs="bits")
    agrees(project, source, simulator="verilator")
