"""Build the circuit anew from what its parts share, again and again, and keep the smallest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lgc.deadlines import Deadline
from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.synthesis.restructuring import restructure

from .rewrite import SIZES


@dataclass(frozen=True)
class Restructure(NetlistPass):
    """Gates are covered with LUTs, what LUTs share is extracted, and the result rewritten.

    ``cost`` is ``gates``, any gate counts 1, or ``aig``: gates are taken apart into ANDs, which
    alone are counted and written. ``turns`` is the most; a large netlist gets fewer, and the search
    ends earlier when it no longer gains, or when ``seconds`` are over, which a remark says; 0 is no
    limit, and the result the same every time. Gates of more than two fan-ins stay.
    """

    name = "restructure"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "idempotent": "the search starts again from what it found, and may find less",
    }

    cost: str = "gates"
    turns: int = 40
    seed: int = 1
    seconds: int | float = 0

    def __post_init__(self) -> None:
        if self.cost not in SIZES:
            raise UsageError(
                f"cost is one of {', '.join(SIZES)}, not {self.cost}", where="pass restructure"
            )
        if self.turns < 0:
            raise UsageError(f"turns cannot be {self.turns}", where="pass restructure")
        if self.seconds < 0:
            raise UsageError(f"seconds cannot be {self.seconds:g}", where="pass restructure")

    def rewrite(self, net: Netlist) -> Netlist:
        """Some seconds a turn for 10,000 gates."""
        return self.rewrite_remarked(net)[0]

    def rewrite_remarked(self, net: Netlist) -> tuple[Netlist, list[str]]:
        """The same, and whether time was over before the search was."""
        if net.k != 2:
            return net, []
        deadline = Deadline(self.seconds)
        after = restructure(net, self.cost, self.turns, self.seed, deadline)
        return after, deadline.remarks("the search")
