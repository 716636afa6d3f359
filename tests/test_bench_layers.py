"""The benchmark of training says what it lacks, and runs on a CPU."""

from __future__ import annotations

import importlib
import sys

import pytest
import torch

from tests.support import ROOT


def test_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    monkeypatch.delitem(sys.modules, "train_layers", raising=False)
    script = importlib.import_module("train_layers")
    monkeypatch.setitem(sys.modules, "triton", None)
    monkeypatch.setitem(sys.modules, "difflogic", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["train_layers.py", "--device", "cuda"])
    with pytest.raises(SystemExit, match="no GPU that torch can use: nothing to measure"):
        script.main()
    triton, difflogic = capsys.readouterr().out.splitlines()
    assert triton.startswith("triton is missing (")
    assert triton.endswith("): layers of lgc run by torch's own operations")
    assert difflogic.startswith("difflogic is missing (")
    assert difflogic.endswith("): lgc alone is measured")


def test_measures_on_a_cpu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    script = importlib.import_module("train_layers")
    options = ["--width", "50", "--layers", "2", "--inputs", "20", "--batch", "8", "--rounds", "1"]
    monkeypatch.setattr(sys, "argv", ["train_layers.py", *options])
    script.main()
    _, what, layer, step, kept = capsys.readouterr().out.splitlines()
    assert what == "2 x 50, batch 8, 20 bits"
    assert "one layer, forward and backward: lgc" in layer
    assert "training step: lgc" in step
    assert "kept for gradients: lgc" in kept
