"""Remove gates that reach no output."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.surgery import keep, live_gates


@dataclass(frozen=True)
class Dce(NetlistPass):
    """Dead code elimination; inputs and outputs stay as they are."""

    name = "dce"

    def rewrite(self, net: Netlist) -> Netlist:
        """O(gates), one backward sweep. Keeps the order."""
        live = live_gates(net)
        return net if live.all() else keep(net, live)
