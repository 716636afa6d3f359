"""Project folders: whole or not there, never over what somebody else wrote; errors in full."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.exchange import verilog
from lgc.hdl import Project, simulating
from lgc.model import Model
from tests.backends.corpus import model
from tests.hdl.tools import small


def said(message: str) -> str:
    return rf"\A{re.escape(message)}\Z"


def test_what_is_there(tmp_path: Path) -> None:
    project = small("64 features", tmp_path, stages=2, interface="valid", name="net", megahertz=80)
    names = {str(file.relative_to(project.folder)) for file in project.folder.rglob("*.*")}
    assert names >= {
        "rtl/net.v", "rtl/net_datapath.v", "rtl/files.f", "tb/net_tb.v", "tb/vectors.hex",
        "tb/expected.hex", "tb/cocotb_net.py", "tb/run_cocotb.py", "constraints/net.xdc",
        "constraints/net.sdc", "constraints/ice40.txt", "scripts/synth_ice40.ys",
        "scripts/synth_ecp5.ys", "scripts/synth_xilinx.ys", "scripts/vivado.tcl", "report.json",
        "README.md", "model.mlir",
    }  # fmt: skip
    assert [file.name for file in tmp_path.iterdir()] == ["project"]  # nothing beside it
    assert (
        "create_clock -name clk -period 12.500 [get_ports clk]"
        in (project.folder / "constraints" / "net.xdc").read_text()
    )
    report = Project.open(project.folder).report()
    assert sum(part["total"] for part in report["parts"].values()) == report["total"]
    assert sum(stage["registers"] for stage in report["stages"]) == report["registers"] > 0
    assert report["latency"] == 2
    assert report["checked"].startswith("random")
    assert report["options"]["interface"] == "valid"
    assert report["vectors"] == {
        "samples": 256, "origin": "random, near thresholds, seed 0", "accuracy": None,
    }  # fmt: skip
    readme = (project.folder / "README.md").read_text()
    assert "options: name=net, stages=2, interface=valid" in readme
    assert f"| all | {report['total']} |" in readme


def test_same_input_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = (small("ties", folder) for folder in (tmp_path, tmp_path / "other"))
    for file in one.folder.rglob("*.*"):
        assert file.read_bytes() == (other.folder / file.relative_to(one.folder)).read_bytes()


def test_data_from_a_file(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 2, (30, 64)).astype(np.uint8)
    right = Model(model("64 features")).evaluate(x).classes
    np.savez(tmp_path / "test.npz", x=x, y=right)
    project = small("64 features", tmp_path, data=tmp_path / "test.npz", samples=20)
    assert project.report()["vectors"] == {
        "samples": 20, "origin": "the first 20 samples of 30: test.npz", "accuracy": 1.0,
    }  # fmt: skip
    assert len((project.folder / "tb" / "vectors.hex").read_text().splitlines()) == 20


def test_never_over_anything_else(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    small("ties", tmp_path)  # an empty one is taken
    before = (folder / "report.json").read_bytes()
    message = f"{folder}: the folder is not empty\n  hint: --force replaces an older project, another folder leaves it"
    with pytest.raises(UsageError, match=said(message)):
        small("one gate", tmp_path)
    assert (folder / "report.json").read_bytes() == before
    (folder / "own.txt").write_text("kept until then")
    small("one gate", tmp_path, force=True)
    assert (folder / "report.json").read_bytes() != before
    assert not (folder / "own.txt").exists()
    (folder / "report.json").write_text("{}")
    message = f"{folder}: the folder is not empty and no project of lgc\n  hint: --force replaces nothing else; choose another folder"
    with pytest.raises(UsageError, match=said(message)):
        small("one gate", tmp_path, force=True)


def test_a_failure_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = small("ties", tmp_path)
    before = (project.folder / "report.json").read_bytes()

    def full(self: Path, target: Path) -> None:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        self.rename(target)

    monkeypatch.setattr(Path, "replace", full)
    message = f"{project.folder}: cannot be written: No space left on device"
    with pytest.raises(InputError, match=said(message)):
        small("one gate", tmp_path, force=True)
    assert (project.folder / "report.json").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["project"]


def test_folders_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Model(model("ties"))
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match=said(f"{file}: is a file, a folder is needed")):
        lgc.hdl.generate(source, file)
    message = f"{file}/a/b: the folder {file}/a does not exist"
    with pytest.raises(InputError, match=said(message)):
        lgc.hdl.generate(source, file / "a" / "b")
    monkeypatch.setattr("lgc.hdl.folder.os.access", lambda *_: False)
    message = f"{tmp_path}/new: cannot be written: permission denied"
    with pytest.raises(InputError, match=said(message)):
        lgc.hdl.generate(source, tmp_path / "new")


def test_no_project(tmp_path: Path) -> None:
    message = f"{tmp_path}: there is no report.json of a project of lgc\n  hint: lgc.hdl.generate(model, folder) makes one"
    with pytest.raises(InputError, match=said(message)):
        Project.open(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"megahertz": 0}, "--megahertz: 0 MHz is no clock"),
        ({"samples": 0}, "--samples: is 0, 1 at least"),
        ({"stages": 1000}, None),
    ],
)
def test_options_that_are_refused(given: dict[str, int], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said(message) if message else "more than the logic"):
        small("ties", tmp_path, **given)
    assert not list(tmp_path.iterdir())


def test_samples_that_are_refused(tmp_path: Path) -> None:
    project = small("64 features", tmp_path, input_format="u4")
    with pytest.raises(InputError, match=said("a sample has 3 numbers, the model reads 64")):
        project.simulate(np.zeros((2, 3)))
    with pytest.raises(InputError, match="16 is no number of the format u4"):
        project.simulate(np.full((2, 64), 16))
    message = "--input-format u4: packed bits are what thresholds give, the hardware reads numbers"
    with pytest.raises(InputError, match=said(message)):
        project.simulate(lgc.packed(np.zeros((2, 64), bool)))
    source = Model(model("64 features"))
    with pytest.raises(InputError, match=said("given arrays: there are no samples")):
        lgc.hdl.generate(source, tmp_path / "made", data=np.zeros((0, 64)))
    with pytest.raises(InputError, match=said("labels: (3,) labels for 2 samples")):
        lgc.hdl.generate(source, tmp_path / "made", data=np.zeros((2, 64)), labels=[1, 2, 3])


def test_missing_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = small("ties", tmp_path)
    with pytest.raises(
        UsageError, match=said("simulator: 'vcs' is no simulator\n  hint: one of icarus, verilator")
    ):
        project.simulate(simulator="vcs")  # type: ignore[arg-type]
    with pytest.raises(
        UsageError, match=said("family: 'gowin' is no family\n  hint: one of ice40, ecp5, xilinx")
    ):
        project.synthesize("gowin")  # type: ignore[arg-type]
    monkeypatch.setattr(simulating.shutil, "which", lambda _: None)
    for simulator, program in (("icarus", "iverilog"), ("verilator", "verilator")):
        message = f"{program} is needed for this simulation and is not installed\n  hint: apt install {program}"
        with pytest.raises(UnsupportedError, match=said(message)):
            project.simulate(simulator=simulator)  # type: ignore[arg-type]
    monkeypatch.setattr(verilog, "find_spec", lambda _: None)
    message = "Yosys is needed for Verilog and is not installed\n  hint: pip install 'lgc[yosys]', or install the program yosys"
    with pytest.raises(UnsupportedError, match=said(message)):
        project.synthesize("ice40")


def test_lgc_hdl_is_loaded_when_it_is_used() -> None:
    code = (
        "import sys, lgc; assert 'lgc.hdl' not in sys.modules and 'numpy' not in sys.modules;"
        "lgc.hdl.generate; assert 'lgc.hdl' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
