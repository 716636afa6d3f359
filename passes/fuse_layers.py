"""Join circuits that follow one another into one, so that later passes see across layers."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from lgc.dialect import CircuitOp
from lgc.interfaces import LogicPass
from lgc.surgery import compose


@dataclass(frozen=True)
class FuseLayers(LogicPass):
    """circuit(circuit(x)) = (circuit ∘ circuit)(x), where nothing else reads between them."""

    name = "fuse-layers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for last in [inner for inner in op.walk() if isinstance(inner, CircuitOp)]:
            if _reader(last) is None:
                _fuse(last)


def _reader(circuit: CircuitOp) -> CircuitOp | None:
    """The circuit that is the only reader of this one's result."""
    uses = list(circuit.result.uses)
    only = uses[0].operation if len(uses) == 1 else None
    return only if isinstance(only, CircuitOp) else None


def _fuse(last: CircuitOp) -> None:
    row = [last]
    while isinstance(source := row[0].bits.owner, CircuitOp) and _reader(source) is row[0]:
        row.insert(0, source)
    if len(row) == 1:
        return
    joined: Operation = CircuitOp(row[0].bits, compose([part.net.data for part in row]))
    Rewriter.replace_op(last, joined)
    for part in reversed(row[:-1]):
        Rewriter.erase_op(part)
