"""Terms of a loss that know what a network costs once it is compiled, and how settled it is.

A neuron that becomes a constant, or passes an input on or inverts it, costs nothing after
compilation: it is a wire, and inverters are absorbed by the gates they feed. One that depends on m
inputs costs m - 1 gates of two inputs at least. `size` is how many that are, expected as things
stand, `entropy` how undecided choices are; both are means over a network, with gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from ..errors import UsageError
from .connections import LearnableConnections
from .neurons import Neurons
from .tensors import modules_in

FREE = (0, 3, 5, 10, 12, 15)
"""Gates that are constants, wires and inverted wires."""

_TINY = 1e-12
"""Below this a probability adds nothing."""


def size(model: torch.nn.Module) -> Tensor:
    """Gates of two inputs that a neuron will cost at least, from 0 to k - 1."""
    return torch.cat([_cost(each) for each in _neurons(model)]).mean()


def entropy(model: torch.nn.Module) -> Tensor:
    """How undecided neurons, and inputs that choose what they read, are.

    From 0, where one choice is sure, to 1, where all are equally likely.
    """
    parts = [_undecided(each) for each in _neurons(model)]
    for _, module in modules_in(model):
        if isinstance(module, LearnableConnections) and module.candidates > 1:
            chances = module.probabilities().flatten(0, 1)
            parts.append(_entropy(chances).sum(1) / math.log(module.candidates))
    return torch.cat(parts).mean()


def _neurons(model: torch.nn.Module) -> Iterator[Neurons]:
    layers = [module for _, module in modules_in(model) if isinstance(module, Neurons)]
    if not layers:
        raise UsageError("there is no layer of gates", where="penalty")
    yield from layers


def _cost(layer: Neurons) -> Tensor:
    """``(neurons,)``."""
    if layer.k == 2:
        return 1 - layer.distribution()[:, list(FREE)].sum(1)
    # E[max(m - 1, 0)] = Σ P(input i matters) - P(not constant), entries being independent
    on = layer.entries()
    constant = on.prod(1) + (1 - on).prod(1)
    table = on.reshape(-1, *[2] * layer.k)
    matters = torch.zeros_like(constant)
    for axis in range(1, layer.k + 1):
        low, high = table.unbind(axis)
        matters = matters + 1 - (low * high + (1 - low) * (1 - high)).flatten(1).prod(1)
    return matters - (1 - constant)


def _undecided(layer: Neurons) -> Tensor:
    """``(neurons,)``."""
    if layer.k == 2:
        return _entropy(layer.distribution()).sum(1) / math.log(16)
    on = layer.entries()
    return (_entropy(on) + _entropy(1 - on)).mean(1) / math.log(2)


def _entropy(chances: Tensor) -> Tensor:
    return -chances * chances.clamp_min(_TINY).log()
