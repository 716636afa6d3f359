"""Remove gates that differ from something simpler only where it cannot occur or is not seen."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.dontcares import simplify
from lgc.errors import UsageError
from lgc.facts import Facts
from lgc.interfaces import InformedPass
from lgc.netlist import Netlist
from lgc.window_proofs import LEAVES


@dataclass(frozen=True)
class DontCare(InformedPass):
    """x > 3 ∧ x > 2 is x > 3; of a one-hot group a ∧ b = 0; and so on through windows of gates.

    ``leaves`` is the largest number of free bits on which a window is tried exhaustively,
    ``observability`` up to which distance readers of a gate are asked whether they see it, 0 for
    none, ``seed`` that of the random vectors which say what is worth a proof.
    """

    name = "dont-care"

    leaves: int = 16
    observability: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.leaves <= LEAVES:
            raise UsageError(
                f"leaves is 2 to {LEAVES}, not {self.leaves}", where=f"pass {self.name}"
            )
        if self.observability < 0:
            raise UsageError(
                f"observability cannot be {self.observability}", where=f"pass {self.name}"
            )

    def rewrite(self, net: Netlist, facts: Facts) -> Netlist:
        """The result agrees with ``net`` on vectors that the facts allow, and is swept."""
        return simplify(net, facts, self.leaves, self.observability, self.seed)
