"""Binary neurons as gates: a count of agreeing inputs, and its comparison with a constant.

An input agrees with its weight where both have one sign: that is a literal, which costs nothing.
The literals are counted by chains of adders in the order of the inputs, so that the neurons of a
layer share the lowest column: its sums differ at most in their sign, its carries in a few ways.
Short chains would share more gates (a quarter fewer in 784-256-10), and keep so many nets alive
that native code takes five times as long.
"""

from __future__ import annotations

import numpy as np

from lgc.netlist import Netlist
from lgc.sums.adders import add_up
from lgc.sums.arithmetic import AND2, ONE, OR2, Gates, Literal, Number

from .layers import Dense, Ints, Thresholds


def hidden(layer: Dense, found: Thresholds) -> Netlist:
    """A layer: bits in, one bit a neuron out."""
    inputs = layer.weight.shape[1]
    bits, ones = 2 * np.arange(inputs, dtype=np.int64), np.ones(inputs, np.int64)
    table, fanin, outputs = [np.zeros(0, np.uint64)], [np.zeros((0, 3), np.int32)], list[int]()
    nets = inputs
    for row, least, falls in zip(layer.weight, found.least.tolist(), found.falls.tolist()):
        added = add_up(nets, bits + (row < 0), ones, 0, _as_they_are)
        gates = Gates(nets + len(added.table))
        verdict = _at_least(gates, added.number, least)
        if falls:
            verdict = gates.add(ONE, 0) if verdict is None else verdict ^ 1
        last = gates.netlist([verdict])
        table += [added.table.astype(np.uint64), last.table]
        fanin += [added.fanin.astype(np.int32), last.fanin]
        outputs.append(int(last.outputs[0]))
        nets = last.nets
    return Netlist(inputs, np.concatenate(table), np.concatenate(fanin), outputs)


def _as_they_are(bits: Ints) -> Ints:
    return bits


def _at_least(gates: Gates, number: Number, least: int) -> Literal | None:
    """Whether a number is at least a positive constant; None where it never is."""
    below = least - 1
    if below >> len(number):
        return None
    verdict: Literal | None = None  # of the lower bits: greater than those of ``below``
    for place, bit in enumerate(number):
        if below >> place & 1:
            if bit is None or verdict is None:
                verdict = None
            else:
                verdict = gates.add(AND2, bit, verdict)
        elif bit is not None:
            verdict = bit if verdict is None else gates.add(OR2, bit, verdict)
    return verdict
