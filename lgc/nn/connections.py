"""Connections that are learnt: every input of a neuron chooses among a few candidates."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..errors import UsageError
from .described import Described
from .mixtures import mixtures
from .wiring import draw

SELECTIONS = ("softmax", "straight")
_ROOM = 1 << 22
"""Numbers that are drawn at a time."""


class LearnableConnections(Described):
    """What the ``k`` inputs of ``out_dim`` neurons read, each one of its own candidates.

    While it is trained an input is the sum of its candidates, each as large as it is probable;
    in eval mode it is the most probable one, the first of ties.

    Attributes:
        indices: int64 ``(k, out_dim, candidates)``, columns; in the state dict.
        strengths: float32 of the same shape, logits.
        temperature: of the distribution over candidates; may be changed while training.
    """

    arguments = ("in_dim", "out_dim", "k", "candidates", "selection", "temperature")

    indices: Tensor
    strengths: torch.nn.Parameter

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        k: int = 2,
        candidates: int | str = 8,
        selection: str = "softmax",
        temperature: float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> None:
        """Draw candidates, all different for one input, and small strengths.

        Args:
            candidates: how many, or ``all`` columns.
            selection: ``softmax``; or ``straight``: the most probable one counts alone, and
                gradients go past the choice (straight-through).

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        super().__init__()
        where = "LearnableConnections"
        count = in_dim if candidates == "all" else candidates
        if not isinstance(count, int) or not 1 <= count <= in_dim:
            raise UsageError(
                f"candidates are 1 to {in_dim}, as many as there are values, or all, not "
                f"{candidates!r}",
                where=where,
            )
        if selection not in SELECTIONS:
            raise UsageError(
                f"selection is one of {', '.join(SELECTIONS)}, not {selection!r}", where=where
            )
        if not temperature > 0:
            raise UsageError(f"a temperature is above 0, not {temperature}", where=where)
        self.in_dim, self.out_dim, self.k, self.candidates = in_dim, out_dim, k, count
        self.selection, self.temperature = selection, temperature
        self.register_buffer("indices", _candidates(in_dim, out_dim, k, count, generator))
        strengths = torch.randn(k, out_dim, count, generator=generator)
        self.strengths = torch.nn.Parameter(strengths)

    def probabilities(self) -> Tensor:
        """Of the candidates, ``(k, out_dim, candidates)``; differentiable."""
        return torch.softmax(self.strengths / self.temperature, dim=-1)

    def chosen(self) -> Tensor:
        """The columns that are read in eval mode, int64 ``(k, out_dim)``."""
        best = self.strengths.detach().argmax(-1, keepdim=True)
        return self.indices.gather(-1, best).squeeze(-1)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, in_dim)`` numbers to ``(n, k · out_dim)``: all first inputs, all second ones, …"""
        if not self.training:
            return x.t()[self.chosen().flatten()].t()
        shares = self.probabilities()
        if self.selection == "straight":
            best = self.strengths.argmax(-1, keepdim=True)
            hard = torch.zeros_like(shares).scatter_(-1, best, 1.0)
            shares = hard + (shares - shares.detach())
        return mixtures(x, self.indices.flatten(0, 1), shares.flatten(0, 1))

    def prune(self, top: int) -> None:
        """Keep the ``top`` strongest candidates of each input, and forget the others.

        ``strengths`` becomes a new parameter: an optimiser that has the old one must be made anew.

        Raises:
            UsageError: there are not so many.
        """
        if not 1 <= top <= self.candidates:
            raise UsageError(
                f"{top} of {self.candidates} candidates cannot be kept",
                where="LearnableConnections",
            )
        order = torch.sort(self.strengths.detach(), dim=-1, descending=True, stable=True).indices
        kept = order[..., :top]
        self.indices = self.indices.gather(-1, kept)
        self.strengths = torch.nn.Parameter(self.strengths.detach().gather(-1, kept))
        self.candidates = top


def _candidates(
    inputs: int, outputs: int, k: int, count: int, generator: Generator | None
) -> Tensor:
    """Columns, int64 ``(k, outputs, count)``: the first read all inputs as evenly as wires do."""
    if count == inputs:
        return torch.arange(inputs).repeat(k, outputs, 1)
    first = draw("random", inputs, outputs, k, generator).reshape(-1, 1)
    made: list[Tensor] = []
    each = max(_ROOM // inputs, 1)
    for at in range(0, len(first), each):
        part = first[at : at + each]
        chance = torch.rand(len(part), inputs, generator=generator)
        chance.scatter_(1, part, 2.0)  # comes first
        made.append(chance.topk(count).indices)
    return torch.cat(made).reshape(k, outputs, count)
