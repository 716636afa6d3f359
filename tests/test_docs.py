"""What the README and docs/ show works: every IR block parses, every snippet runs, every flag exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from lgc import demo
from lgc.chain import read_chain
from lgc.cli import lgc as command_group
from lgc.cli import run_command
from lgc.text import parse_module, print_module
from lgc.training.datasets import read_dataset
from tests.support import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{page.name}:{number}", block)
        for page in PAGES
        for number, block in enumerate(
            re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)
        )
    ]


@pytest.mark.parametrize(("where", "text"), blocks("mlir"))
def test_ir_blocks_parse(where: str, text: str) -> None:
    module = parse_module(text, where)
    read_chain(module, recurrent=True)
    assert print_module(parse_module(print_module(module))) == print_module(module)


@pytest.mark.parametrize(("where", "code"), blocks("python"))
def test_snippets_run(
    where: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code, where, "exec"), {})


def commands() -> list[str]:
    return [line[2:] for _, block in blocks("console") for line in block.splitlines()]


def write_large_data(x: np.ndarray, y: np.ndarray, packed: np.ndarray) -> None:
    """The files that stand for large ones."""
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    feather = pytest.importorskip("pyarrow.feather", reason="pyarrow is not installed")
    np.save("huge.npy", np.unpackbits(packed, axis=1))
    np.save("packed.npy", packed)
    rows = pa.FixedSizeListArray.from_arrays(np.unpackbits(packed), 8 * packed.shape[1])
    parquet.write_table(pa.table({"id": np.arange(len(x)), "x": rows, "digit": y}), "huge.parquet")
    feather.write_feather(pa.table({"pixels": rows, "other": rows, "digit": y}), "huge.feather")


def write_flowers() -> None:
    """scikit-learn's irises as a table."""
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    read = datasets.load_iris()
    lines = [
        ",".join([*map(str, row), read.target_names[y]]) for row, y in zip(read.data, read.target)
    ]
    Path("flowers.csv").write_text("\n".join(["a,b,c,d,species", *lines, ""]))


def write_digits() -> None:
    """scikit-learn's digits, rows to learn from and rows to test with."""
    data = read_dataset("digits")
    np.savez("digits_train.npz", x=data.x_train, y=data.y_train)
    np.savez("digits_test.npz", x=data.x_test, y=data.y_test)


def test_every_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dask: str, ray: str
) -> None:
    """The commands of all pages in a folder with the files they name, on clusters of our own."""
    monkeypatch.chdir(tmp_path)
    with np.load(demo.model_path()) as arrays:
        layers = {name: arrays[name] for name in arrays.files}
    np.savez("state_dict.pt.npz", **{k: v for k, v in layers.items() if k.endswith("weights")})
    np.savez("indices.pt.npz", **{k: v for k, v in layers.items() if k.endswith("indices")})
    for name in ("state_dict.pt", "indices.pt"):
        Path(f"{name}.npz").rename(name)
    x, y, scores = demo.images()
    bits = np.concatenate([x > level for level in (2, 7, 12)], axis=1)
    np.savez("testset.npz", X=np.packbits(bits, axis=1), y=y, n_bits=bits.shape[1])
    write_large_data(x, y, np.packbits(bits, axis=1))
    Path("cell.blif").write_text(blocks("blif")[0][1])
    write_flowers()
    write_digits()
    np.save("sequences.npy", np.random.default_rng(0).integers(0, 2, (50, 9, 2)))
    assert run_command(["compile", str(demo.model_path()), "-O0", "-o", "model.mlir"]) == 0
    Path("still_wrong.sh").write_text('#!/bin/sh\ngrep -q circuit "$1"\n')
    Path("still_wrong.sh").chmod(0o755)
    ran = 0
    for line in commands():
        line = line.replace("tcp://scheduler:8786", dask).replace("head:6379", ray)
        words = shlex.split(line.rpartition("&& ")[2])
        if words[0] == "lgc":
            assert run_command(words[1:]) == 0, line
            ran += 1
        elif words[0] == "make" and shutil.which("iverilog") is not None:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    assert ran >= 14
    assert Path("predictions.npy").exists()
    assert (np.load("classes.npy") == np.load("predictions.npy")).all()
    assert (np.load("counts.npy") == scores).all()
    assert Path("smallest.mlir").exists()
    assert np.load("results.npy").shape == (50, 9, 1)


def test_the_two_commands_are_those_of_ci() -> None:
    first, second = commands()[:2]
    script = (ROOT / ".ci" / "run").read_text()
    assert first == "pip install . && lgc demo"
    assert second == "pip install -c constraints.txt -e '.[test]' && pytest"
    for part in (
        "install -q .",
        "lgc demo",
        "install -q -c constraints.txt -e '.[test]'",
        "pytest",
    ):
        assert part in script


def test_every_flag_in_the_pages_exists() -> None:
    scripts = (
        "cpu.py",
        "fpga.py",
        "convolution_fpga.py",
        "train.py",
        "refine.py",
        "train_layers.py",
    )
    files = [*(ROOT / "bench" / name for name in scripts), ROOT / "examples/idea/__main__.py"]
    benches = "".join(file.read_text() for file in files)
    known = set(re.findall(r'add_argument\(\s*"(--[a-z-]+)"', benches))
    for command in command_group.commands.values():
        for parameter in command.params:
            known |= set(parameter.opts) | set(parameter.secondary_opts)
    for page in PAGES:
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text()):
            assert flag in known, f"{page.name}: {flag}"
