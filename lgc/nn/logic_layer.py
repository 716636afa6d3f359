"""The layer of gates."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor

from ..errors import UsageError
from .connections import LearnableConnections
from .functional import gates
from .luts import luts
from .neurons import Neurons
from .scaling import scaled
from .wiring import draw


class LogicLayer(Neurons):
    """Neurons of ``k`` inputs, each a mixture of gates while it is trained.

    In eval mode every neuron is the gate that it chooses. Keyword by keyword as difflogic's: the
    parameter is called ``weights`` too, and a network made after the same `torch.manual_seed` has
    the same weights and wiring.

    Attributes:
        weights: float32 ``(out_dim, size)``, what the parametrization makes gates of.
        indices: int64 ``(k, out_dim)``, the columns that a neuron reads; in the state dict.
        wires: in place of them connections that are learnt.
    """

    arguments = (
        "in_dim", "out_dim", "grad_factor", "connections", "k", "parametrization", "logic",
        "weight_init", "temperature", "candidates", "selection",
    )  # fmt: skip

    indices: Tensor
    each: Tensor
    wires: LearnableConnections | None

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
        candidates: int | str = 8,
        selection: str = "softmax",
        generator: Generator | None = None,
    ) -> None:
        """Make a layer.

        Args:
            grad_factor: gradients are multiplied by it on their way to the input.
            k: inputs of a neuron, up to 6; more than 2 for ``light`` and ``walsh`` alone.
            connections: ``random`` or ``unique``, see `wiring.draw`; or ``learnable``: every input
                of a neuron chooses among ``candidates``, a number or ``all``, by ``selection``, see
                `LearnableConnections`.
            parametrization: a name of `PARAMETRIZATIONS`.
            logic: a name of `LOGICS`.
            weight_init: ``normal``, or ``residual``: neurons pass their first input on.
            temperature: of the distribution over gates; may be changed while training.
            generator: of weights and wiring; by default torch's own.

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        if in_dim < 1 or out_dim < 1:
            raise UsageError(
                f"a layer of {in_dim} inputs and {out_dim} neurons", where="LogicLayer"
            )
        super().__init__(out_dim, k, parametrization, logic, weight_init, temperature, generator)
        self.in_dim, self.out_dim, self.grad_factor = in_dim, out_dim, grad_factor
        self.connections, self.wires = connections, None
        self.selection = selection
        if connections == "learnable":
            self.wires = LearnableConnections(
                in_dim, out_dim, k, candidates, selection, generator=generator
            )
            self.register_buffer("each", torch.arange(k * out_dim).reshape(k, out_dim), False)
        else:
            self.register_buffer("indices", draw(connections, in_dim, out_dim, k, generator))
        self._candidates = candidates
        if device is not None:
            self.to(device)

    def description(self) -> dict[str, Any]:
        told = super().description()
        if self.wires is None:
            del told["candidates"], told["selection"]
        return told

    def forward(self, x: Tensor) -> Tensor:
        """``(…, in_dim)`` numbers from 0 to 1 become ``(…, out_dim)``."""
        if x.shape[-1] != self.in_dim:
            raise UsageError(
                f"the layer reads {self.in_dim} values, and gets {tuple(x.shape)}",
                where="LogicLayer",
                hint="lgc.nn.Flatten makes rows of images",
            )
        rows = x.reshape(-1, self.in_dim) if x.ndim != 2 else x
        rows = rows.to(self.weights.dtype)
        made = self._neurons(scaled(rows, self.grad_factor))
        return made.reshape(*x.shape[:-1], self.out_dim) if x.ndim != 2 else made

    @property
    def candidates(self) -> int | str:
        """How many columns an input of a neuron chooses among, where connections are learnt."""
        return self._candidates if self.wires is None else self.wires.candidates

    def chosen(self) -> Tensor:
        """The columns that a neuron reads in eval mode, int64 ``(k, out_dim)``."""
        return self.indices if self.wires is None else self.wires.chosen()

    def prune(self, top: int) -> None:
        """Keep the ``top`` strongest candidates of each input; see `LearnableConnections.prune`.

        Raises:
            UsageError: connections are not learnt, or there are not so many.
        """
        if self.wires is None:
            raise UsageError("connections that are not learnt have no candidates", where="prune")
        self.wires.prune(top)

    def hardened(self) -> LogicLayer:
        """A layer with the same weights and the wires that are chosen, which are learnt no more."""
        told: dict[str, Any] = {key: getattr(self, key) for key in self.arguments}
        # drawn wiring is replaced, and might not exist for so many inputs
        told.update(connections="random", in_dim=1)
        made = LogicLayer(**told)
        made.in_dim, made.indices = self.in_dim, self.chosen().clone()
        made.weights = torch.nn.Parameter(self.weights.detach().clone())
        return made.train(self.training)

    def _neurons(self, rows: Tensor) -> Tensor:
        indices = self.chosen() if self.wires is None or not self.training else self.each
        if self.wires is not None and self.training:
            rows = self.wires(rows)
        if self.k > 2:
            entries = self.entries() if self.training else self.bits().to(rows)
            return luts(rows, indices, entries)
        if self.training:
            return gates(rows, indices, self.coefficients(), self.logic)
        return gates(rows, indices, self.hard_coefficients())
