"""Pipeline stages: between which register ranks each gate stands, with the fewest register bits.

Logic in N segments, each followed by a rank of registers; the last holds the outputs. An input
that a later segment reads is delayed by registers as well; a constant needs none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..netlist import Netlist
from .retiming import fewest, total
from .times import Ints, Reads

ROOM = 1 << 21
"""Nodes of a graph in which all ranks are placed at once; half a gigabyte, some seconds."""


@dataclass(frozen=True, eq=False)
class Stages:
    """Where registers stand.

    Attributes:
        count: register ranks; the latency in clock cycles. 0 is combinational.
        stage: int32 ``(n,)``, 0 … count-1: the gate is computed before rank ``stage`` + 1.
        limit: most gates on a path within one stage, as was asked or as follows from ``count``.
    """

    count: int
    stage: NDArray[np.int32]
    limit: int


def place(net: Netlist, *, count: int | None = None, limit: int | None = None) -> Stages:
    """Place register ranks with the fewest bits.

    Args:
        count: register ranks; paths are then as short as they can be.
        limit: gates on a path; there are then as few ranks as there can be.

    Raises:
        UsageError: there are not so many gates on any path, or less than none.
    """
    assert (count is None) != (limit is None), "either count or limit"
    reads = Reads.of(net)
    level, height = reads.within(reads.live)
    level = np.where(reads.gates, level, 1)
    depth = int(level[reads.gates].max(initial=0))
    if limit is not None:
        if limit < 1:
            raise UsageError(
                f"{limit} gates between registers are too few",
                where="--max-logic-depth",
                hint="1 is the least",
            )
        count = -(-depth // limit)
    else:
        assert count is not None
        _check(count, depth)
        limit = -(-depth // count) if count else depth
    stage = np.zeros(net.gates, np.int64)
    if count > 1:
        early = (level - 1) // limit
        late = np.where(reads.gates, count - 1 - (height - 1) // limit, 0)
        start = min(early, late, key=lambda stage: total(reads, stage, count))
        stage = fewest(reads, start, count, limit, ROOM)
    return Stages(count, stage.astype(np.int32), limit)


def _check(count: int, depth: int) -> None:
    if count < 0:
        raise UsageError(f"{count} stages are too few", where="--stages", hint="0 is combinational")
    if count > depth:
        raise UsageError(
            f"{count} stages are more than the logic is deep: {depth} gates",
            where="--stages",
            hint=f"{depth} is the most",
        )


def crossing(net: Netlist, stages: Stages, rank: int) -> Ints:
    """The nets that a register rank holds, 1 … ``count``, ascending; no constants.

    They are made before it, and read by a gate of a later stage or by an output.
    """
    made, last = _lives(net, stages)
    return np.flatnonzero((made < rank) & (last >= rank))


def registers(net: Netlist, stages: Stages) -> Ints:
    """Bits of each register rank, int64 ``(count,)``."""
    made, last = _lives(net, stages)
    change = np.bincount(made + 1, minlength=stages.count + 2)
    change -= np.bincount(last + 1, minlength=stages.count + 2)
    return np.cumsum(change)[1 : stages.count + 1]


def depths(net: Netlist, stages: Stages) -> Ints:
    """Gates on the longest path within each stage, int64 ``(count,)``."""
    reads, stage = Reads.of(net), stages.stage.astype(np.int64)
    same = reads.made(stage)[net.fanin] == stage[:, None]
    deepest = np.zeros(stages.count, np.int64)
    if stages.count:
        np.maximum.at(deepest, stage, reads.depth(reads.live & same))
    return deepest


def _lives(net: Netlist, stages: Stages) -> tuple[Ints, Ints]:
    """The stage that makes, and the last that reads, each net."""
    reads, stage = Reads.of(net), stages.stage.astype(np.int64)
    return reads.made(stage), reads.last(stage, stages.count)
