"""The `logic` dialect: trained logic-gate networks in xDSL."""

from xdsl.ir import Dialect

from .attributes import BitsType, FloatsAttr, NetlistAttr
from .gates import GATE_OPERATIONS, OpenOp
from .operations import (
    VECTOR_OPERATIONS,
    ArgmaxOp,
    CircuitOp,
    GroupSumOp,
    MapOp,
    ThresholdOp,
)

Logic = Dialect(
    "logic", [*VECTOR_OPERATIONS, *GATE_OPERATIONS], [BitsType, FloatsAttr, NetlistAttr]
)

__all__ = [
    "ArgmaxOp",
    "BitsType",
    "CircuitOp",
    "GroupSumOp",
    "Logic",
    "MapOp",
    "NetlistAttr",
    "OpenOp",
    "ThresholdOp",
]
