"""Makes the fixtures of test_convlogic.py with convlogic itself, on a CPU, in seconds.

    PYTHONPATH=convlogic/src:. python tests/frontends/make_convlogic.py

where ``convlogic`` is a checkout of github.com/lkorinek/convlogic. Layers are in eval mode with
``implementation="python"``; weights are random, which reading them does not notice.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from convlogic import ConvLogicLayer, PoolLogicLayer, TreeLogicLayer
from difflogic import GroupSum, LogicLayer
from torch import nn

FIXTURES = Path(__file__).parent / "fixtures"
LEVELS = (0.25, 0.5)


class Model(nn.Module):
    """As convlogic's own models hold their layers."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.network = nn.Sequential(*layers)


class Lit(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = Model(*layers)


def save(name: str, lit: Lit, images: torch.Tensor, described: dict) -> None:
    lit.eval()
    for layer in lit.model.network:
        if hasattr(layer, "input_bits") and layer.weights.shape[1] in (
            1,
            7,
        ):  # seldom on, or the pool behind it is always on
            layer.weights.data[:, -1, [1, 2, 4, 8]] += 3
    bits = torch.cat([(images > level).float() for level in LEVELS], dim=1)
    with torch.no_grad():
        scores = lit.model.network(bits)
        last = lit.model.network[:-1](bits)
    torch.save({"epoch": 3, "state_dict": lit.state_dict()}, FIXTURES / f"{name}.ckpt")
    rows = {"x": images.flatten(1).numpy(), "scores": scores.numpy(), "bits": last.numpy() > 0}
    np.savez_compressed(FIXTURES / f"{name}_golden.npz", **rows)
    text = {"format": "convlogic", "input": "thermometer:0.25,0.5", **described}
    (FIXTURES / f"{name}.json").write_text(json.dumps(text) + "\n")


def main() -> None:
    torch.manual_seed(0)
    python = {"implementation": "python"}
    images = torch.randint(0, 256, (64, 1, 12, 12)) / 255
    save(
        "convlogic_complete",
        Lit(
            ConvLogicLayer(2, 16, kernel=5, padding=0, complete=True, **python),
            ConvLogicLayer(16, 20, kernel=3, padding=1, complete=True, **python),
            nn.Flatten(),
            LogicLayer(80, 120, **python),
            LogicLayer(120, 100, **python),
            GroupSum(10, tau=6.5),
        ),
        images,
        {"shape": [1, 12, 12], "kernel": [5, 3], "padding": [0, 1], "classes": 10, "tau": 6.5},
    )
    images = torch.randint(0, 256, (64, 2, 9, 11)) / 255
    save(
        "convlogic_trees",
        Lit(
            ConvLogicLayer(4, 12, kernel=3, padding=1, stride=2, **python),
            TreeLogicLayer(12, 4, **python),
            TreeLogicLayer(12, 2, **python),
            PoolLogicLayer(),
            nn.Flatten(),
            LogicLayer(72, 72, **python),
            GroupSum(4, tau=2),
        ),
        images,
        {
            "shape": [2, 9, 11], "kernel": 3, "padding": 1, "stride": 2, "pool": 2, "classes": 4,
            "tau": 2,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
