"""Open each circuit into one operation a gate, for reading and for ordinary xDSL patterns."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.rewriter import Rewriter

from lgc.dialect import CircuitOp
from lgc.dialect.unpacking import unpack
from lgc.errors import UnsupportedError
from lgc.interfaces import LogicPass


@dataclass(frozen=True)
class Unpack(LogicPass):
    """`logic.circuit` to `logic.open`. About 0.3 ms a gate: refused above ``limit`` gates."""

    name = "unpack"
    limit: int = 20_000

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for circuit in [inner for inner in op.walk() if isinstance(inner, CircuitOp)]:
            gates = circuit.net.data.gates
            if gates > self.limit:
                raise UnsupportedError(
                    f"{gates} gates are many for one operation a gate",
                    where="pass unpack",
                    hint=f"unpack{{limit={gates}}} does it all the same",
                )
            Rewriter.replace_op(circuit, unpack(circuit))
