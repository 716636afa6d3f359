"""Cover the gates with as few lookup tables of k inputs as possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lgc.covering import cover
from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.tables import MAX_FANIN


@dataclass(frozen=True)
class MapLut(NetlistPass):
    """One gate of up to ``k`` fan-ins for each chosen cut; ``rounds`` of area recovery."""

    name = "map-lut"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "idempotent": "the search starts again from what it found, and may find less",
    }

    k: int = 3
    rounds: int = 32

    def __post_init__(self) -> None:
        if not 2 <= self.k <= MAX_FANIN:
            raise UsageError(f"k is 2 to {MAX_FANIN}, not {self.k}", where="pass map-lut")
        if self.rounds < 0:
            raise UsageError(f"rounds cannot be {self.rounds}", where="pass map-lut")

    def rewrite(self, net: Netlist) -> Netlist:
        """A netlist with wider gates than ``k``, or that is no larger already, stays as it is."""
        if net.k > self.k:
            return net
        mapped = cover(net, self.k, self.rounds)
        return mapped if mapped.gates < net.gates else net
