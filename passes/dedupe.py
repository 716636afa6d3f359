"""Merge gates that compute the same function, its complement or a constant, proved by SAT."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.facts import Facts
from lgc.interfaces import InformedPass
from lgc.netlist import Netlist
from lgc.proof.merging import merged
from lgc.proof.sweeping import Limits, equal_nets


@dataclass(frozen=True)
class Dedupe(InformedPass):
    """Functional sharing: the gate nearest to the inputs stays, whatever the others look like.

    Equal means: on every vector that can occur. Where a limit is reached gates stay apart, and a
    remark says how many.

    Attributes:
        conflicts: of the solver, after which a pair of gates is given up; 0 for never.
        seconds: after which no more are tried; 0 for never.
        seed: of the random vectors.
        vectors: random ones to begin with.
    """

    name = "dedupe"

    conflicts: int = 1000
    seconds: float = 60.0
    seed: int = 0
    vectors: int = 4096

    def rewrite(self, net: Netlist, facts: Facts) -> Netlist:
        """A few questions to a SAT solver for each gate that has a twin."""
        return self.rewrite_remarked(net, facts)[0]

    def rewrite_remarked(self, net: Netlist, facts: Facts) -> tuple[Netlist, list[str]]:
        """The same, and the limits that were reached."""
        limits = Limits(self.conflicts, self.seconds, self.vectors, self.seed)
        equal = equal_nets(net, facts, limits)
        left = equal.effort.limits(limits)
        return merged(net, equal), [left] if left else []
