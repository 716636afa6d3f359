"""Add up class sums by gates, and compare them: the circuit then gives scores, or the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.rewriter import Rewriter

from lgc.chain import entry, read_chain
from lgc.dialect import ArgmaxOp, CircuitOp, IndexOp
from lgc.errors import UsageError
from lgc.interfaces import SumPass
from lgc.netlist import Netlist
from lgc.sums.classifier import classifier
from lgc.sums.terms import Weights


@dataclass(frozen=True)
class LowerSums(SumPass):
    """Adders for `logic.group_sum`, whose weights are the powers of two afterwards.

    With ``to=class`` comparators too, and `logic.index` takes the place of the sums: of a model
    that gave scores only the class is left. The adders are chains written for `map-lut` (see
    `lgc.sums.adders`); ``length`` bounds their pairs, for less depth, 0 does not. Native code does
    not want this pass: it has adders of its own.
    """

    name = "lower-sums"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "adders are gates",
        "idempotent": "sums of powers of two are added up again",
    }

    to: str = "scores"
    length: int = 0

    def __post_init__(self) -> None:
        if self.length < 0:
            raise UsageError(f"length cannot be {self.length}", where="pass lower-sums")
        if self.to not in ("scores", "class"):
            raise UsageError(f"to is scores or class, not {self.to}", where="pass lower-sums")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.to == "scores":
            super().apply(ctx, op)
            return
        sums = read_chain(op).group_sum
        if sums is None or not isinstance(circuit := sums.bits.owner, CircuitOp):
            return
        made = CircuitOp(
            circuit.bits, classifier(circuit.net.data, sums.weighted(), "class", self.length).net
        )
        index = IndexOp(made.result)
        last = next((use.operation for use in sums.result.uses), None)
        if isinstance(last, ArgmaxOp):
            last.result.replace_all_uses_with(index.result)
            Rewriter.erase_op(last)
        Rewriter.replace_op(sums, [made, index], [index.result])
        Rewriter.erase_op(circuit)
        function = entry(op)
        function.function_type = FunctionType.from_lists(
            function.function_type.inputs.data, [index.result.type]
        )

    def rewrite(self, net: Netlist, sums: Weights) -> tuple[Netlist, Weights]:
        """Two gates a bit that is added, some 7 µs for each."""
        made = classifier(net, sums, "scores", self.length)
        place = np.concatenate([np.arange(size) for size in made.sizes])
        group = np.repeat(np.arange(sums.classes), made.sizes)
        return made.net, Weights(group, 1 << place, np.full(sums.classes, made.base))
