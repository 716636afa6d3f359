"""Networks for bench/cpu.py: arguments of ``lgc.load`` for models that read bits, and rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lgc
from lgc import demo


@dataclass(frozen=True, eq=False)
class Net:
    name: str
    load: dict[str, Any]
    x: NDArray[np.bool_]

    def model(self) -> lgc.Model:
        return lgc.load(**self.load)


def digits(rows: int) -> Net:
    """The shipped net on its bits: the thermometer stays outside, as difflogic needs it."""
    chain = lgc.load(demo.model_path()).chain
    bits = demo.images()[0][:, chain.feature] > chain.level
    load = {"path": str(demo.model_path()), "inputs": chain.bits, "input": "bool"}
    return Net("digits (shipped)", load, bits[np.arange(rows) % len(bits)])


def folder(path: Path, rows: int, classes: int) -> Net:
    """A model folder: ``state_dict.pt``, ``indices.pt`` and ``testset.npz``."""
    with np.load(path / "testset.npz") as file:
        bits = np.unpackbits(file["X"], axis=1, count=int(file["n_bits"])).astype(np.bool_)
    load = {
        "path": str(path / "state_dict.pt"),
        "wiring": str(path / "indices.pt"),
        "classes": classes,
        "tau": 1.0,
        "inputs": bits.shape[1],
    }
    return Net(path.name, load, bits[np.arange(rows) % len(bits)])


def generated(
    gates: int, rows: int, home: Path, inputs: int = 400, layers: int = 6, classes: int = 10
) -> Net:
    """Random gates, wired as difflogic wires: every output of a layer is read about as often.

    Raises:
        ValueError: the last layer would not divide into classes.
    """
    random = np.random.default_rng(0)
    width = -(-gates // (layers * classes)) * classes
    sizes = [width] * (layers - 1) + [gates - (layers - 1) * width]
    if sizes[-1] < classes or sizes[-1] % classes:
        raise ValueError(f"{gates} gates do not make {layers} layers for {classes} classes")
    arrays: dict[str, NDArray[Any]] = {}
    before = inputs
    for number, size in enumerate(sizes):
        place = random.permutation(2 * size) % before
        arrays[f"{number}.indices"] = random.permutation(before)[place].reshape(2, size)
        arrays[f"{number}.weights"] = np.eye(16, dtype=np.float32)[random.integers(0, 16, size)]
        before = size
    file = home / f"generated_{gates}.npz"
    np.savez(file, **arrays)
    load = {"path": str(file), "classes": classes, "tau": 1.0, "inputs": inputs}
    return Net(f"generated, {layers} random layers", load, random.random((rows, inputs)) < 0.5)
