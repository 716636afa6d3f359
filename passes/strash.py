"""Merge gates that compute the same function of the same nets, swapped or complemented."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.sharing import sweep


@dataclass(frozen=True)
class Strash(NetlistPass):
    """Structural hashing: the first of several twins stays, its readers absorb the phase.

    Merging makes fan-ins equal, which folds, which makes more gates equal: both happen in the
    same sweep, so `strash` needs no `fold` before it and no second run.
    """

    name = "strash"

    def rewrite(self, net: Netlist) -> Netlist:
        """O(gates), one forward sweep. Keeps topological order."""
        return sweep(net, share=True)
