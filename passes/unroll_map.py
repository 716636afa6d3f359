"""Unroll convolutions: a map becomes a circuit with a copy of its netlist for every place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Mapped
from lgc.interfaces import LogicPass
from lgc.mapping import Stages, given, replace_stages, unrolled
from lgc.netlist import Netlist


@dataclass(frozen=True)
class UnrollMap(LogicPass):
    """map(net)(x) = circuit(net at every place)(x)."""

    name = "unroll-map"
    DECLINES: ClassVar[Mapping[str, str]] = {"never-larger": "every place gets its own gates"}

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        replace_stages(op, _unroll)


def _unroll(stages: Stages, bits: int) -> Stages:
    made: list[Netlist | Mapped] = []
    for stage in stages:
        made.append(unrolled(stage, bits) if isinstance(stage, Mapped) else stage)
        bits = given(stage)
    return made
