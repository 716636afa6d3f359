"""The benchmark of layers on a GPU says what it lacks."""

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
    monkeypatch.delitem(sys.modules, "gpu_layers", raising=False)
    script = importlib.import_module("gpu_layers")
    monkeypatch.setitem(sys.modules, "triton", None)
    monkeypatch.setitem(sys.modules, "difflogic", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["gpu_layers.py"])
    with pytest.raises(SystemExit, match="no GPU that torch can use: nothing to measure"):
        script.main()
    triton, difflogic = capsys.readouterr().out.splitlines()
    assert triton.startswith("triton is missing (")
    assert triton.endswith("): layers of lgc run by torch's own operations")
    assert difflogic.startswith("difflogic is missing (")
    assert difflogic.endswith("): lgc alone is measured")
