"""lgc compile --target verilog, and lgc report of what it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lgc import demo
from tests.cli.test_commands import run  # noqa: F401, a fixture

FLAGS = ["--target", "verilog", "--family", "ice40", "--stages", "3"]


@pytest.fixture
def project(run: Any) -> Path:  # noqa: F811
    code, out, err = run("-v", "compile", demo.model_path(), *FLAGS, "--samples", "8", "-o", "net")
    assert (code, out) == (0, "")
    assert "LUTs, " in err
    assert err.endswith("wrote net\n")
    return Path("net")


def test_report_shows_parts_and_stages(project: Path, run: Any) -> None:  # noqa: F811
    code, out, err = run("report", project)
    assert (code, err) == (0, "")
    found = json.loads((project / "report.json").read_text())
    lines = [line.split() for line in out.splitlines() if line]
    assert ["latency", "3", "clock", "cycles,", "a", "sample", "every", "1"] in lines
    stages = lines[-3:]
    assert [line[0] for line in stages] == ["0", "1", "2"]
    for line, stage in zip(stages, found["stages"]):
        assert line[1].replace(",", "") == str(stage["depth"])
        assert str(stage["registers"]) in [word.replace(",", "") for word in line]
    assert json.loads(run("report", "--json", project)[1]) == found


def test_stages_are_drawn(project: Path, run: Any) -> None:  # noqa: F811
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    assert run("report", project, "--plot", "stages.svg")[2] == "wrote stages.svg\n"
    picture = Path("stages.svg").read_text()
    assert picture.startswith("<?xml")
    code, _, err = run("report", demo.model_path(), "--plot", "a.png")
    assert code == 1
    assert err == "error: --plot: only hardware projects have stages to draw\n"


def test_a_folder_that_is_there(project: Path, run: Any) -> None:  # noqa: F811
    before = sorted(str(path) for path in project.rglob("*"))
    code, _, err = run("compile", demo.model_path(), *FLAGS, "-o", project)
    assert code == 1
    assert "--force" in err
    assert sorted(str(path) for path in project.rglob("*")) == before
    assert (
        run("compile", demo.model_path(), *FLAGS, "--force", "--name", "top", "-o", project)[0] == 0
    )
    assert (project / "rtl" / "top.v").exists()


def test_a_folder_that_is_no_project(run: Any) -> None:  # noqa: F811
    Path("other").mkdir()
    Path("other/file").write_text("kept")
    assert run("compile", demo.model_path(), *FLAGS, "--force", "-o", "other")[0] == 1
    assert Path("other/file").read_text() == "kept"
    assert run("report", "other")[0] == 1
