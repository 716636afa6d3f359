"""Changing the netlists of a module in place, and what is known about the bits they read."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from ..facts import Facts, nothing
from ..netlist import Netlist
from .attributes import NetlistAttr
from .operations import CircuitOp, MapOp, ThresholdOp, width
from .places import PlacesOp
from .state import ReadStateOp

Change = Callable[[CircuitOp | MapOp], tuple[Netlist, list[str]]]
"""The netlist that takes the place of an operation's own, and remarks."""


def replace_netlists(module: ModuleOp, change: Change) -> list[str]:
    """Give every netlist of a module what ``change`` makes of it; the remarks on all."""
    remarks: list[str] = []
    for inner in module.walk():
        if isinstance(inner, CircuitOp | MapOp):
            after, made = change(inner)
            remarks += made
            if after is not inner.net.data:
                inner.net = NetlistAttr(after)
    return remarks


def facts_of(reader: CircuitOp | MapOp) -> Facts:
    """What is known about the bits that a circuit reads."""
    if isinstance(reader, MapOp):
        return nothing(reader.net.data.inputs)
    return facts_about(reader.bits)


def facts_about(bits: SSAValue) -> Facts:
    """What is known about a value: thresholds say something, all else is free."""
    source = bits.owner
    if isinstance(source, ThresholdOp | PlacesOp):
        return source.facts
    if isinstance(source, ReadStateOp) and source.bits is not None:
        return facts_about(source.bits).widened(len(source.state))
    return nothing(width(bits))
