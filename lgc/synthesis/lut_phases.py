"""Phases of LUTs: each net as the value or its complement, whichever its readers price lower.

A table costs what its complement costs, but not always what it costs with a fan-in complemented
(see `lgc.prices`). Net by net is turned over while that gains. What outputs read stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lgc.loops import Row, loop
from lgc.netlist import Netlist

from .lut_nets import attach

SWEEPS = 10
"""Sweeps over all nets at most, each while it gains something."""


def flipped(table: int, place: int) -> int:
    """A table of three fan-ins with one complemented."""
    if place == 0:
        return (table << 4 | table >> 4) & 0xFF
    if place == 1:
        return (table & 0x33) << 2 | table >> 2 & 0x33
    return (table & 0x55) << 1 | table >> 1 & 0x55


@loop(attach, flipped)
def _turn(
    inputs: int, table: Row, fanin: Row, many: Row, leaving: Row, head: Row, after: Row,
    before: Row, price: Row,
) -> None:  # fmt: skip
    for v in range(inputs, len(table)):
        attach(v, fanin, many, head, after, before)
    gained, turn = 1, 0
    while gained and turn < SWEEPS:
        gained = 0
        turn += 1
        for v in range(inputs, len(table)):
            if leaving[v]:
                continue
            gain, edge = 0, head[v]
            while edge >= 0:
                r = edge // 3
                gain += price[table[r]] - price[flipped(table[r], edge - 3 * r)]
                edge = after[edge]
            if gain > 0:
                gained += gain
                table[v] ^= 0xFF
                edge = head[v]
                while edge >= 0:
                    r = edge // 3
                    table[r] = flipped(table[r], edge - 3 * r)
                    edge = after[edge]


def choose_phases(net: Netlist, prices: Sequence[int], many: np.ndarray) -> Netlist:
    """The same function with nets turned over where that is cheaper.

    Args:
        net: tidy, of gates of three fan-ins.
        prices: cost of each table.
        many: how many of its fan-ins each gate depends on, int64 ``(n,)``.
    """
    before = np.zeros(net.inputs, np.int64)
    table = np.concatenate([before, net.table.astype(np.int64)])
    fanin = np.concatenate([np.zeros((net.inputs, 3), np.int64), net.fanin]).ravel()
    _turn(
        net.gates * 30, net.inputs, table, fanin, np.concatenate([before, many]),
        np.bincount(net.outputs, minlength=net.nets), np.full(net.nets, -1), np.zeros_like(fanin),
        np.zeros_like(fanin), np.array(prices, np.int64),
    )  # fmt: skip
    return Netlist(net.inputs, table[net.inputs :], net.fanin, net.outputs)
