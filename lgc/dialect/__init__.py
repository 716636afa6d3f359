"""The `logic` dialect: trained logic-gate networks in xDSL."""

from xdsl.ir import Dialect

from .attributes import BitsType, FloatsAttr, NetlistAttr
from .gates import GATE_OPERATIONS, OpenOp
from .operations import CircuitOp, MapOp, ThresholdOp
from .places import PlacesOp
from .state import ReadStateOp, WriteStateOp
from .sums import ArgmaxOp, GroupSumOp, IndexOp

Logic = Dialect(
    "logic",
    [
        ThresholdOp,
        PlacesOp,
        ReadStateOp,
        CircuitOp,
        MapOp,
        WriteStateOp,
        GroupSumOp,
        ArgmaxOp,
        IndexOp,
        *GATE_OPERATIONS,
    ],
    [BitsType, FloatsAttr, NetlistAttr],
)

__all__ = [
    "ArgmaxOp",
    "BitsType",
    "CircuitOp",
    "GroupSumOp",
    "IndexOp",
    "Logic",
    "MapOp",
    "NetlistAttr",
    "OpenOp",
    "PlacesOp",
    "ReadStateOp",
    "ThresholdOp",
    "WriteStateOp",
]
