"""lgc inspect: what it says of files of every frontend, of what they lack, and of strangers."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc import demo, registry
from lgc.cli import run_command
from lgc.errors import InputError

BARE = {
    "1.weights": np.eye(4, 16, dtype=np.float32),
    "2.weights": np.eye(2, 16, dtype=np.float32),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command line in an empty folder; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def rows(out: str) -> list[list[str]]:
    """Words of every line."""
    return [line.split() for line in out.splitlines()]


def test_what_is_missing_and_which_flag_gives_it(run) -> None:
    np.savez("m.npz", **BARE)
    code, out, err = run("inspect", "m.npz")
    assert (code, err) == (0, "")
    assert out.startswith("m.npz: difflogic state dict\nfile ")
    said = [" ".join(line) for line in rows(out)]
    assert "holds format npz" in said
    assert "layers 2, of 6 gates" in said
    assert "layer 1 4 gates, 16 float32 weights each, no wiring" in said
    assert (
        "missing --wiring which two nets each gate of all layers reads: "
        "a file that holds it or replay:…, which --try-replay finds" in said
    )
    assert "--classes number of classes, GroupSum's k; divides 2" in said
    assert "--tau GroupSum's divisor; 1 gives plain counts" in said
    assert "assumed --input bool, a bit is x > 0; how numbers become bits is in no file" in said
    assert "model" not in out
    told = json.loads(run("inspect", "m.npz", "--json", "--classes", 2, "--input", "round")[1])
    assert [one["flag"] for one in told["missing"]] == ["--wiring", "--tau"]
    assert told["assumed"] == []
    assert told["model"] is None
    assert told["bytes"] == Path("m.npz").stat().st_size


def test_four_weights_a_gate_need_a_word(run) -> None:
    np.savez("m.npz", **{"1.weights": np.eye(4, dtype=np.float32)})
    asked = json.loads(run("inspect", "m.npz", "--json")[1])["missing"][-1]
    assert (asked["flag"], asked["choices"]) == ("--parametrisation", ["sigmoid", "linear", "sin"])
    assert "what the four weights of a gate are: sigmoid or linear" in run("inspect", "m.npz")[1]


def test_what_is_there_is_loaded(run) -> None:
    code, out, err = run("inspect", demo.model_path())
    assert (code, err) == (0, "")
    said = [" ".join(line) for line in rows(out)]
    assert said[-3:] == [
        "model reads 64 numbers as 192 bits",
        "computes 4,000 gates in 4 layers",
        "gives 10 classes from 1,000 bits, tau 6",
    ]
    assert "missing" not in out
    wiring = {
        "1.indices": np.array([[0, 1, 2, 3], [1, 2, 3, 0]]),
        "2.indices": np.eye(2, dtype=int),
    }
    np.savez("m.npz", **BARE, **wiring)
    told = json.loads(run("inspect", "m.npz", "--json", "--classes", 2, "--tau", 1)[1])
    assert told["model"]["features"] == 4
    assert told["warnings"] == [
        "m.npz: the input width is not in the file; 4 is the least that the wiring allows, "
        "--inputs states it"
    ]
    assert told["refused"] is None
    code, out, _ = run("inspect", "m.npz", "--classes", 3, "--tau", 1)
    assert code == 0
    assert "refused m.npz: 2 outputs do not fall into 3 equal groups" in " ".join(out.split())


@pytest.mark.parametrize(
    ("suffix", "frontend", "kind", "gives"),
    [
        (".aig", "aiger", "AIGER circuit, binary", "gives 1,000 bits"),
        (".aag", "aiger", "AIGER circuit, ASCII", "gives 1,000 bits"),
        (".blif", "blif", "BLIF circuit", "gives 1,000 bits"),
        (".bench", "bench", "BENCH circuit", "gives 1,000 bits"),
        (".csv", "gate-list", "gate list", "gives 10 classes from 1,000 bits, tau 6"),
        (".mlir", "mlir", "IR text", "gives 10 classes from 1,000 bits, tau 6"),
        (".v", "verilog", "Verilog that lgc wrote", "gives a class, a number of 4 bits"),
        (".lgk", "kernel", "lgc kernel", "gives 10 classes from 1,000 bits, tau 6"),
    ],
)
def test_every_format(run, suffix: str, frontend: str, kind: str, gives: str) -> None:
    if suffix == ".v" and shutil.which("yosys") is None:
        pytest.importorskip("pyosys", reason="Yosys is not installed")
    assert run("compile", demo.model_path(), "-O1", "-o", f"m{suffix}")[0] == 0
    code, out, err = run("inspect", f"m{suffix}")
    assert (code, err) == (0, "")
    assert out.startswith(f"m{suffix}: {kind}\n")
    assert " ".join(rows(out)[-1]) == gives
    found = lgc.inspect(f"m{suffix}")
    assert found.frontend == frontend
    assert found.model is not None
    assert found.found.holds
    if suffix in (".aig", ".aag", ".blif", ".bench"):
        assert [one.option for one in found.found.assumed] == ["input", "classes"]
        told = lgc.inspect(f"m{suffix}", classes=10, input="round").found.assumed
        assert [one.option for one in told] == ["tau"]


@pytest.mark.parametrize(
    ("name", "content", "kind", "shown"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0\x00", "a JPEG image", "begins with ff d8 ff e0 00 ....."),
        ("a.txt", b"hello [red]you[/]\n", "text", "begins with 'hello [red]you[/]'"),
        ("a.json", b'{"trees": [1, 2], "x": {"y": 1}}', "JSON", "trees list of 2"),
        ("a.json", b'{"trees": [1, 2]', "JSON", "reading it is no whole JSON"),
        (
            "a.pt",
            pickle.dumps({"a": 1}),
            "a bare pickle",
            "reading this is a bare pickle, which lgc never loads",
        ),
        ("a.gz", gzip.compress(b"hello", mtime=0), "compressed by gzip", "begins with 1f 8b"),
        ("a", b"", "an empty file", "size 0 bytes"),
        ("a", b"\x00\x01\x02", "binary data", "begins with 00 01 02"),
    ],
)
def test_strangers_are_shown(run, name: str, content: bytes, kind: str, shown: str) -> None:
    Path(name).write_bytes(content)
    code, out, err = run("inspect", name)
    assert code == 1
    assert err.startswith(f"error: {name}: no frontend knows this kind of file\n  hint: there are")
    assert out.startswith(f"{name}: not known to lgc: {kind}\n")
    assert shown in " ".join(out.split())
    for entry in registry.entries("frontends"):
        assert f" {entry} " in out
    code, out, _ = run("inspect", name, "--json")
    assert (code, json.loads(out)["frontend"]) == (1, None)


def test_the_keys_of_strangers_are_shown(run) -> None:
    np.savez("a.npz", **{f"dense{i}/kernel": np.zeros((3, i)) for i in range(50)})
    out = run("inspect", "a.npz")[1]
    assert "a file of arrays, but none that a frontend knows" in out
    assert "dense7/kernel float64 (3, 7)" in " ".join(out.split())
    assert "… 10 more" in " ".join(out.split())


def test_damaged_and_missing_files(run) -> None:
    Path("a.aag").write_bytes(b"aag 3 1 0 1 1\n2\n6\n")
    code, out, err = run("inspect", "a.aag")
    assert (code, out) == (1, "")
    assert err.startswith("error: a.aag")
    Path("broken.npz").write_bytes(b"PK\x03\x04" + bytes(40))
    assert run("inspect", "broken.npz")[2].startswith("error: broken.npz: the archive is damaged")
    for path, message in (
        ("none", "there is no such file"),
        (".", "is a folder, a file is needed"),
    ):
        with pytest.raises(InputError) as caught:
            lgc.inspect(path)
        assert str(caught.value) == f"{path}: {message}"


def test_a_frontend_by_name(run) -> None:
    Path("a.txt").write_text(".model a\n.inputs x y\n.outputs z\n.names x y z\n11 1\n.end\n")
    told: dict[str, Any] = json.loads(run("inspect", "a.txt", "--frontend", "blif", "--json")[1])
    assert told["holds"] == [
        ["inputs", "2 bits"],
        ["gates", "1, of up to 2 inputs"],
        ["outputs", "1 bits"],
        ["names of inputs", "x, y"],
        ["names of outputs", "z"],
    ]
