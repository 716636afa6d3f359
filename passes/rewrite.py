"""Replace small parts of the circuit by the smallest circuits known for what they compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.synthesis.rewriting import rewrite

LEAVES = 12
"""Most leaves of a window."""

COSTS = ("gates", "aig")


@dataclass(frozen=True)
class Rewrite(NetlistPass):
    """Cuts of four nets by NPN class, where the new circuit adds fewer gates than it frees.

    ``cost`` is ``gates``, any gate counts 1, or ``aig``: gates are taken apart into ANDs, which
    alone are counted and written. Every second round also looks whether one or two gates of other
    nets express a net, in windows of up to ``leaves`` leaves; with 0 it does not. ``rounds`` is the
    most; the search ends earlier when it no longer gains. Gates of more than two fan-ins stay.
    """

    name = "rewrite"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "idempotent": "the search starts again from what it found, and may find less",
    }

    cost: str = "gates"
    rounds: int = 40
    leaves: int = 10
    seed: int = 1

    def __post_init__(self) -> None:
        if self.cost not in COSTS:
            raise UsageError(
                f"cost is one of {', '.join(COSTS)}, not {self.cost}", where="pass rewrite"
            )
        if self.rounds < 0:
            raise UsageError(f"rounds cannot be {self.rounds}", where="pass rewrite")
        if self.leaves != 0 and not 4 <= self.leaves <= LEAVES:
            raise UsageError(
                f"leaves is 0 or 4 to {LEAVES}, not {self.leaves}", where="pass rewrite"
            )

    def rewrite(self, net: Netlist) -> Netlist:
        """Linear in the gates for each round."""
        if net.k != 2:
            return net
        return rewrite(net, self.cost, self.rounds, self.leaves, self.seed)
