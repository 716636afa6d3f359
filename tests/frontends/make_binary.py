"""Makes the files in fixtures/binary: small binarised perceptrons trained by PyTorch, and what
these predict.

    pip install torch scikit-learn && python tests/frontends/make_binary.py

Half a minute on one core. Digits, one threshold a pixel, −1 and +1. Layers take the sign of latent
weights and, but for the first, of their input, as in public training code; the gradient goes through
where the latent value is within ±1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

FOLDER = Path(__file__).parent / "fixtures" / "binary"
ROWS, LEVEL = 200, 7


class Straight(torch.autograd.Function):
    """The sign forward, the gradient of a clamp backward."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor) -> torch.Tensor:
        context.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = context.saved_tensors
        return gradient * (x.abs() <= 1)


class BinarizeLinear(torch.nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(x, Straight.apply(self.weight), self.bias)


class Sign(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return Straight.apply(x)


def network(last: type[torch.nn.Linear], *, norm: bool) -> torch.nn.Sequential:
    parts: list[torch.nn.Module] = []
    for inputs, outputs in ((64, 48), (48, 32)):
        parts += [BinarizeLinear(inputs, outputs), torch.nn.BatchNorm1d(outputs)]
        parts += [torch.nn.Hardtanh(), Sign()]
    return torch.nn.Sequential(*parts, last(32, 10), *([torch.nn.BatchNorm1d(10)] if norm else []))


def train(net: torch.nn.Sequential, x: torch.Tensor, y: torch.Tensor) -> None:
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    order = torch.Generator().manual_seed(0)
    for _ in range(40):
        for rows in torch.randperm(len(x), generator=order).split(100):
            optimiser.zero_grad()
            scores = net(x[rows])
            torch.nn.functional.cross_entropy(
                scores / scores.abs().mean().detach(), y[rows]
            ).backward()
            optimiser.step()
            for part in net:
                if isinstance(part, BinarizeLinear):
                    part.weight.data.clamp_(-1, 1)
    net.eval()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    pixels, labels = load_digits(return_X_y=True)
    x = torch.where(torch.from_numpy(pixels) > LEVEL, 1.0, -1.0)
    y = torch.from_numpy(labels)
    golden: dict[str, np.ndarray] = {"x": pixels[-ROWS:].astype(np.uint8), "y": labels[-ROWS:]}
    for name, last, norm in (
        ("binary", BinarizeLinear, False),
        ("norm", BinarizeLinear, True),
        ("real", torch.nn.Linear, False),
    ):
        torch.manual_seed(0)
        net = network(last, norm=norm)
        train(net, x[:-ROWS], y[:-ROWS])
        with torch.no_grad():
            scores = net.double()(x[-ROWS:].double()).numpy()
        net.float()
        golden[f"{name}.score"] = scores
        print(name, "accuracy", (scores.argmax(axis=1) == labels[-ROWS:]).mean())
        torch.save(net.state_dict(), FOLDER / f"{name}.pt")
    np.savez_compressed(FOLDER / "golden.npz", **golden)


if __name__ == "__main__":
    main()
