"""The layer of gates."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor

from ..errors import UsageError
from .described import Described
from .functional import gates
from .gates import FOUR
from .logics import LOGICS
from .parametrizations import PARAMETRIZATIONS
from .tensors import apply, tensor_of
from .wiring import draw

WEIGHTS = ("normal", "residual")


class LogicLayer(Described):
    """Neurons of two inputs, each a mixture of the sixteen gates while it is trained.

    In eval mode every neuron is the gate that it chooses. Keyword by keyword as difflogic's: the
    parameter is called ``weights`` too, and a network made after the same `torch.manual_seed` has
    the same weights and wiring.

    Attributes:
        weights: float32 ``(out_dim, size)``, what the parametrization makes gates of.
        indices: int64 ``(k, out_dim)``, the columns that a neuron reads; in the state dict.
    """

    arguments = (
        "in_dim", "out_dim", "grad_factor", "connections", "k", "parametrization", "logic",
        "weight_init", "temperature",
    )  # fmt: skip

    weights: torch.nn.Parameter
    indices: Tensor

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        device: str | torch.device | None = None,
        grad_factor: float = 1.0,
        connections: str = "random",
        *,
        k: int = 2,
        parametrization: str = "softmax",
        logic: str = "product",
        weight_init: str = "normal",
        temperature: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        """Make a layer.

        Args:
            grad_factor: gradients are multiplied by it on their way to the input.
            connections: ``random`` or ``unique``; see `wiring.draw`.
            parametrization: a name of `PARAMETRIZATIONS`.
            logic: a name of `LOGICS`.
            weight_init: ``normal``, or ``residual``: neurons pass their first input on.
            temperature: of the distribution over gates; may be changed while training.
            generator: of weights and wiring; by default torch's own.

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        super().__init__()
        _check(in_dim, out_dim, parametrization, logic, weight_init, temperature)
        self.in_dim, self.out_dim, self.k = in_dim, out_dim, k
        self.grad_factor, self.temperature = grad_factor, temperature
        self.connections, self.weight_init = connections, weight_init
        self.parametrization, self.logic = parametrization, logic
        self._means = PARAMETRIZATIONS[parametrization]
        size = self._means.size(k)
        weights = torch.randn(out_dim, size, generator=generator)
        if weight_init == "residual":
            weights = self._means.residual(k).repeat(out_dim, 1)
        self.weights = torch.nn.Parameter(weights.to(device))
        self.register_buffer("indices", draw(connections, in_dim, out_dim, k, generator).to(device))

    def probabilities(self) -> Tensor:
        """Of the sixteen gates for each neuron, ``(out_dim, 16)``; differentiable."""
        return self._means.probabilities(self.weights, self.temperature)

    def tables(self) -> Tensor:
        """The gate that each neuron becomes, int64 ``(out_dim,)``."""
        return _numbers(self._means.tables(self.weights.detach()))

    def coefficients(self) -> Tensor:
        """Of the terms of the logic, ``(out_dim, terms)``."""
        return self._means.coefficients(self.weights, self.temperature, LOGICS[self.logic])

    def forward(self, x: Tensor) -> Tensor:
        """``(…, in_dim)`` numbers from 0 to 1 become ``(…, out_dim)``."""
        if x.shape[-1] != self.in_dim:
            raise UsageError(
                f"the layer reads {self.in_dim} values, and gets {tuple(x.shape)}",
                where="LogicLayer",
            )
        rows = x.reshape(-1, self.in_dim) if x.ndim != 2 else x
        rows = rows.to(self.weights.dtype)
        if self.grad_factor != 1:
            rows = _scaled(rows, self.grad_factor)
        if self.training:
            made = gates(rows, self.indices, self.coefficients(), self.logic)
        else:  # on bits all logics are one, and 1, x, y and x·y are exact
            made = gates(rows, self.indices, tensor_of(FOUR).to(self.weights)[self.tables()])
        return made.reshape(*x.shape[:-1], self.out_dim) if x.ndim != 2 else made


def _numbers(rows: Tensor) -> Tensor:
    """Truth tables of bits as numbers, the first entry the most significant bit."""
    places = torch.arange(rows.shape[-1] - 1, -1, -1, device=rows.device)
    return (rows.long() << places).sum(-1)


class _Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *args: Any) -> Tensor:
        x, ctx.factor = args
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0] * ctx.factor, None


def _scaled(x: Tensor, factor: float) -> Tensor:
    """``x``, whose gradient is multiplied."""
    return apply(_Scale, x, factor)


def _check(
    in_dim: int, out_dim: int, parametrization: str, logic: str, init: str, temperature: float
) -> None:
    if in_dim < 1 or out_dim < 1:
        raise UsageError(f"a layer of {in_dim} inputs and {out_dim} neurons", where="LogicLayer")
    for name, value, known in (
        ("parametrization", parametrization, PARAMETRIZATIONS),
        ("logic", logic, LOGICS),
        ("weight_init", init, WEIGHTS),
    ):
        if value not in known:
            raise UsageError(
                f"{name} is one of {', '.join(known)}, not {value!r}", where="LogicLayer"
            )
    if not temperature > 0:
        raise UsageError(f"a temperature is above 0, not {temperature}", where="LogicLayer")
