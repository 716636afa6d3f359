"""Streamed convolutions: one kernel, line buffers, pixel after pixel, in simulators.

The test bench sends samples with gaps, takes answers with stalls, resets within a sample, and
counts the cycles of samples without a gap.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.assembling import Assembly, patches
from lgc.chain import Mapped, build_module
from lgc.cli import run_command
from lgc.errors import UnsupportedError, UsageError
from lgc.hdl import Project
from lgc.model import Model
from tests.hdl.convolutions import (
    STREAMS,
    line,
    mixed,
    model,
    no_dense,
    pooled,
    residual,
    strided,
    trees,
    wide,
)
from tests.hdl.test_convolution import agrees
from tests.hdl.tools import NEEDS
from tests.support import random_layers

STREAMED: dict[str, Any] = {"convolution": "streamed", "interface": "valid", "samples": 40}


def streamed(source: Model, folder: Path, **options: Any) -> Project:
    return lgc.hdl.generate(source, folder / "project", **{**STREAMED, **options})


@NEEDS["icarus"]
@pytest.mark.parametrize("maker", STREAMS)
def test_simulated(maker: Any, tmp_path: Path) -> None:
    source = model(maker, 1)
    agrees(streamed(source, tmp_path, outputs="both"), source)


@NEEDS["verilator"]
@pytest.mark.parametrize("maker", [strided, wide])
def test_in_verilator(maker: Any, tmp_path: Path) -> None:
    source = model(maker, 2)
    agrees(streamed(source, tmp_path, outputs="both"), source, simulator="verilator")


@NEEDS["icarus"]
@pytest.mark.parametrize(
    "options",
    [
        {"family": "ice40", "stages": 3},
        {"family": "xilinx", "max_logic_depth": 2, "separate": True},
        {"style": "primitives", "basis": "nor", "max_logic_depth": 1},
        {"outputs": "bits"},
        {"max_lines": 100},
    ],
    ids=str,
)
def test_every_way(options: dict[str, Any], tmp_path: Path) -> None:
    source = model(line)
    project = streamed(source, tmp_path, **options)
    agrees(project, source)
    if (most := options.get("max_logic_depth")) is not None:
        assert max(stage["depth"] for stage in project.report()["stages"]) <= most


@NEEDS["icarus"]
@pytest.mark.parametrize(("pipeline", "windows"), [("dce", [3, 2, 3, 2]), ("O2", [4, 4])])
def test_pooling_apart_and_fused(pipeline: str, windows: list[int], tmp_path: Path) -> None:
    source = model(pooled, 1)
    project = streamed(source, tmp_path, pipeline=pipeline)
    agrees(project, source)
    found = project.report()["stream"]["windows"]
    assert [text.split()[2] for text in found] == [str(size) for size in windows]


@NEEDS["icarus"]
def test_sums_right_behind_a_convolution(tmp_path: Path) -> None:
    source = model(no_dense, classes=0)
    agrees(streamed(source, tmp_path), source)


def test_figures(tmp_path: Path) -> None:
    project = streamed(model(pooled), tmp_path, pipeline="dce")
    found = project.report()
    assert found["initiation_interval"] == 73  # 64 pixels, and 9 zeros behind them
    assert found["latency"] == 83 - 64
    assert found["stream"]["pixels"] == {"channels": 1, "height": 8, "width": 8, "planar": False}
    assert found["stream"]["line_buffers"] == 2 * 8 * 1 + 1 * 8 * 3 + 2 * 4 * 3 + 1 * 4 * 4
    assert "copies" not in found["parts"]["map_0"]
    text = (project.folder / "rtl" / "project.v").read_text()
    assert "// latency 19 clock cycles from the last pixel to the answer" in text
    assert "initiation\n//   interval 73 clock cycles, 64 of them for pixels" in text
    for module in ("window_0", "map_0", "window_3", "map_3", "collector", "circuit_4"):
        assert text.count(f"project_{module} {module} (") == 1


@NEEDS["icarus"]
@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("window_0", "row >= 4'd3", "row >= 4'd2"),  # a mask
        ("window_0", "column <= 3'd6", "column <= 3'd7"),
        ("window_1", "~|across", "1'b1"),
        ("window_0", "assign in_ready = free & ~behind", "assign in_ready = free"),
        ("window_2", "out_ready | ~complete", "1'b1"),
        ("collector", "~full | out_ready", "1'b1"),
    ],
)
def test_faults_are_found(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    """What the simulations above would miss, these would too."""
    project = streamed(model(pooled, 3, classes=0), tmp_path, samples=100, pipeline="dce")
    path = project.folder / "rtl" / f"project_{file}.v"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))
    assert not project.simulate().passed


@NEEDS["yosys"]
def test_line_buffers_are_memories(tmp_path: Path) -> None:
    """Yosys finds RAM with one read and one write, where it is worth one."""
    pixels = np.arange(2 * 64 * 64).reshape(2, 64, 64)
    assembly = Assembly(pixels.size)
    kernel = trees(np.random.default_rng(0), 18, 4)
    index, _ = patches(pixels, (3, 3), (8, 8), (1, 1))
    made = assembly.map(kernel, index)
    few = assembly.layer([6] * 4, made.ravel()[:8].reshape(4, 2))
    source = Model(build_module(pixels.size, assembly.finish(few), None, dtype="bool"))
    project = streamed(source, tmp_path, samples=1, family="xilinx")
    found = project.synthesize("xilinx")
    assert project.report()["stream"]["line_buffers"] == 2 * 64 * 2
    assert any(name.startswith("RAM") for name in found["other"])


@NEEDS["icarus"]
def test_cocotb(tmp_path: Path) -> None:
    pytest.importorskip("cocotb_tools", reason="cocotb is not installed")
    project = streamed(model(line), tmp_path, samples=10)
    command = [sys.executable, str(project.folder / "tb" / "run_cocotb.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "1 tests, 0 failed" in done.stdout, done.stdout + done.stderr


def test_the_report_says_what_is_remembered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["report", str(streamed(model(strided), tmp_path).folder)]) == 0
    said = capsys.readouterr().out
    assert "11 clock cycles, a sample every 91" in said
    assert "9 x 9 of 2 bits" in said
    assert "line buffers of 51 bits" in said


def test_a_project_is_opened_again(tmp_path: Path) -> None:
    project = streamed(model(strided), tmp_path)
    shape = Project.open(project.folder).shape
    assert (shape.beats, shape.bus, shape.interval) == (81, 2, 91)
    assert json.loads((project.folder / "report.json").read_text())["inputs"] == 162


def refused(source: Model, **options: Any) -> str:
    backend = lgc.registry.find("backends", "verilog")()
    with pytest.raises((UnsupportedError, UsageError)) as caught:
        backend.sources(source.module, {"name": "m", **STREAMED, **options})
    return str(caught.value)


UNROLLED = "\n  hint: --convolution unrolled takes any rows"


def test_what_is_refused() -> None:
    assert refused(model(residual)) == (
        "--convolution streamed: map_1 passes 30 bits on beside its results, which a later part "
        f"reads{UNROLLED}"
    )
    assert refused(model(mixed)) == (
        f"--convolution streamed: the first convolution reads a circuit, not pixels{UNROLLED}"
    )
    index = np.arange(12, dtype=np.int32).reshape(6, 2)
    between = Mapped(trees(np.random.default_rng(0), 2, 2), index, np.zeros(0, np.int32))
    circuit = random_layers([12], 12, 0)[0]
    source = Model(build_module(12, [between, circuit, between], None))
    assert refused(source) == (
        f"--convolution streamed: a convolution reads a circuit, not pixels{UNROLLED}"
    )
    assert refused(Model(build_module(12, [circuit], None))) == (
        "--convolution streamed: the model has no convolution\n  hint: leave it out"
    )
    assert refused(model(pooled), input_format="u8") == (
        "--convolution streamed: bits come in, one for each channel of a pixel; there is no "
        "encoder for a stream\n"
        "  hint: leave --input-format out, or take --convolution unrolled"
    )
    assert refused(model(pooled), interface="axi") == (
        "--convolution streamed: pixels come with valid and ready, not with axi ports\n"
        "  hint: add --interface valid"
    )


def test_it_is_no_circuit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Streams are simulated; a proof is of designs without memory."""
    model(line).save(tmp_path / "conv.mlir")
    command = ["compile", str(tmp_path / "conv.mlir"), "-o", str(tmp_path / "conv.v")]
    assert run_command([*command, "--convolution", "streamed", "--interface", "valid"]) == 0
    assert run_command(["check", str(tmp_path / "conv.mlir"), str(tmp_path / "conv.v")]) == 1
    assert capsys.readouterr().err == (
        "error: conv.v: the design takes pixel after pixel, so it has memory and is no circuit\n"
        "  hint: simulate it as a project (--target verilog), or prove --convolution unrolled\n"
    )
