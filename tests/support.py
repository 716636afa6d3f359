"""What many tests share: real files, random networks, passes on text with a proof beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lgc.equivalence import compare_netlists
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared_model(name: str) -> Path:
    """Folder of a real trained model; skips the test by name where it is missing."""
    folder = SHARED / "models" / name
    if not folder.is_dir():
        pytest.skip(f"the trained model {name} is not on this machine")
    return folder


def optimise(one: NetlistPass, text: str) -> str:
    """The text after a pass, proved equal on all inputs."""
    before = parse_netlist(text)
    after = one.rewrite(before)
    result = compare_netlists(before, after)
    assert result, str(result)
    assert result.how.startswith("exhaustive")
    return print_netlist(after)


def random_layers(sizes: list[int], inputs: int, seed: int) -> list[Netlist]:
    """Randomly wired layers of random gates, like an untrained network."""
    random = np.random.default_rng(seed)
    layers: list[Netlist] = []
    for size in sizes:
        layers.append(
            Netlist(
                inputs,
                random.integers(0, 16, size),
                random.integers(0, inputs, (size, 2)),
                np.arange(inputs, inputs + size),
            )
        )
        inputs = size
    return layers


def random_planes(inputs: int, words: int, seed: int) -> np.ndarray:
    """Uniform random planes, uint64 ``(inputs, words)``."""
    return np.random.default_rng(seed).integers(0, 1 << 64, (inputs, words), np.uint64)
