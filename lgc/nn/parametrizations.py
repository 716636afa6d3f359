"""What the weights of a neuron mean: a distribution over its gates, and the gate it becomes.

``softmax``: sixteen logits, one for each gate (Petersen et al. 2022). ``gumbel``: the same, but
training draws one gate for each neuron and step, and gradients go past the draw (straight-through,
Jang et al. 2017). ``light``: one logit for each entry of the truth table, the entries independent.
``walsh``: coefficients of the table's logits in the Walsh basis, 1, ±x, ±y, ±x·y (after WARP-LUTs).
Sixteen gates are a table of four entries each, so a mixture by entries is a mixture of gates as
well: gate g has the probability of its four entries.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .gates import GATES, entries
from .logics import Logic
from .tensors import tensor_of

PASS = 3
"""The gate that passes its first input on."""

SURE = 0.9
"""Probability of passing on, of a layer that begins as a residual one."""


class Parametrization(ABC):
    """How weights choose gates."""

    name: str

    @abstractmethod
    def size(self, k: int) -> int:
        """Weights of a neuron of ``k`` inputs."""

    @abstractmethod
    def residual(self, k: int) -> Tensor:
        """Weights with which a neuron passes its first input on, ``(size,)``."""

    @abstractmethod
    def probabilities(self, weights: Tensor, temperature: float) -> Tensor:
        """Of the sixteen gates, ``(out, 16)``."""

    def distribution(self, weights: Tensor, temperature: float) -> Tensor:
        """The same where `probabilities` draws from them."""
        return self.probabilities(weights, temperature)

    @abstractmethod
    def tables(self, weights: Tensor) -> Tensor:
        """The gate that each neuron becomes, as rows of its truth table, bool ``(out, 2**k)``."""

    def coefficients(self, weights: Tensor, temperature: float, logic: Logic) -> Tensor:
        """Of the terms of a logic, ``(out, terms)``, for neurons of two inputs."""
        return self.probabilities(weights, temperature) @ _like(logic.matrix, weights)


class Softmax(Parametrization):
    """A logit for each gate."""

    name = "softmax"

    def size(self, k: int) -> int:
        return GATES

    def residual(self, k: int) -> Tensor:
        weights = torch.zeros(GATES)
        weights[PASS] = math.log(SURE / (1 - SURE) * (GATES - 1))
        return weights

    def probabilities(self, weights: Tensor, temperature: float) -> Tensor:
        return torch.softmax(weights if temperature == 1 else weights / temperature, dim=-1)

    def tables(self, weights: Tensor) -> Tensor:
        return _like(entries(), weights)[weights.argmax(-1)] > 0


class Gumbel(Softmax):
    """A gate drawn for each neuron and step."""

    name = "gumbel"

    def distribution(self, weights: Tensor, temperature: float) -> Tensor:
        return super().probabilities(weights, temperature)

    def probabilities(self, weights: Tensor, temperature: float) -> Tensor:
        return torch.nn.functional.gumbel_softmax(weights, temperature, hard=True)


class Light(Parametrization):
    """A logit for each entry of the table."""

    name = "light"

    def size(self, k: int) -> int:
        return 1 << k

    def residual(self, k: int) -> Tensor:
        each = SURE ** (1 / (1 << k))
        first = torch.arange(1 << k) >= 1 << (k - 1)
        return torch.where(first, 1.0, -1.0) * math.log(each / (1 - each))

    def logits(self, weights: Tensor) -> Tensor:
        """Of the entries of the table, ``(out, 2**k)``."""
        return weights

    def on(self, weights: Tensor, temperature: float) -> Tensor:
        """Probability of each entry, ``(out, 2**k)``."""
        return torch.sigmoid(self.logits(weights) / temperature)

    def probabilities(self, weights: Tensor, temperature: float) -> Tensor:
        on = self.on(weights, temperature).unsqueeze(1)
        wanted = _like(entries(), weights)
        return (wanted * on + (1 - wanted) * (1 - on)).prod(-1)

    def coefficients(self, weights: Tensor, temperature: float, logic: Logic) -> Tensor:
        if logic.name != "product":
            return super().coefficients(weights, temperature, logic)
        # by the four gates that have one entry, as the mixture is linear in the entries
        single = logic.matrix[[8, 4, 2, 1]]
        return self.on(weights, temperature) @ _like(single, weights)

    def tables(self, weights: Tensor) -> Tensor:
        return self.logits(weights) > 0


class Walsh(Light):
    """Logits of the entries as sums of weights with the signs of the Walsh functions."""

    name = "walsh"

    def residual(self, k: int) -> Tensor:
        return (signs(k) @ super().residual(k).double() / (1 << k)).float()

    def logits(self, weights: Tensor) -> Tensor:
        basis = signs(weights.shape[-1].bit_length() - 1).to(weights.device)
        return (weights.double() @ basis).to(weights.dtype)

    def tables(self, weights: Tensor) -> Tensor:
        return self.logits(weights.double()) > 0


PARAMETRIZATIONS: dict[str, Parametrization] = {
    each.name: each for each in (Softmax(), Gumbel(), Light(), Walsh())
}
"""By name."""


def signs(k: int) -> Tensor:
    """The Walsh functions of k bits, ±1, float64 ``(2**k, 2**k)``: its own inverse by 2**k.

    All in operations of torch, which torch.compile traces to the last bit.
    """
    number = torch.arange(1 << k)
    both = number.unsqueeze(1) & number
    odd = sum((both >> place for place in range(k)), torch.zeros_like(both)) & 1
    return 1.0 - 2.0 * odd.double()


def _like(values: NDArray[np.float32], weights: Tensor) -> Tensor:
    """An array as a tensor of the device and type of the weights."""
    return tensor_of(values).to(weights)
