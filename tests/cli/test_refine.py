"""lgc refine: what is printed, the file, and what `lgc check` says of it."""

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
    np.savez("train.npz", x=x[:200], y=y[:200])
    np.savez("other.npz", x=x[:80], y=y[:80])
    np.savez("test.npz", x=x[280:], y=y[280:])
    np.savez("bare.npz", x=x)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


def test_a_smaller_network(run) -> None:
    code, out, err = run(
        "refine", demo.model_path(), "--data", "train.npz", "--validation-data", "other.npz",
        "--test", "test.npz", "--goal", "size", "--rounds", "2", "--wires", "4",
        "-o", "small.mlir",
    )  # fmt: skip
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("gates after -O2: ")
    assert lines[1].startswith("accuracy on 200 training rows: ")
    assert lines[2].startswith("accuracy on 80 held-back rows: ")
    assert lines[3].startswith("accuracy on 80 test rows: ")
    assert lines[4].split()[1:3] == ["candidates/s", "in"]
    rounds = [line for line in err.splitlines() if line.startswith("round ")]
    assert [line.split(":")[0] for line in rounds] == ["round 1", "round 2"]
    assert ", held back " in rounds[0]
    note = parse_module(Path("small.mlir").read_text()).attributes["lgc.refine"].data
    assert "goal size" in note
    code, out, _ = run("check", demo.model_path(), "small.mlir")
    assert code == 1
    assert out.splitlines()[1] == f"small.mlir is refined: {note}"
    assert run("compile", "small.mlir", "-o", "small.lgk")[0] == 0
    code, out, _ = run("check", "small.mlir", "small.lgk")
    assert code == 0
    assert f"small.lgk is refined: {note}" in out


def test_nothing_held_back(run) -> None:
    code, out, err = run(
        "-q", "refine", demo.model_path(), "--data", "train.npz", "--validation", "0",
        "--rounds", "1", "--wires", "0", "-o", "better.mlir",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "held-back" not in out


def test_no_round_is_better(run) -> None:
    x, y, _ = demo.images()
    np.savez("wrong.npz", x=x, y=(y + 1) % 10)
    code, out, err = run(
        "refine", demo.model_path(), "--data", "wrong.npz", "--validation-data", "test.npz",
        "--rounds", "1", "--wires", "0", "-o", "same.mlir",
    )  # fmt: skip
    assert code == 0
    before, after = out.splitlines()[0].removeprefix("gates after -O2: ").split(" to ")
    assert before == after
    assert err.endswith(
        "no round was better: the model is what it was\n"
        "  hint: rows held back that it was trained on are no guard; see --validation-data\n"
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ("-o", "small.lgk"),
            "error: small.lgk: a refined model is written as IR\n  hint: .mlir\n",
        ),
        (
            ("-o", "small.mlir", "--rounds", "0"),
            "error: refine: rounds must be at least 1, not 0\n",
        ),
        (
            ("-o", "small.mlir", "--test", "bare.npz"),
            "error: bare.npz: has no labels\n  hint: accuracy needs them\n",
        ),
    ],
)
def test_wrong_use(run, more: tuple[str, ...], said: str) -> None:
    code, out, err = run("-q", "refine", demo.model_path(), "--data", "train.npz", *more)
    assert (code, out, err) == (1, "", said)
    assert not Path("small.mlir").exists()
