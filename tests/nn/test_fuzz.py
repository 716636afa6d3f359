"""Damaged files of lgc.nn: whatever is done to them, the answer is a model or an `LgcError`."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import lgc  # noqa: E402
from lgc import nn  # noqa: E402
from lgc.errors import LgcError  # noqa: E402
from tests.frontends.fuzzing import fuzz  # noqa: E402

ODD = (-1, 0, 1, 2, 3, 7, 1 << 20, 1 << 40, 10**30, 0.5, -2.0, 1e300, None, True, "", "x", [], [1, 2],
       [3, 3, 3], {}, {"a": 1}, "softmax", "walsh", "LogicLayer", "learnable", "mux")  # fmt: skip


def network() -> torch.nn.Sequential:
    torch.manual_seed(2)
    return torch.nn.Sequential(
        nn.Thermometer(36, 2, [3.0, 8.0]),
        nn.LogicConv2d((6, 6), 2, 4, 2, 3),
        nn.OrPool2d(2),
        nn.Flatten(),
        nn.LogicLayer(16, 20, connections="learnable", candidates=3),
        nn.GatedLogicLayer(20, 24, "mux"),
        nn.Select(24, 20, torch.arange(20)),
        nn.LogicLayer(20, 20, k=3, parametrization="walsh"),
        nn.GroupSum(2, 3.0),
    )


def arrays() -> dict[str, np.ndarray]:
    return {key: value.numpy() for key, value in network().state_dict().items()}


def test_bytes(tmp_path: Path) -> None:
    nn.save(network(), tmp_path / "whole.pt")
    fuzz((tmp_path / "whole.pt").read_bytes(), tmp_path / "m.pt", 40)


def changed(state: dict[str, np.ndarray], random: np.random.Generator) -> dict[str, np.ndarray]:
    """A few other arguments, numbers, shapes, types, or things that are missing."""
    made = dict(state)
    for _ in range(random.integers(1, 4)):
        key = str(random.choice(sorted(made)))
        array = made[key]
        if key.endswith("_extra_state") and random.random() < 0.8:
            told: dict[str, Any] = json.loads(array.tobytes())
            told[str(random.choice(sorted(told)))] = ODD[random.integers(len(ODD))]
            made[key] = np.frombuffer(json.dumps(told).encode(), np.uint8)
            continue
        ways = random.integers(6)
        if ways == 0:
            del made[key]
        elif ways == 1:
            made[key] = array.reshape(-1)[: random.integers(array.size + 1)]
        elif ways == 2:
            made[key] = array.astype([np.float64, np.int8, np.uint8, bool][random.integers(4)])
        elif ways == 3 and array.ndim and array.size and array.dtype != np.uint8:
            made[key] = np.array(array)
            values = [np.nan, np.inf, -1, 1 << 30] if array.dtype.kind == "f" else [-1, 0, 1]
            made[key].reshape(-1)[random.integers(array.size)] = values[
                random.integers(len(values))
            ]
        elif ways == 4:
            made[key] = np.swapaxes(np.asarray(array)[None], 0, -1)
        else:
            made[key.replace("1", "2")] = array
    return made


def attempt(state: dict[str, np.ndarray], file: Path, note: str) -> None:
    np.savez(file, **state)
    start = time.monotonic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lgc.load(file)
            lgc.inspect(file)
    except LgcError:
        pass
    except BaseException as error:
        error.add_note(note)
        raise
    assert time.monotonic() - start < 30, note


@pytest.mark.parametrize("seeds", [range(150), range(150, 300)], ids=["first", "second"])
def test_arguments_and_arrays(seeds: range, tmp_path: Path) -> None:
    state = arrays()
    attempt(state, tmp_path / "m.npz", "as it was")
    for seed in seeds:
        made = changed(state, np.random.default_rng(seed))
        attempt(made, tmp_path / "m.npz", f"seed {seed}")
