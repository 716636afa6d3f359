"""``lgc bench``: what it prints, its JSON, peers, pictures."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree
from pathlib import Path

import numpy as np
import pytest

from lgc import demo, peers
from lgc.chain import Sums, build_module
from lgc.cli import lgc, run_command
from lgc.text import print_module
from tests.support import random_layers

Outcome = tuple[int, str, str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``lgc bench`` with few runs in a folder with a small model; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    module = build_module(12, random_layers([60, 50, 40], 12, 0), Sums(4, 3.0), dtype="uint8")
    Path("model.mlir").write_text(print_module(module))

    def call(*arguments: object) -> Outcome:
        line = ["bench", *map(str, arguments), "--repeat", "2"]
        code = run_command(line)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


def first_words(out: str) -> list[str]:
    return [line.split("  ")[0] for line in out.splitlines() if line and line[0] != " "]


def test_tables(run) -> None:
    code, out, err = run("model.mlir", "--rows", "600", "--batches", "1, 64", "--against", "numpy")
    assert (code, err) == (0, "")
    names = first_words(out)
    assert names[:7] == [
        "600 rows of uint8", "packing", "gates", "class sums", "unpacking",
        "all phases, 1 thread", "call from Python, 1 thread",
    ]  # fmt: skip
    assert names[7] == "against the machine"
    assert names[8].startswith("gates on registers, ")
    assert names[9:-5] == ["planes from L1", "rows from L1, packing", "planes, and the program"]
    assert names[-5:-2] == ["rows in a batch", "1", "64"]
    assert names[-2] == "bool rows in, classes out"
    assert names[-1].startswith("NumPy ")
    assert "█" in out


def test_json(run) -> None:
    arguments = ("model.mlir", "--rows", "300", "--threads", "2", "--engine", "table", "--json")
    code, out, err = run(*arguments, "--against", "torch", "--against", "numpy", "--batches", "7")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert set(found["seconds"]) == {
        "packing", "gates", "class sums", "unpacking", "total", "call",
    }  # fmt: skip
    assert found["seconds"].pop("class sums") >= 0
    assert all(seconds > 0 for seconds in found["seconds"].values())
    assert found["images_per_second"] == pytest.approx(300 / found["seconds"]["call"])
    assert (found["rows"], found["dtype"], found["threads"]) == (300, "uint8", 2)
    assert found["kernel"]["engine"] == "table"
    traffic, kernel = found["traffic"], found["kernel"]
    assert kernel["stores"] < traffic["loads"] == kernel["loads"] <= 3 * kernel["program_gates"]
    assert traffic["stores"] == kernel["stores"] == traffic["gates"]
    assert 0 < traffic["sums"] < traffic["gates"]
    assert set(found["limits"]["bandwidth"]) == set(found["share"]["bandwidth"])
    assert found["row_bytes"] == 300 * 12
    assert kernel["program_bytes"] > 8 * kernel["program_gates"]  # records
    assert list(found["batches"]) == ["7"]
    assert [one["title"].split()[0] for one in found["against"]] == ["torch", "NumPy"]
    assert all(one["ratio"] > 0 and one["rows"] == 300 for one in found["against"])


def test_data_of_every_kind(run) -> None:
    assert run_command(["compile", "model.mlir", "-o", "m.lgk"]) == 0
    bits = np.random.default_rng(0).integers(0, 2, (100, 12))
    np.save("x.npy", bits.astype(np.float32))
    np.savez("packed.npz", X=np.packbits(bits, axis=1), n_bits=12)
    assert run("m.lgk", "x.npy", "--against", "numpy")[1].startswith("100 rows of float32 ")
    assert run("m.lgk", "packed.npz", "--against", "torch")[1].startswith("100 rows of packed bits")
    module = build_module(12, random_layers([60, 50], 12, 0), None, dtype="uint8")
    Path("bits.mlir").write_text(print_module(module))
    code, out, _ = run("bits.mlir", "x.npy")
    assert code == 0
    code, out, err = run("bits.mlir", "--against", "numpy")
    assert (code, out) == (1, "")
    assert err.startswith("error: peer numpy: the model has no class sums")


def test_thresholds_stay_outside(run) -> None:
    """Peers get what the thermometer gives, and so does the kernel beside them."""
    code, out, _ = run(demo.model_path(), "--rows", "200", "--against", "torch", "--json")
    assert code == 0
    assert json.loads(out)["against"][0]["rows"] == 200


def test_disagreement_is_a_bug(run, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = peers.Peer("wrong", lambda x: np.full(len(x), 99), 1, 0.0)
    monkeypatch.setattr(peers, "make", lambda *_: wrong)
    code, out, err = run("model.mlir", "--rows", "50", "--against", "numpy")
    assert (code, out) == (2, "")
    assert "the kernel and wrong disagree on 50 of 50 rows, first on row 0" in err


def test_peers_are_those_there_are() -> None:
    against = next(one for one in lgc.commands["bench"].params if one.name == "against")
    assert tuple(against.type.choices) == peers.NAMES  # type: ignore[attr-defined]


@pytest.mark.parametrize("extra", [(), ("--against", "numpy", "--batches", "1,64,600")])
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_pictures(run, suffix: str, extra: tuple[str, ...]) -> None:
    code, _, err = run("model.mlir", "--rows", "600", "--plot", f"a.{suffix}", *extra)
    assert (code, err) == (0, f"wrote a.{suffix}\n")
    if suffix == "png":
        import matplotlib.image

        pixels = matplotlib.image.imread("a.png")
        assert pixels.shape[:2] == ((600, 1650) if not extra else (1110, 1650))
        assert 0.01 < (pixels[..., :3] < 0.5).any(axis=2).mean() < 0.5
    else:
        root = xml.etree.ElementTree.parse("a.svg").getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        comments = Path("a.svg").read_text()
        for text in ("Where time goes", "class sums", "planes from L1"):
            assert f"<!-- {text} -->" in comments


def test_pictures_need_matplotlib(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, out, err = run("model.mlir", "--plot", "a.png")
    assert (code, out) == (1, "")
    assert err == (
        "error: matplotlib.figure is needed for this and is not installed\n  hint: pip install 'lgc[plot]'\n"
    )
    assert not Path("a.png").exists()
