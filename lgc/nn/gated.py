"""Gating: a learnt signal that says how much of another passes."""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor

from ..errors import UsageError
from .described import Described, bytes_of
from .logic_layer import LogicLayer

FORMS = ("and", "mux")


class GatedLogicLayer(Described):
    """Two layers of gates over one input, of which the second, ``gate``, lets the first pass.

    ``and``: v·g. ``mux``: g·v + (1 - g)·x, where x is a value of the input, neuron i's that of
    column i modulo their number, so that closed gates make a wire. In eval mode these are AND
    gates and choices between two bits.

    Attributes:
        value, gate: the layers.
    """

    arguments = ("in_dim", "out_dim", "form")

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        form: str = "and",
        options: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Make a layer.

        Args:
            options, more: arguments of both `LogicLayer`.

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        super().__init__()
        if form not in FORMS:
            raise UsageError(
                f"form is one of {', '.join(FORMS)}, not {form!r}", where="GatedLogicLayer"
            )
        self.in_dim, self.out_dim, self.form = in_dim, out_dim, form
        self.value = LogicLayer(in_dim, out_dim, **(options or {}), **more)
        self.gate = LogicLayer(in_dim, out_dim, **(options or {}), **more)

    def description(self) -> dict[str, Any]:
        inner = self.value.description()
        options = {key: inner[key] for key in inner if key not in ("lgc", "in_dim", "out_dim")}
        return {**super().description(), "options": options}

    def set_extra_state(self, state: Tensor) -> None:
        told = json.loads(bytes_of(state)).get("options", {})
        for layer in (self.value, self.gate):
            layer.temperature = told.get("temperature", layer.temperature)
        super().set_extra_state(state)

    def prune(self, top: int) -> None:
        """Keep the strongest connections of both layers; see `LogicLayer.prune`."""
        self.value.prune(top)
        self.gate.prune(top)

    def forward(self, x: Tensor) -> Tensor:
        """``(…, in_dim)`` numbers from 0 to 1 become ``(…, out_dim)``."""
        value, gate = self.value(x), self.gate(x)
        if self.form == "and":
            return value * gate
        rows = x.reshape(-1, self.in_dim).to(value.dtype)
        if self.out_dim != self.in_dim:
            column = torch.arange(self.out_dim, device=x.device) % self.in_dim
            rows = rows.t()[column].t()
        return torch.lerp(rows.reshape(value.shape), value, gate)
