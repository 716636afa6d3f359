"""Circuits in which every net is replaced by the one that was proved to be the same."""

from __future__ import annotations

import numpy as np

from .. import tables
from ..levels import levels
from ..netlist import Netlist
from ..sharing import sweep
from ..surgery import restrict
from .sweeping import Equal


def merged(net: Netlist, equal: Equal) -> Netlist:
    """The circuit after a sweep, folded and shared; its outputs agree wherever those proofs hold.

    An output that is an input stays that input.
    """
    k, inputs = net.k, net.inputs
    stands, flips = equal.first[net.fanin], equal.complement[net.fanin]
    table = net.table
    for i in range(k):
        table = np.where(flips[:, i], tables.flip(table, k, i), table)
        table = np.where(stands[:, i] < 0, tables.cofactor(table, k, i, 0), table)
    fanin = np.maximum(stands, 0)
    # A gate that only an output reads becomes a wire, an inverter or a constant in its place.
    first, flip = equal.first[inputs:], equal.complement[inputs:]
    wire = tables.variable(k, 0) ^ np.where(flip, tables.ones(k), np.uint64(0))
    constant = np.where(flip, tables.ones(k), np.uint64(0))
    moved = first != np.arange(inputs, net.nets)
    table = np.where(moved, np.where(first < 0, constant, wire), table)
    fanin[moved] = np.maximum(first[moved], 0)[:, None]
    if (fanin >= np.arange(inputs, net.nets)[:, None]).any():  # a first of another's number
        order = np.argsort(levels(inputs, net.fanin), kind="stable")
        own = np.arange(net.nets, dtype=np.int32)
        own[inputs + order] = np.arange(inputs, net.nets)
        done = Netlist(inputs, table[order], own[fanin[order]], own[net.outputs])
    else:
        done = Netlist(inputs, table, fanin, net.outputs)
    shared = sweep(done, share=True)
    return restrict(shared, shared.outputs)
