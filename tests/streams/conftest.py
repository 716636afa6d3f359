"""A small model, and files read in many small blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.chain import Sums, build_module
from lgc.interfaces import Kernel
from lgc.text import print_module
from tests.support import random_layers

FEATURES = 12


@pytest.fixture(scope="package")
def model() -> lgc.Model:
    layers = random_layers([60, 50, 40], FEATURES, 0)
    return lgc.Model(build_module(FEATURES, layers, Sums(4, 3.0), dtype="uint8"))


@pytest.fixture(scope="package")
def kernel(model: lgc.Model) -> Kernel:
    return lgc.compile(model)


@pytest.fixture(scope="package")
def model_path(model: lgc.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.mlir"
    path.write_text(print_module(model.module))
    return path


@pytest.fixture(scope="package")
def kernel_path(kernel: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kernel") / "model.lgk"
    kernel.save(path)
    return path


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of 100 rows, whatever is in them."""
    monkeypatch.setattr("lgc.data.source.BLOCK_BYTES", 1)
    monkeypatch.setattr("lgc.data.source._FEWEST", 100)
    return 100


def samples(rows: int, seed: int = 0, features: int = FEATURES) -> np.ndarray:
    """uint8 ``(rows, features)`` of zeros and ones."""
    return np.random.default_rng(seed).integers(0, 2, (rows, features), np.uint8)
