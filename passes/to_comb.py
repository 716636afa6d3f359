"""Turn the circuit of a model into an `hw.module` of `comb` operations, which CIRCT reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation

from lgc.chain import Chain, read_chain
from lgc.dialect import MapOp, OpenOp
from lgc.dialect.comb import to_hw
from lgc.dialect.unpacking import unpack
from lgc.errors import UnsupportedError
from lgc.exchange.circuit import ports
from lgc.interchange import kept_names
from lgc.interfaces import LogicPass

_ALLOWED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class ToComb(LogicPass):
    """Thresholds and class sums are left out; ports are the bits between them.

    About 0.3 ms a gate, as for `unpack`: refused above ``limit`` gates.
    """

    name = "to-comb"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "same-function": "what is left is a module of other dialects, without thresholds and sums",
        "never-larger": "what is left has no gates of the logic dialect to count",
    }

    limit: int = 20_000

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not any(isinstance(inner, FuncOp) for inner in op.ops):
            return
        chain = read_chain(op)
        if chain.gates > self.limit:
            raise UnsupportedError(
                f"{chain.gates} gates are many for one operation a gate",
                where="pass to-comb",
                hint=f"to-comb{{limit={chain.gates}}} does it all the same",
            )
        inputs, outputs = (
            kept_names(op, key, count)
            for key, count in (("inputs", chain.bits), ("outputs", chain.outputs))
        )
        given = ports(inputs, outputs, chain.bits, chain.outputs, _ALLOWED)
        made: Operation = to_hw(_opened(chain), "main", given.inputs, given.outputs)
        for inner in list(op.ops):
            op.body.block.erase_op(inner)
        op.body.block.add_op(made)


def _opened(chain: Chain) -> list[OpenOp]:
    stages: list[OpenOp] = []
    for stage in chain.stages:
        if isinstance(stage, MapOp):
            raise UnsupportedError(
                "logic.map, a convolution, is no plain circuit",
                where="pass to-comb",
                hint="unroll-map before it makes one of it",
            )
        stages.append(stage if isinstance(stage, OpenOp) else unpack(stage))
    return stages
