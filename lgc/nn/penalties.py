"""Terms of a loss that know what a network costs once it is compiled, and how settled it is.

A neuron that becomes a constant, or passes an input on or inverts it, costs nothing after
compilation: it is a wire, and inverters are absorbed by the gates they feed. `size` is the
probability of the ten other gates, `entropy` how undecided the neurons are, both as means over all
neurons of a network, from 0 to 1, with gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from ..errors import UsageError
from .gates import GATES
from .logic_layer import LogicLayer
from .tensors import modules_in

FREE = (0, 3, 5, 10, 12, 15)
"""Gates that are constants, wires and inverted wires."""

_TINY = 1e-12
"""Below this a probability adds nothing."""


def size(model: torch.nn.Module) -> Tensor:
    """The share of the neurons that would cost a gate, as expected now."""
    parts = [1 - each[:, list(FREE)].sum(1) for each in _distributions(model)]
    return torch.cat(parts).mean()


def entropy(model: torch.nn.Module) -> Tensor:
    """How undecided the neurons are: 1 where all gates are equally likely, 0 where one is sure."""
    logs = [(each, each.clamp_min(_TINY).log()) for each in _distributions(model)]
    return -torch.cat([(each * log).sum(1) for each, log in logs]).mean() / math.log(GATES)


def _distributions(model: torch.nn.Module) -> Iterator[Tensor]:
    """Probabilities of the gates of each layer, ``(neurons, 16)``."""
    layers = [module for _, module in modules_in(model) if isinstance(module, LogicLayer)]
    if not layers:
        raise UsageError("there is no LogicLayer", where="penalty")
    for layer in layers:
        if layer.k != 2:
            raise UsageError(f"a layer of gates of {layer.k} inputs", where="penalty")
        if layer.parametrization == "gumbel":  # which draws; its weights are softmax's
            yield torch.softmax(layer.weights / layer.temperature, dim=-1)
        else:
            yield layer.probabilities()
