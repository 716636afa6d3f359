"""The benchmark script: its networks are what they say, its tables are whole."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lgc import benchmark, driver
from lgc.chain import build_module, read_chain
from tests.support import ROOT, random_layers

STEPS = {"import": 0.5, "load": 0.25, "compile": 1.5, "predict": 0.125, "bytes": 2.0**30}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bench/cpu.py as a module."""
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    for name in ("cpu", "nets"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("cpu")


def tables(script: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(script, "fresh", lambda *_: STEPS)
    monkeypatch.setattr(script, "LARGE", 2000)
    line = ["cpu.py", "--rows", "200", "--runs", "2", *arguments]
    monkeypatch.setattr(sys, "argv", line)
    script.main()


def test_random_rows_keep_one_hot_groups() -> None:
    module = build_module(5, random_layers([4], 5, 0), None, one_hot=[0, 0, 0, -1, -1])
    x = benchmark.random_rows(read_chain(module), 200)
    assert ((x[:, :3] > 0).sum(axis=1) == 1).all()
    assert (x > 0).any(axis=0).all()
    assert (x == 0).any(axis=0).all()


def test_prints_tables(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "difflogic", None)
    tables(script, monkeypatch, "--gates", "1200")
    out = capsys.readouterr().out
    shipped, made = out.split("\n## ")[1:]
    assert shipped.startswith("digits (shipped): 4,000 gates, 192 bits, 10 classes\n")
    assert made.startswith("generated, 6 random layers: 1,200 gates, 400 bits, 10 classes\n")
    for part in (shipped, made):
        lines = part.splitlines()
        labels = [line.split(" | ")[0].removeprefix("| ") for line in lines if line[:1] == "|"]
        for label in (
            "lgc, bool rows", "lgc, uint8 rows", "lgc, packed bits", "difflogic",
            "checkpoint to running kernel, disk cache off", "the same from the disk cache",
            "largest resident memory of compiling", "the same in a process that compiled before, disk cache off",
            "two threads over one, 2,000 rows", "batch of 1, whole call from Python",
            "planes from L1",
        ):  # fmt: skip
            assert label in labels, label
        assert "| difflogic | – | – |" in lines
        assert "**1.75 s** (load 0.25 s, compile 1.50 s)" in part
        assert "**1.00 GiB**" in part
        for number, line in enumerate(lines):  # every table has as many cells as its head
            if line.startswith("|---"):
                rows = []
                for row in lines[number - 1 :]:
                    if not row.startswith("|"):
                        break
                    rows.append(row.count("|"))
                assert len(set(rows)) == 1, part


def test_peers_have_columns(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "first_here", lambda _: ("first", "0 s"))
    kernel = driver.compile(script.digits(1).model())
    names = iter(("one", "two"))
    monkeypatch.setattr(
        script.peers,
        "make",
        lambda *_: script.Peer(next(names), kernel.predict, 1, 7.0, cached=True),
    )
    tables(script, monkeypatch)
    out = capsys.readouterr().out
    assert "| images/s | over one | over two |" in out
    assert "| compile, two | 7.0 s (in an earlier run) |" in out
    wrong = script.Peer("wrong", lambda x: np.zeros(len(x), np.int64), 1, 7.0)
    monkeypatch.setattr(script.peers, "make", lambda *_: wrong)
    with pytest.raises(AssertionError, match="the reference disagrees"):
        tables(script, monkeypatch, "--levels", "1")


def test_a_fresh_process_tells_its_steps(script: ModuleType, tmp_path: Path) -> None:
    found = script.fresh("first", script.digits(1), tmp_path)
    assert set(found) == set(STEPS)
    assert all(value > 0 for value in found.values())
    assert 1 << 25 < found["bytes"] < 1 << 33


def test_generated_nets(script: ModuleType, tmp_path: Path) -> None:
    net = script.generated(1270, 50, tmp_path)
    chain = net.model().chain
    assert (chain.gates, chain.bits, net.x.shape) == (1270, 400, (50, 400))
    assert chain.group_sum is not None
    assert chain.group_sum.classes == 10
    sizes = [stage.net.data.gates for stage in chain.stages]
    assert sizes == [220] * 5 + [170]
    for stage in chain.stages:
        used = np.bincount(stage.net.data.fanin.ravel(), minlength=stage.net.data.inputs)
        assert used.max() - used.min() <= 1
    with pytest.raises(ValueError, match="^1275 gates do not make 6 layers for 10 classes$"):
        script.generated(1275, 50, tmp_path)
