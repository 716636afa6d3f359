"""lgc train: from data to a network that is compiled and proved, stopped and gone on with."""

from __future__ import annotations

import re
import shlex
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from lgc.cli import run_command  # noqa: E402

TRAIN = (
    "train", "--data", "rows.npz", "--arch", "2x40", "--tau", "2", "--epochs", "5", "--batch", "16",
    "--lr", "0.05", "--weight-init", "normal",
)  # fmt: skip


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command line in a folder with data; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(3).integers(0, 2, (150, 5), np.uint8)
    y = np.where(x[:, 0] ^ x[:, 1], "odd", "even")
    np.savez("rows.npz", x_train=x[:120], y_train=y[:120], x_test=x[120:], y_test=y[120:])

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


def test_the_whole_way(run) -> None:
    code, out, err = run(*TRAIN, "-o", "a.pt", "--kernel", "a.lgk")
    assert code == 0, err
    shown = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines())
    assert list(shown) == [
        "accuracy on 30 test rows", "weights", "gates", "kernel and network", "speed"
    ]  # fmt: skip
    _, hard, compiled = re.findall(r"([0-9.]+)%", shown["accuracy on 30 test rows"])
    assert hard == compiled
    assert shown["weights"] == "of step 35, after 5 of 5 epochs"
    assert re.fullmatch(r"80, compiled \d+", shown["gates"])
    assert shown["kernel and network"].startswith("equal scores on all test rows, ")
    lines = err.splitlines()
    assert lines[0] == "rows: 120 rows of 5 numbers, 2 classes; evaluated on held-back rows"
    assert [line[:11] for line in lines[1:6]] == [f"epoch {n}/5  " for n in range(1, 6)]
    assert re.search(r"relaxed +[0-9.]+%  hard +[0-9.]+%  gap +[+-][0-9.]+  ", lines[1])
    assert lines[-1] == "wrote a.pt and a.lgk"
    # the file needs no flags, and is what the kernel is
    assert run("compile", "a.pt", "-o", "b.lgk")[0] == 0
    assert run("check", "a.lgk", "b.lgk")[0] == 0
    code, out, err = run("run", "b.lgk", "rows.npz", "--x", "x_test", "-o", "p.npy")
    assert code == 0, err
    with np.load("rows.npz") as rows:
        right = np.load("p.npy") == (rows["y_test"] == "odd")
    assert f"{100 * right.mean():.2f}" == hard


def test_records(run) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    more = "--plot", "a.svg", "--log", "a.csv", "--tensorboard", "board"
    code, _, err = run(*TRAIN, "-o", "a.pt", *more)
    assert code == 0, err
    table = Path("a.csv").read_text().splitlines()
    assert table[0] == "epoch,step,steps,loss,relaxed,hard,seconds,gap"
    assert [row.split(",")[0] for row in table[1:]] == list("12345")
    assert Path("a.svg").read_text().startswith("<?xml")
    (events,) = Path("board").iterdir()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(events)).Reload()
    hard = [event.value for event in read.Scalars("accuracy/hard")]
    assert hard == pytest.approx([float(row.split(",")[5]) for row in table[1:]])


def test_stopped_and_gone_on_with(run, monkeypatch: pytest.MonkeyPatch) -> None:
    from lgc.training import logs

    assert run(*TRAIN, "-o", "whole.pt", "--log", "whole.csv")[0] == 0
    plain = logs.csv_record

    def pressing(path: Path) -> Any:
        record = plain(path)

        def press(history: Any) -> None:
            record(history)
            if len(history) == 2:
                signal.raise_signal(signal.SIGINT)

        return press

    monkeypatch.setattr(logs, "csv_record", pressing)
    code, out, err = run(*TRAIN, "-o", "a.pt", "--log", "a.csv")
    assert (code, out) == (130, "")
    again = "lgc train --data rows.npz -o a.pt --resume a.checkpoint"
    assert err.splitlines()[-1] == f"stopped at step 14; to go on: {again}"
    assert not Path("a.pt").exists()
    code, out, err = run(*shlex.split(again)[1:], "--log", "a.csv")
    assert code == 0, err
    assert "epoch 3/5" in err
    assert "epoch 2/5" not in err

    def columns(name: str) -> list[list[str]]:
        rows = [row.split(",") for row in Path(name).read_text().splitlines()]
        return [row[:6] + row[7:] for row in rows]

    assert columns("a.csv") == columns("whole.csv")
    left, right = (torch.load(name, weights_only=True) for name in ("a.pt", "whole.pt"))
    assert all(torch.equal(left[key], right[key]) for key in left)


def test_the_same_command_gives_the_same_file(run) -> None:
    for name in ("a.pt", "b.pt"):
        assert run("-q", *TRAIN, "-o", name)[0] == 0
    assert Path("a.pt").read_bytes() == Path("b.pt").read_bytes()


def test_a_table(run) -> None:
    random = np.random.default_rng(0)
    lines = ["age,town,rich"]
    for _ in range(200):
        age, town = random.integers(20, 80), random.choice(["Rome", "Oslo"])
        lines.append(f"{age},{town},{'yes' if (age > 50) == (town == 'Rome') else 'no'}")
    Path("people.csv").write_text("\n".join([*lines, "?,Rome,no", ""]))
    more = "--arch", "2x40", "--tau", "2", "--epochs", "3", "-o", "a.pt"
    code, _, err = run("train", "--data", "people.csv", "--label", "rich", *more)
    assert code == 1
    assert err.startswith(
        "error: people.csv: 1 of 201 rows lack values (by column: 'age' 1); the first is row 201\n"
    )
    code, _, err = run(
        "train", "--data", "people.csv", "--label", "rich", "--missing", "drop", *more
    )
    assert code == 0, err
    assert "people.csv: 1 of 201 rows lack values, left out" in err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--arch", "6*8000"], "error: arch: '6*8000' is no architecture"),
        (["--plot", "a.jpg"], "error: a.jpg: pictures are .png or .svg, not '.jpg'"),
        (["--log", "no/a.csv"], "error: no/a.csv: the folder no does not exist"),
        (["--resume", "none"], "error: none: there is no such checkpoint"),
        (["--schedule", "step"], "error: Invalid value for '--schedule'"),
        (["--logic", "fuzzy"], "error: LogicLayer: logic is one of product, "),
    ],
)
def test_what_is_refused(run, more: list[str], message: str) -> None:
    code, out, err = run(*TRAIN, "-o", "a.pt", *more)
    assert (code, out) == (1, "")
    assert message in err
    assert not Path("a.pt").exists()


def test_a_bar_on_a_terminal(run) -> None:
    code, _, err = run("--color", "always", *TRAIN, "-o", "a.pt")
    assert code == 0, err
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", err)
    assert re.search(r"loss \d\.\d{3} ━+ 35/35 ", plain)
    assert "epoch 5/5  loss" in plain
    code, out, err = run("-q", *TRAIN, "-o", "a.pt")
    assert (code, err) == (0, "")
    assert out.startswith("accuracy on 30 test rows")
