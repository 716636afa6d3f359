"""Train the small network that ships with lgc: scikit-learn's digits, 4 × 1,000 gates.

    python examples/train_digits.py --out DIR

needs torch and scikit-learn and takes a few minutes on one core. Every neuron learns a mixture
of the sixteen two-input gates (Petersen et al., "Deep Differentiable Logic Gate Networks",
NeurIPS 2022); what is saved is difflogic's state dict with the wiring beside the weights, a
description of what the weights do not say, and the test images with the scores they must get.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional

LEVELS = (2.0, 7.0, 12.0)
LAYERS, WIDTH, CLASSES = 4, 1000, 10

# Over [0, 1] every gate is c0 + c1·a + c2·b + c3·a·b; row i holds the coefficients of gate i.
TRUTH = torch.tensor([[i >> 3 & 1, i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(16)]).float()
COEFFICIENTS = TRUTH @ torch.tensor([[1.0, -1, -1, 1], [0, 0, 1, -1], [0, 1, 0, -1], [0, 0, 0, 1]])


class LogicLayer(nn.Module):
    """``out`` neurons that each read two of ``inputs`` signals."""

    def __init__(self, inputs: int, out: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(out, 16))
        with torch.no_grad():
            self.weights[:, 3] += 5.0  # start as a wire: gate 3 passes its first input
        both = torch.randperm(2 * out) % inputs
        self.indices = torch.randperm(inputs)[both].reshape(2, out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b = x[:, self.indices[0]], x[:, self.indices[1]]
        c = functional.softmax(self.weights, dim=1) @ COEFFICIENTS
        return c[:, 0] + c[:, 1] * a + c[:, 2] * b + c[:, 3] * (a * b)


def encode(pixels: np.ndarray) -> np.ndarray:
    """Thermometer bits, level-major: bool ``(n, 192)``."""
    return np.concatenate([pixels > level for level in LEVELS], axis=1)


def scores(layers: list[LogicLayer], bits: np.ndarray) -> np.ndarray:
    """Class scores of the discrete network in NumPy, int32 ``(n, 10)``."""
    for layer in layers:
        gate = layer.weights.detach().numpy().argmax(axis=1)
        a, b = (bits[:, row] for row in layer.indices.numpy())
        bits = (gate >> (3 - (2 * a.astype(int) + b)) & 1).astype(bool)
    return bits.reshape(len(bits), CLASSES, -1).sum(axis=2, dtype=np.int32)


def train(seed: int, epochs: int, tau: float) -> list[LogicLayer]:
    """The trained layers."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    x, y = split()[0]
    inputs, labels = torch.from_numpy(encode(x)).float(), torch.from_numpy(y)
    sizes = [inputs.shape[1]] + [WIDTH] * LAYERS
    layers = [LogicLayer(*pair) for pair in itertools.pairwise(sizes)]
    network = nn.Sequential(*layers)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for epoch in range(epochs):
        for batch in torch.randperm(len(inputs)).split(100):
            sums = network(inputs[batch]).reshape(len(batch), CLASSES, -1).sum(dim=2)
            loss = functional.cross_entropy(sums / tau, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if epoch % 20 == 19:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}, test {accuracy(layers):.4f}")
    return layers


def split() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test images, uint8 ``(n, 64)``, with their labels."""
    x, y = load_digits(return_X_y=True)
    parts = train_test_split(x.astype(np.uint8), y, test_size=0.2, stratify=y, random_state=0)
    return (parts[0], parts[2]), (parts[1], parts[3])


def accuracy(layers: list[LogicLayer]) -> float:
    """Share of the test images that the discrete network gets right."""
    x, y = split()[1]
    return float((scores(layers, encode(x)).argmax(axis=1) == y).mean())


def save(layers: list[LogicLayer], tau: float, folder: Path) -> None:
    """Write the model, its description and the test images."""
    arrays: dict[str, np.ndarray] = {}
    for number, layer in enumerate(layers, 1):
        weights = layer.weights.detach().numpy()
        # Two decimals and a clear winner keep the file small; the gates stay the same.
        small = np.clip(np.round(weights, 1), -3, 9).astype(np.float32)
        winner = weights.argmax(axis=1)
        small[np.arange(len(small)), winner] = small.max(axis=1) + np.float32(0.5)
        assert (small.argmax(axis=1) == winner).all()
        arrays[f"{number}.weights"] = small
        arrays[f"{number}.indices"] = layer.indices.numpy().astype(np.int64)
    np.savez_compressed(folder / "digits.npz", **arrays)
    levels = ",".join(f"{level:g}" for level in LEVELS)
    described = {
        "format": "difflogic",
        "inputs": 64,
        "classes": CLASSES,
        "tau": tau,
        "input": f"thermometer:{levels}",
    }
    (folder / "digits.json").write_text(json.dumps(described, indent=2) + "\n")
    x, y = split()[1]
    found = scores(layers, encode(x))
    np.savez_compressed(folder / "digits_test.npz", x=x, y=y.astype(np.uint8), scores=found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the three files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--tau", type=float, default=6.0)
    arguments = parser.parse_args()
    layers = train(arguments.seed, arguments.epochs, arguments.tau)
    arguments.out.mkdir(parents=True, exist_ok=True)
    save(layers, arguments.tau, arguments.out)
    print(f"accuracy of the discrete network: {accuracy(layers):.4f}")


if __name__ == "__main__":
    main()
