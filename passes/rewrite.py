"""Replace small parts of the circuit by the smallest circuits known for what they compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lgc.deadlines import Deadline
from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.prices import MACHINES, prices
from lgc.synthesis.depth_rewriting import rewrite_depth
from lgc.synthesis.lut_rewriting import UNIT, rewrite_luts
from lgc.synthesis.rewriting import rewrite

LEAVES = 12
"""Most leaves of a window."""

SIZES = ("gates", "aig")
"""Costs that count gates of two fan-ins."""

COSTS = (*SIZES, "depth", "lut3", *MACHINES)


@dataclass(frozen=True)
class Rewrite(NetlistPass):
    """Small cuts built anew, where the new circuit costs less than what it frees, or as much.

    ``cost`` is ``gates``, any gate of two fan-ins counts 1; ``aig``, gates are taken apart into
    ANDs, which alone are counted and written; ``depth``, levels count first, then gates; ``lut3``,
    any gate of up to three fan-ins counts 1; or the name of a kind of machine, such a gate counts
    its instructions there (see `lgc.prices`). For these last, gates of two fan-ins are covered
    first, as by ``map-lut{k=3}``, and the result never costs more than that. Wider gates stay.

    But for depth, where no cut gains, other nets may express a net, or, as long as gates have two
    fan-ins, its table be factored, in windows of up to ``leaves`` leaves; with 0 there are none.
    ``rounds`` is the most; the search ends earlier when it no longer gains, or when ``seconds`` are
    over, which a remark says; 0 is no limit, and the result the same every time.
    """

    name = "rewrite"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "idempotent": "the search starts again from what it found, and may find less",
    }

    cost: str = "gates"
    rounds: int = 40
    leaves: int = 10
    seed: int = 1
    seconds: int | float = 0

    def __post_init__(self) -> None:
        if self.cost not in COSTS:
            raise UsageError(
                f"cost is one of {', '.join(COSTS)}, not {self.cost}", where="pass rewrite"
            )
        if self.rounds < 0:
            raise UsageError(f"rounds cannot be {self.rounds}", where="pass rewrite")
        if self.seconds < 0:
            raise UsageError(f"seconds cannot be {self.seconds:g}", where="pass rewrite")
        if self.leaves != 0 and not 4 <= self.leaves <= LEAVES:
            raise UsageError(
                f"leaves is 0 or 4 to {LEAVES}, not {self.leaves}", where="pass rewrite"
            )

    def rewrite(self, net: Netlist) -> Netlist:
        """Linear in the gates for each round."""
        return self.rewrite_remarked(net)[0]

    def rewrite_remarked(self, net: Netlist) -> tuple[Netlist, list[str]]:
        """The same, and whether time was over before the search was."""
        luts = self.cost == "lut3" or self.cost in MACHINES
        if net.k > 3 if luts else net.k != 2:
            return net, []
        deadline = Deadline(self.seconds)
        rest = (self.rounds, self.leaves, self.seed, deadline)
        if self.cost == "depth":
            after = rewrite_depth(net, self.rounds, self.seed, deadline)
        elif luts:
            price = UNIT if self.cost == "lut3" else prices(self.cost)
            after = rewrite_luts(net, price, *rest)
        else:
            after = rewrite(net, self.cost, *rest)
        return after, deadline.remarks("the search")
