"""Verilator, cocotb, Yosys and the Makefile on generated projects."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lgc.hdl import Project
from tests.hdl.test_simulation import agrees
from tests.hdl.tools import NEEDS, small


@NEEDS["verilator"]
@pytest.mark.parametrize(
    "options",
    [
        {"family": "ice40", "outputs": "both"},
        {"stages": 2, "interface": "axi", "bus": 16, "input_format": "u4", "outputs": "scores"},
    ],
    ids=str,
)
def test_verilator(options: dict[str, Any], tmp_path: Path) -> None:
    project = small("63 features", tmp_path, samples=40, **options)
    agrees(project, "63 features", simulator="verilator")
    path = min((project.folder / "rtl").glob("model_core*.v"))
    path.write_text(path.read_text().replace("assign o = ", "assign o = ~"))
    assert project.simulate(simulator="verilator").message.startswith("FAIL sample 0 ")


def make(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-C", str(project.folder / "scripts"), *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@NEEDS["icarus"]
@pytest.mark.skipif(find_spec("cocotb") is None, reason="cocotb is not installed")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stages": 2, "family": "xilinx"},
        {"stages": 2, "interface": "valid"},
        {"stages": 1, "interface": "axi", "bus": 16, "outputs": "both"},
    ],
    ids=str,
)
def test_cocotb(options: dict[str, Any], tmp_path: Path) -> None:
    project = small("63 features", tmp_path, samples=20, **options)
    done = make(project, "cocotb", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 tests, 0 failed" in done.stdout
    path = project.folder / "tb" / "expected.hex"
    lines = path.read_text().splitlines()
    last = int(lines[-1][-1], 16) ^ 1
    path.write_text("\n".join([*lines[:-1], f"{lines[-1][:-1]}{last:x}"]) + "\n")
    assert make(project, "cocotb", f"PYTHON={sys.executable}").returncode != 0


@NEEDS["icarus"]
def test_make_sim(tmp_path: Path) -> None:
    project = small("63 features", tmp_path, samples=40, interface="valid")
    done = make(project, "sim")
    assert done.returncode == 0, done.stderr
    assert "PASS 40 samples\n" in done.stdout
    (project.folder / "tb" / "expected.hex").write_text("0\n" * 40)
    assert make(project, "sim").returncode != 0


@NEEDS["yosys"]
@pytest.mark.parametrize("family", ["ice40", "ecp5", "xilinx"])
def test_synthesis(family: Any, tmp_path: Path) -> None:
    project = small("63 features", tmp_path, stages=2, interface="valid")
    found = project.synthesize(family)
    registers = project.report()["registers"]
    assert 0 < registers <= found["flip_flops"] <= registers + 2  # and two of the handshake
    assert 30 < found["luts"] < 200
    assert 1 < found["depth"] < 15
    assert not found["other"]


@NEEDS["yosys"]
def test_cells_of_the_family_stay(tmp_path: Path) -> None:
    """LUTs that lgc chose are those that the device gets."""
    project = small("63 features", tmp_path, family="ice40")
    assert project.synthesize("ice40")["luts"] <= project.report()["total"]
    assert project.synthesize("ecp5")["luts"] > 0  # through the models of the cells


@pytest.mark.skipif(shutil.which("nextpnr-ice40") is None, reason="nextpnr is not installed")
@NEEDS["yosys"]
def test_make_pnr(tmp_path: Path) -> None:
    done = make(small("one layer", tmp_path, stages=2), "pnr", "MEGAHERTZ=50")
    assert done.returncode == 0, done.stderr
    assert "Max frequency for clock" in done.stderr


def test_a_module_that_yosys_refuses(tmp_path: Path) -> None:
    from lgc.errors import CheckError

    project = small("one layer", tmp_path)
    (project.folder / "rtl" / "model.v").write_text("module model (\n")
    with pytest.raises(CheckError, match=r"^synthesis for ice40: Yosys refuses it: .*syntax error"):
        project.synthesize("ice40")
    with pytest.raises(CheckError, match=r"^iverilog: it fails: .*syntax error"):
        project.simulate()


def test_what_simulate_gives(tmp_path: Path) -> None:
    found = small("ties", tmp_path, outputs="scores").simulate(np.eye(4))
    assert found.passed
    assert found.samples == 4
    assert found.scores is not None
    assert found.scores.shape == (4, 3)
