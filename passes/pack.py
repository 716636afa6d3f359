"""Close opened circuits back into arrays."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.rewriter import Rewriter

from lgc.dialect import OpenOp
from lgc.dialect.unpacking import pack
from lgc.interfaces import LogicPass


@dataclass(frozen=True)
class Pack(LogicPass):
    """`logic.open` to `logic.circuit`; the inverse of `unpack`."""

    name = "pack"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for opened in [inner for inner in op.walk() if isinstance(inner, OpenOp)]:
            Rewriter.replace_op(opened, pack(opened))
