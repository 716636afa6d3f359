"""Join stages that follow one another: circuits, and a convolution with its pooling."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from lgc.interfaces import LogicPass
from lgc.mapping import joined, replace_stages


@dataclass(frozen=True)
class FuseLayers(LogicPass):
    """circuit(circuit(x)) = (circuit ∘ circuit)(x), and the same for maps where the second reads
    whole places of the first and none is computed twice."""

    name = "fuse-layers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        replace_stages(op, joined)
