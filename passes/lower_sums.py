"""Add up class sums by gates, and compare them: the circuit then gives scores, or the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.rewriter import InsertPoint, Rewriter

from lgc.chain import entry, read_chain
from lgc.dialect import ArgmaxOp, CircuitOp, GroupSumOp, IndexOp, WriteStateOp
from lgc.dialect.operations import width
from lgc.errors import UsageError
from lgc.interfaces import SumPass
from lgc.netlist import Netlist
from lgc.summed import summed
from lgc.sums.classifier import classifier
from lgc.sums.terms import Weights
from lgc.surgery import wires


@dataclass(frozen=True)
class LowerSums(SumPass):
    """Adders for `logic.group_sum`, whose weights are the powers of two afterwards.

    Where a score may be negative they are two's complement, the last weight of a class negative.
    With ``to=class`` comparators too, and `logic.index` takes the place of the sums: of a model
    that gave scores only the class is left. The adders are chains written for `map-lut` (see
    `lgc.sums.adders`); ``length`` bounds their pairs, for less depth, 0 does not. With ``apart``
    they are a circuit of their own behind the one that was there. Native code does not want this
    pass: it has adders of its own.
    """

    name = "lower-sums"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "adders are gates",
        "idempotent": "sums of powers of two are added up again",
    }

    to: str = "scores"
    length: int = 0
    apart: bool = False

    def __post_init__(self) -> None:
        if self.length < 0:
            raise UsageError(f"length cannot be {self.length}", where="pass lower-sums")
        if self.to not in ("scores", "class"):
            raise UsageError(f"to is scores or class, not {self.to}", where="pass lower-sums")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.apart:
            _add_wires(op)
        if self.to == "scores":
            super().apply(ctx, op)
            return
        sums = read_chain(op, recurrent=True).group_sum
        if sums is None or (found := summed(sums.bits)) is None:
            return
        net = classifier(found.net, sums.weighted(), "class", self.length).net
        made = found.operations(found.joined(net))
        index = IndexOp(made[-1].results[0])
        last = next((use.operation for use in sums.result.uses), None)
        if isinstance(last, ArgmaxOp):
            last.result.replace_all_uses_with(index.result)
            Rewriter.erase_op(last)
        Rewriter.replace_op(sums, [*made, index], [index.result])
        found.erase()
        function = entry(op)
        function.function_type = FunctionType.from_lists(
            function.function_type.inputs.data, [index.result.type]
        )

    def rewrite(self, net: Netlist, sums: Weights) -> tuple[Netlist, Weights]:
        """Two gates a bit that is added, some 7 µs for each."""
        made = classifier(net, sums, "scores", self.length)
        group = np.repeat(np.arange(sums.classes), made.sizes)
        return made.net, Weights(group, made.weight, np.zeros(sums.classes, np.int64))


def _add_wires(op: ModuleOp) -> None:
    """A circuit without gates between the last one and the class sums."""
    for sums in [inner for inner in op.walk() if isinstance(inner, GroupSumOp)]:
        last = sums.bits.owner if isinstance(sums.bits.owner, WriteStateOp) else sums
        circuit = CircuitOp(last.operands[0], wires(width(last.operands[0])))
        Rewriter.insert_op(circuit, InsertPoint.before(last))
        last.operands[0] = circuit.result
