"""What layers of gates have in common: weights that become gates, and how they are drawn."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..errors import UsageError
from ..tables import MAX_FANIN
from .described import Described
from .gates import FOUR, entries
from .logics import LOGICS
from .parametrizations import PARAMETRIZATIONS, Light, Parametrization
from .tensors import own_types, tensor_of

WEIGHTS = ("normal", "residual")


class Neurons(Described):
    """Neurons of ``k`` inputs, whose weights a parametrization makes gates of.

    Attributes:
        weights: float32 ``(neurons, size)``.
        temperature: of the distribution over gates; may be changed while training.
    """

    weights: torch.nn.Parameter

    def __init__(
        self,
        neurons: int,
        k: int,
        parametrization: str,
        logic: str,
        weight_init: str,
        temperature: float,
        generator: Generator | None,
    ) -> None:
        """Draw the weights.

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        super().__init__()
        where = type(self).__name__
        for name, value, known in (
            ("parametrization", parametrization, PARAMETRIZATIONS),
            ("logic", logic, LOGICS),
            ("weight_init", weight_init, WEIGHTS),
        ):
            if value not in known:
                raise UsageError(f"{name} is one of {', '.join(known)}, not {value!r}", where=where)
        if not temperature > 0:
            raise UsageError(f"a temperature is above 0, not {temperature}", where=where)
        self._means: Parametrization = PARAMETRIZATIONS[parametrization]
        if not 2 <= k <= MAX_FANIN:
            raise UsageError(f"a neuron has 2 to {MAX_FANIN} inputs, not {k}", where=where)
        if k > 2 and not isinstance(self._means, Light):
            raise UsageError(
                f"{parametrization} has a weight for each of 2**{1 << k} gates of {k} inputs",
                where=where,
                hint="light and walsh have one for each entry of the table",
            )
        if k > 2 and logic != "product":
            raise UsageError(
                f"tables of {k} inputs have no form in {logic}", where=where, hint="product has one"
            )
        self.k, self.temperature, self.weight_init = k, temperature, weight_init
        self.parametrization, self.logic = parametrization, logic
        weights = torch.randn(neurons, self._means.size(k), generator=generator)
        if weight_init == "residual":
            weights = self._means.residual(k).repeat(neurons, 1)
        self.weights = torch.nn.Parameter(weights)

    def probabilities(self) -> Tensor:
        """Of the sixteen gates for each neuron of two inputs, ``(neurons, 16)``; differentiable."""
        return self._means.probabilities(self.weights, self.temperature)

    def distribution(self) -> Tensor:
        """The same where a gate is drawn from them."""
        return self._means.distribution(self.weights, self.temperature)

    def entries(self) -> Tensor:
        """Probability that an entry of the table is 1, ``(neurons, 2**k)``."""
        with own_types(self.weights.device):
            if isinstance(self._means, Light):
                return self._means.on(self.weights, self.temperature)
            return self.distribution() @ tensor_of(entries()).to(self.weights)

    def coefficients(self) -> Tensor:
        """Of the terms of the logic, ``(neurons, terms)``, for neurons of two inputs."""
        with own_types(self.weights.device):
            return self._means.coefficients(self.weights, self.temperature, LOGICS[self.logic])

    def bits(self) -> Tensor:
        """Truth tables that neurons become, bool ``(neurons, 2**k)``."""
        return self._means.tables(self.weights.detach())

    def tables(self) -> Tensor:
        """The same as numbers, int64 ``(neurons,)``, the first entry the most significant bit.

        Of six inputs that bit is the sign.
        """
        rows = self.bits()
        places = torch.arange(rows.shape[-1] - 1, -1, -1, device=rows.device)
        return (rows.long() << places).sum(-1)

    def hard_coefficients(self) -> Tensor:
        """Of 1, x, y and x·y, ``(neurons, 4)``: exact, and on bits one for all logics."""
        return tensor_of(FOUR).to(self.weights)[self.tables()]
