"""Let stages give and read fewer bits: unread ones go, constants and wires are looked through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from lgc.interfaces import LogicPass
from lgc.mapping import replace_stages
from lgc.narrowing import narrowed


@dataclass(frozen=True)
class Narrow(LogicPass):
    """What `dce` and `fold` do inside a netlist, between stages that stay apart, such as maps."""

    name = "narrow"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "a constant that a stage reads becomes a gate of its own netlist"
    }

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        replace_stages(op, narrowed)
