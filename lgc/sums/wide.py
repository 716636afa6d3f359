"""Wide gates as gates of three fan-ins, by Shannon expansion."""

from __future__ import annotations

from ..narrowing import int_rows, ints
from ..netlist import Netlist
from ..surgery import widen
from .arithmetic import MUX, Gates


def narrow(net: Netlist) -> Netlist:
    """The same function in gates of three fan-ins."""
    if net.k <= 3:
        return widen(net, 3)
    gates = Gates(net.inputs)
    number = [2 * i for i in range(net.inputs)]
    for table, reads in zip(ints(net.table), int_rows(net.fanin)):
        number.append(_expand(gates, table, [number[read] for read in reads]))
    return gates.netlist([number[output] for output in ints(net.outputs)])


def _expand(gates: Gates, table: int, reads: list[int]) -> int:
    """f(x, …) = x ? f1(…) : f0(…), down to three fan-ins."""
    if len(reads) == 3:
        return gates.add(table, *reads)
    half = 1 << (len(reads) - 1)
    low, high = table >> half, table & ((1 << half) - 1)
    if low == high:
        return _expand(gates, low, reads[1:])
    zero, one = _expand(gates, low, reads[1:]), _expand(gates, high, reads[1:])
    return gates.add(MUX, reads[0], one, zero)
