"""lgc approximate: the table, the picture, the file, and what `lgc check` says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lgc import demo
from lgc.cli import run_command
from lgc.text import parse_module


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command line in a folder with data; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    x, y, _ = demo.images()
    np.savez("images.npz", x=x[:240], y=y[:240])
    np.savez("test.npz", x=x[240:], y=y[240:])
    np.savez("bare.npz", x=x)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


def test_the_curve_and_the_file(run) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    code, out, err = run(
        "approximate", demo.model_path(), "--data", "images.npz", "--test", "test.npz",
        "--budget", "5", "--tolerance", "4", "-o", "small.mlir", "--plot", "curve.svg",
    )  # fmt: skip
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert out.splitlines()[0].split("  ")[0] == "nets may differ on"
    assert "192 training rows" in out
    assert "48 held back" in out
    assert [line[0] for line in lines[1:8]] == ["as", "0", "0.2", "0.5", "1", "2", "3"]
    assert sum(line[-1] == "kept" for line in lines) == 1
    assert lines[-1][:5] == ["accuracy", "on", "120", "test", "rows:"]
    assert err.splitlines()[-1] == "wrote curve.svg"
    assert Path("curve.svg").read_text().startswith("<?xml")
    note = parse_module(Path("small.mlir").read_text()).attributes["lgc.approximate"].data
    assert "on 48 rows held back" in note
    code, out, _ = run("check", demo.model_path(), "small.mlir")
    assert code == 1
    assert out.startswith("different (random, ")
    assert out.splitlines()[1] == f"small.mlir is approximate: {note}"
    assert run("compile", "small.mlir", "-o", "small.lgk")[0] == 0
    code, out, _ = run("check", "small.mlir", "small.lgk")
    assert code == 0
    assert f"small.lgk is approximate: {note}" in out


def test_held_back_data_of_its_own(run) -> None:
    code, out, err = run(
        "-q", "approximate", demo.model_path(), "--data", "images.npz",
        "--held-back-data", "test.npz", "--tolerance", "0", "-o", "small.mlir",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "240 training rows" in out
    assert "120 held back" in out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ("-o", "small.lgk"),
            "error: small.lgk: an approximate model is written as IR\n  hint: .mlir\n",
        ),
        (
            ("-o", "small.mlir", "--plot", "curve.pdf"),
            "error: curve.pdf: pictures are .png or .svg, not '.pdf'\n",
        ),
        (
            ("-o", "small.mlir", "--budget", "-1"),
            "error: lgc approximate: a budget is 0 to 100 points, not -1\n",
        ),
        (
            ("-o", "small.mlir", "--test", "bare.npz"),
            "error: bare.npz: has no labels\n  hint: accuracy needs them\n",
        ),
    ],
)
def test_wrong_use(run, more: tuple[str, ...], said: str) -> None:
    code, out, err = run("approximate", demo.model_path(), "--data", "images.npz", *more)
    assert (code, out, err) == (1, "", said)
    assert not Path("small.mlir").exists()
