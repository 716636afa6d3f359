"""Fold constants, drop buffers and inverters, simplify gates that read one net twice."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.sharing import sweep


@dataclass(frozen=True)
class Fold(NetlistPass):
    """``a∧0 = 0`` · ``a∧1 = a`` · ``a∧a = a`` · ``a∧¬a = 0`` · an inverter joins its readers."""

    name = "fold"

    def rewrite(self, net: Netlist) -> Netlist:
        """O(gates), one forward sweep. Keeps topological order."""
        return sweep(net, share=False)
