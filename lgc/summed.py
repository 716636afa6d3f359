"""The circuit behind class sums, with what it gives for the next state kept out of the way.

Passes that rewrite a circuit together with the sums over its outputs see only those; the bits of a
state stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import Rewriter

from .dialect import CircuitOp, WriteStateOp
from .netlist import Netlist
from .sharing import sweep
from .surgery import beside, keep, live_gates


@dataclass(frozen=True, eq=False)
class Summed:
    """A circuit of which all outputs are results of the step or bits of the next state.

    Attributes:
        circuit: the operation.
        write: takes the state out of its result, where there is one.
    """

    circuit: CircuitOp
    write: WriteStateOp | None

    @property
    def state(self) -> int:
        """Bits of the state."""
        return 0 if self.write is None else self.write.state

    @property
    def net(self) -> Netlist:
        """The gates, and of the outputs the results."""
        net = self.circuit.net.data
        return _with_outputs(net, 0, len(net.outputs) - self.state) if self.state else net

    def joined(self, net: Netlist) -> Netlist:
        """``net`` in the place of `net`, with the bits of the next state as they were.

        Gates that both need are there once.
        """
        if not self.state:
            return net
        old = self.circuit.net.data
        kept = _with_outputs(old, len(old.outputs) - self.state, len(old.outputs))
        both = sweep(beside(net, kept), share=True)
        return keep(both, live_gates(both))

    def operations(self, whole: Netlist) -> list[Operation]:
        """A circuit that `joined` made, and what takes the state from it; the last has results."""
        made = CircuitOp(self.circuit.bits, whole)
        return [made, WriteStateOp(made.result, self.state)] if self.state else [made]

    def erase(self) -> None:
        """Remove what nobody reads any more."""
        if self.write is not None:
            Rewriter.erase_op(self.write)
        Rewriter.erase_op(self.circuit)


def summed(bits: SSAValue) -> Summed | None:
    """What gives the bits that class sums count; None where that is no circuit of theirs alone."""
    write = bits.owner if isinstance(bits.owner, WriteStateOp) else None
    source = bits if write is None else write.bits
    if isinstance(source.owner, CircuitOp) and bits.has_one_use() and source.has_one_use():
        return Summed(source.owner, write)
    return None


def _with_outputs(net: Netlist, start: int, stop: int) -> Netlist:
    return Netlist(net.inputs, net.table, net.fanin, np.ascontiguousarray(net.outputs[start:stop]))
