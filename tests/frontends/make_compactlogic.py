"""Makes the fixtures of test_compactlogic.py with CompactLogic itself, on a CPU, in seconds.

    PYTHONPATH=CompactLogic:. python tests/frontends/make_compactlogic.py

where ``CompactLogic`` is a checkout of github.com/eth-sri/CompactLogic. Its layers run on CUDA
only: this puts Python in the place of its two extensions, doing what their kernels for evaluation
do. Weights and gates are random, as resampling leaves them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import nn

FIXTURES = Path(__file__).parent / "fixtures"


def gate(a: torch.Tensor, b: torch.Tensor, kind: torch.Tensor) -> torch.Tensor:
    """A gate by its number, which is its table: bit 3 for 00, bit 0 for 11."""
    return (kind.long() >> (3 - (2 * a + b).long()) & 1).float()


def dense_eval(x, a, b, w, kinds):
    rows, w = torch.arange(len(w)), w.long()
    return gate(x[a[rows, w]], x[b[rows, w]], kinds[rows, w][:, None])


def conv_eval(x, channel, row, column, w, kinds, stride, padding, size):
    rows, w = torch.arange(len(w)), w.long()
    grid = [(side + 2 * padding - size) // stride + 1 for side in x.shape[2:]]
    wide = nn.functional.pad(x, (size,) * 4)
    reads = []
    for side in (0, 1):
        y = (
            torch.arange(grid[0])[:, None] * stride
            + size
            + row[side, rows, w].long()[:, None, None]
        )
        z = (
            torch.arange(grid[1])[None] * stride
            + size
            + column[side, rows, w].long()[:, None, None]
        )
        reads.append(wide[:, channel[side, rows, w].long()[:, None, None], y, z])
    return gate(*reads, kinds[rows, w][:, None, None])


def library() -> ModuleType:
    """compactlogic, with its extensions replaced and its constants on the CPU."""
    for name, function in (("difflogic_cuda", dense_eval), ("convlogic_cuda", conv_eval)):
        sys.modules[name] = ModuleType(name)
        sys.modules[name].eval = function  # type: ignore[attr-defined]
    made = torch.tensor
    torch.tensor = lambda *args, device=None, **more: made(*args, **more)
    import compactlogic

    torch.tensor = made
    return compactlogic


def save(name: str, model: nn.Sequential, x: torch.Tensor, bits: torch.Tensor) -> None:
    model.eval()
    for layer in model:
        if hasattr(layer, "gate_sequence"):
            layer.gate_sequence.random_(0, 16)
    state = {key: value for key, value in model.state_dict().items() if not key.endswith(".w")}
    saved = {
        "step": 1000, "model_state": state, "optim_state": {"state": {}, "param_groups": []},
        "rng_state": {"torch": torch.get_rng_state()[:64], "cuda": None}, "freezer_info": "",
    }  # fmt: skip
    torch.save(saved, FIXTURES / f"{name}.pt")
    rows = {"x": x.flatten(1).numpy(), "scores": model(bits).numpy()}
    rows["bits"] = model[:-1](bits).numpy() > 0
    np.savez_compressed(FIXTURES / f"{name}_golden.npz", **rows)


def main() -> None:
    torch.manual_seed(0)
    compact = library()
    dense, conv, total = compact.LogicLayer, compact.ConvLayer, compact.GroupSum
    x = torch.randint(0, 2, (96, 40)).float()
    layers = [nn.Flatten(), dense(40, 60, num_gates=16), dense(60, 47, num_gates=5)]
    save("compactlogic_dense", nn.Sequential(*layers, total(10, 4.0)), x.to(torch.uint8), x)

    x = torch.randint(0, 256, (48, 2, 9, 7)) / 255
    bits = torch.cat([(x > (i + 1) / 3).float() for i in range(2)], dim=1)
    first = conv(in_shape=(4, 9, 7), padding=1, c_out=8, ks=3, stride=2, num_gates=6)
    second = conv(in_shape=first.out_shape, padding=0, c_out=8, ks=1, stride=1, num_gates=6)
    third = conv(in_shape=second.out_shape, padding=1, c_out=10, ks=3, stride=1, num_gates=6)
    last = dense(third.out_dim, 120, num_gates=4)
    layers = [first, second, third, nn.Flatten(), last]
    save("compactlogic_conv", nn.Sequential(*layers, total(6, 3.0)), x, bits)
    described = {
        "format": "compactlogic", "input": "thermometer:0.3333333333333333,0.6666666666666666",
        "shape": [2, 9, 7], "kernel": [3, 1, 3], "padding": [1, 0, 1], "stride": [2, 1, 1],
        "classes": 6, "tau": 3,
    }  # fmt: skip
    (FIXTURES / "compactlogic_conv.json").write_text(json.dumps(described) + "\n")


if __name__ == "__main__":
    main()
