"""Gate networks of torch for the tests: written here, with the attributes of difflogic's modules."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class LogicLayer(nn.Module):
    """Every gate in real arithmetic, weighted by what is chosen."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.in_dim, self.out_dim = inputs, outputs
        self.weights = nn.Parameter(torch.randn(outputs, 16))
        self.indices = tuple(torch.randint(0, inputs, (outputs,)) for _ in range(2))

    def forward(self, x: Any) -> Any:
        a, b = x[..., self.indices[0]], x[..., self.indices[1]]
        both = a * b
        one = torch.ones_like(a)
        gates = [
            one - one, both, a - both, a, b - both, b, a + b - 2 * both, a + b - both,
            1 - (a + b - both), 1 - (a + b - 2 * both), 1 - b, 1 - b + both, 1 - a, 1 - a + both,
            1 - both, one,
        ]  # fmt: skip
        if self.training:
            share = self.weights.softmax(-1)
        else:
            share = nn.functional.one_hot(self.weights.argmax(-1), 16).to(torch.float32)
        return sum(share[..., number] * gate for number, gate in enumerate(gates))


class GroupSum(nn.Module):
    def __init__(self, k: int, tau: float) -> None:
        super().__init__()
        self.k, self.tau = k, tau

    def forward(self, x: Any) -> Any:
        return x.reshape(*x.shape[:-1], self.k, x.shape[-1] // self.k).sum(-1) / self.tau


def network(seed: int = 0, classes: int = 5, tau: float = 3.0) -> nn.Sequential:
    """Of samples of 24 numbers, in eval mode."""
    torch.manual_seed(seed)
    layers = [LogicLayer(24, 60), LogicLayer(60, 60)]
    return nn.Sequential(nn.Flatten(), *layers, GroupSum(classes, tau)).eval()


def rows(n: int, seed: int = 0) -> Any:
    """Images of two channels, 0 and 1, float32."""
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, 2, (n, 2, 3, 4), generator=random).float()
