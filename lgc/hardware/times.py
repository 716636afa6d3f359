"""When the gates of a netlist can be computed, in gates from the inputs and from the end.

Only what a gate depends on counts: a fan-in that its table ignores takes no time, nor does a gate
that depends on nothing. Such a constant is there at any time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..levels import STEPS, levels
from ..loops import Row, loop
from ..netlist import Netlist

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reads:
    """What waits for what.

    Attributes:
        live: bool ``(n, k)``: the gate waits for this fan-in.
        constant: bool ``(nets,)``: a gate that depends on nothing.
    """

    net: Netlist
    live: Bools
    constant: Bools

    @classmethod
    def of(cls, net: Netlist) -> Reads:
        used = np.stack([tables.depends(net.table, net.k, i) for i in range(net.k)], axis=1)
        constant = np.zeros(net.nets, np.bool_)
        constant[net.inputs :] = ~used.any(axis=1)
        return cls(net, used & ~constant[net.fanin], constant)

    @property
    def gates(self) -> Bools:
        """Which gates take time, bool ``(n,)``."""
        return ~self.constant[self.net.inputs :]

    def pairs(self) -> tuple[Ints, Ints]:
        """All pairs of a gate and a net that it waits for."""
        gate, place = np.nonzero(self.live)
        return gate, self.net.fanin[gate, place].astype(np.int64)

    def last(self, stage: Ints, end: int) -> Ints:
        """The last stage that reads each net, int64 ``(nets,)``; ``end`` reads the outputs.

        A net that nothing reads, or a constant, is read where it is made.
        """
        last = self.made(stage)
        gate, read = self.pairs()
        np.maximum.at(last, read, stage[gate])
        last[self.net.outputs] = end
        return np.where(self.constant, self.made(stage), last)

    def made(self, stage: Ints) -> Ints:
        """The stage that makes each net, int64 ``(nets,)``: inputs are there from stage 0."""
        return np.concatenate([np.zeros(self.net.inputs, np.int64), stage])

    def within(self, live: Bools) -> tuple[Ints, Ints]:
        """Gates on the longest path that ends at, and that starts at, each gate.

        Args:
            live: which of the fan-ins belong to paths.
        """
        net = self.net
        fanin = np.where(live, net.fanin, 0).astype(np.int32)  # net 0 is an input, which is free
        height = np.ones(net.gates, np.int64)
        _climb(net.gates * STEPS, net.inputs, net.k, fanin.astype(np.int64).ravel(), height)
        return levels(net.inputs, fanin).astype(np.int64), height

    def depth(self, live: Bools) -> Ints:
        """Gates on the longest path that ends at each gate, 0 for constants; see `within`."""
        return np.where(self.gates, self.within(live)[0], 0)


@loop()
def _climb(inputs: int, k: int, fanin: Row, height: Row) -> None:
    for gate in range(len(height) - 1, -1, -1):
        for place in range(gate * k, gate * k + k):
            read = fanin[place] - inputs
            if read >= 0:
                height[read] = max(height[read], height[gate] + 1)
