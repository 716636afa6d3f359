"""`lgc run`, streams and batches of sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.model import Model
from tests.recurrent.cases import random_machine, sequences


def run(*words: Any) -> int:
    return run_command([str(word) for word in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    machine = random_machine(0, 12, 9, classes=3)
    Model(machine.module).save(tmp_path / "m.mlir")
    np.save(tmp_path / "x.npy", sequences(machine, 40, 7))
    return tmp_path


@pytest.mark.parametrize(
    ("flag", "what"), [("--counts", "counts"), ("--bits", "bits"), ("", "predict")]
)
@pytest.mark.parametrize("suffix", ["npy", "csv", "parquet"])
def test_results_of_every_step_are_written(
    folder: Path, flag: str, what: Any, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    machine = random_machine(0, 12, 9, classes=3)
    bits, _ = machine.golden(np.load(folder / "x.npy"))
    counts = machine.counts(bits)
    expected = {"counts": counts, "bits": bits, "predict": counts.argmax(axis=2)}[what]
    assert run("compile", folder / "m.mlir", "-o", folder / "m.lgk") == 0
    output = folder / f"out.{suffix}"
    assert run("run", folder / "m.lgk", folder / "x.npy", "-o", output, *flag.split()) == 0
    if suffix == "npy":
        assert np.array_equal(np.load(output), expected)
    elif suffix == "csv":
        assert np.array_equal(np.loadtxt(output, delimiter=","), expected.reshape(40, -1))
    else:
        import pyarrow.parquet as parquet

        rows = parquet.read_table(output).column(0).to_pylist()
        assert np.array_equal(np.array(rows), expected.reshape(40, -1))
    if what == "predict":
        times = np.bincount(expected.ravel(), minlength=3)
        shown = ", ".join(f"{number}: {count}" for number, count in enumerate(times) if count)
        assert capsys.readouterr().out.strip() == f"classes {shown}"


def test_labels_are_those_of_the_last_step(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = random_machine(0, 12, 9, classes=3)
    x = np.load(folder / "x.npy")
    last = machine.counts(machine.golden(x)[0]).argmax(axis=2)[:, -1]
    last[:10] = (last[:10] + 1) % 3
    np.savez(folder / "x.npz", x=x, y=last)
    assert run("run", folder / "m.mlir", folder / "x.npz") == 0
    assert capsys.readouterr().out.strip() == "accuracy 75.0000% (30 of 40)"


def test_rows_that_are_no_sequences_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(folder / "flat.npy", np.zeros((5, 12), np.uint8))
    assert run("run", folder / "m.mlir", folder / "flat.npy", "-o", folder / "o.npy") == 1
    assert "sequences have the shape (n, steps, 12), not (5, 12)" in capsys.readouterr().err
    assert not (folder / "o.npy").exists()


def test_a_machine_that_reads_nothing_takes_empty_samples(tmp_path: Path) -> None:
    machine = random_machine(1, 0, 9)
    Model(machine.module).save(tmp_path / "m.mlir")
    np.save(tmp_path / "x.npy", np.zeros((3, 5, 0), np.uint8))
    assert run("run", tmp_path / "m.mlir", tmp_path / "x.npy", "-o", tmp_path / "o.npy") == 0
    bits, _ = machine.golden(np.zeros((3, 5, 0), np.uint8))
    assert np.array_equal(np.load(tmp_path / "o.npy"), bits)


def test_batches_one_by_one(folder: Path) -> None:
    machine = random_machine(0, 12, 9, classes=3)
    kernel = lgc.compile(Model(machine.module))
    x = np.load(folder / "x.npy")
    counts = machine.counts(machine.golden(x)[0])
    found = list(kernel.predict_iter((x[:15], x[15:]), "counts"))
    assert np.array_equal(np.concatenate(found), counts)


@pytest.mark.parametrize("command", ["bench", "verify"])
def test_commands_that_know_no_state_say_so(
    folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--property", "dead-inputs"] if command == "verify" else []
    assert run(command, folder / "m.mlir", *more) == 1
    assert "the model is recurrent, with a state of 9 bits" in capsys.readouterr().err


def test_commands_that_know_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("report", folder / "m.mlir") == 0
    assert "state          9 bits" in capsys.readouterr().out
    assert run("opt", folder / "m.mlir", "-p", "O3", "--check=proof", "-o", folder / "o.mlir") == 0
    assert run("check", folder / "m.mlir", folder / "o.mlir", "--proof") == 0


@pytest.mark.parametrize(
    "words",
    [
        *(["compile", "m.mlir", "-o", f"o{suffix}"] for suffix in
          (".o", ".so", ".s", ".ll", ".bench", ".csv", ".cnf", ".smt2")),
        ["compile", "m.mlir", "--tune", "-o", "o.lgk"],
        ["opt", "m.mlir", "-p", "unpack,to-comb"],
        ["reduce", "m.mlir", "--test", "./test.sh", "-o", "o.mlir"],
        ["approximate", "m.mlir", "--data", "y.npz", "-o", "o.mlir"],
    ],
    ids=str,
)  # fmt: skip
def test_what_takes_no_state_refuses_it_by_name(
    folder: Path,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    Path("test.sh").write_text("#!/bin/sh\nexit 0\n")
    Path("test.sh").chmod(0o755)
    np.savez("y.npz", x=np.zeros((40, 12), np.uint8), y=np.arange(40) % 3)
    assert run(*words) == 1
    assert "the model is recurrent, with a state of 9 bits, and this takes models without one" in (
        capsys.readouterr().err
    )
    assert not [path for path in folder.iterdir() if path.name.startswith("o.")]
