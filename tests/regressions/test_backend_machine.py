"""A kernel made where planes are narrower once compiled its bits for this machine's planes."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest

from lgc.backends.llvm.kernel import build_artefact, kernel_from_bytes
from lgc.reference import run
from tests.backends.corpus import batch, model

machines = importlib.import_module("lgc.backends.llvm.machine")


def test_programs_of_one_kernel_have_one_plane_width(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = dataclasses.replace(machines.machine("x86-64"), name="native")
    data = build_artefact(model("65 features"), narrow).to_bytes()
    monkeypatch.setattr(machines, "_native", lambda: machines.machine("x86-64-v3"))
    x = batch(65, 300)
    assert np.array_equal(kernel_from_bytes(data).bits(x), run(model("65 features"), x).bits)
