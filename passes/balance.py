"""Rebuild trees of AND, OR or XOR for least depth."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.interfaces import NetlistPass
from lgc.metrics import depth
from lgc.netlist import Netlist
from lgc.synthesis.balancing import balance


@dataclass(frozen=True)
class Balance(NetlistPass):
    """Less depth, never more gates.

    Gates of one kind that only the next of them reads are joined in another order, the net that is
    there first with the next. Gates of more than two fan-ins stay as they are.
    """

    name = "balance"

    def rewrite(self, net: Netlist) -> Netlist:
        """O(gates · log gates); a netlist that is no less deep afterwards stays as it is."""
        if net.k != 2:
            return net
        after = balance(net)
        return after if depth(after) < depth(net) and after.gates <= net.gates else net
