"""Cover the gates with as few lookup tables of k inputs as possible, or as cheap ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lgc.covering import cover
from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.prices import MACHINES, prices
from lgc.splitting import split
from lgc.surgery import narrow, tidy, widen
from lgc.tables import MAX_FANIN

UNIT = "unit"
"""The cost of any gate is 1: LUTs of an FPGA, `vpternlog`, `lop3`."""


@dataclass(frozen=True)
class MapLut(NetlistPass):
    """One gate of up to ``k`` fan-ins for each chosen cut; at most ``rounds`` of area recovery.

    ``cost`` is ``unit``, every gate costs the same, or the name of a kind of machine, and a gate of
    three fan-ins costs its instructions there (see `lgc.prices`).
    """

    name = "map-lut"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "a gate of more than k fan-ins becomes several",
        "idempotent": "the search starts again from what it found, and may find less",
    }

    k: int = 3
    rounds: int = 32
    cost: str = UNIT

    def __post_init__(self) -> None:
        if not 2 <= self.k <= MAX_FANIN:
            raise UsageError(f"k is 2 to {MAX_FANIN}, not {self.k}", where="pass map-lut")
        if self.rounds < 0:
            raise UsageError(f"rounds cannot be {self.rounds}", where="pass map-lut")
        if self.cost not in (UNIT, *MACHINES):
            known = ", ".join([UNIT, *MACHINES])
            raise UsageError(f"cost is one of {known}, not {self.cost}", where="pass map-lut")
        if self.cost != UNIT and self.k != 3:
            raise UsageError(f"cost={self.cost} needs k=3, not {self.k}", where="pass map-lut")

    def rewrite(self, net: Netlist) -> Netlist:
        """Wider gates than ``k`` are split first. What gets no cheaper stays as it is."""
        if net.k > self.k:
            net = narrow(net, self.k) or split(net, min(self.k, 3))
        price = None if self.cost == UNIT else prices(self.cost)
        mapped = cover(net, self.k, self.rounds, price)
        return mapped if self._cost(mapped) < self._cost(net) else net

    def _cost(self, net: Netlist) -> int:
        if self.cost == UNIT:
            return net.gates
        table = widen(tidy(net), 3).table
        return int(np.array(prices(self.cost))[table.astype(np.int64)].sum())
