"""Structural choices: more cuts for a net than its own cone has.

If net v is g(h(a, b), c) of a cut a, b, c, and some net u before v happens to be h(a, b) or its
complement, then u, c is a cut of v as well, though no path leads from u to v.
"""

from __future__ import annotations

import numpy as np

from .. import tables
from ..covering import cut_tables
from ..cuts import Cuts, Ints, enumerate_cuts
from ..loops import Row, loop
from ..netlist import Netlist
from .programs import NETS

MORE = 12
"""Cuts added to a net at most."""


def find_choices(net: Netlist, kept: int) -> tuple[Cuts, Ints]:
    """The cuts of a tidy netlist of two fan-ins, and the choices beside them, with their tables.

    The cuts of a gate include its own fan-ins.
    """
    cuts = enumerate_cuts(net, NETS, kept)
    table = cut_tables(net, cuts, np.arange(len(cuts.leaves))).astype(np.int64)
    owner = cuts.owner
    leaves = np.full((net.nets, MORE, 2), -1, np.int64)
    found = np.zeros((net.nets, MORE), np.int64)
    count = np.zeros(net.nets, np.int64)
    _add_fanins(net, cuts, leaves, found, count)

    pair = np.flatnonzero((cuts.leaves[:, 1] >= 0) & (cuts.leaves[:, 2] < 0))
    key = cuts.leaves[pair, 0] * net.nets + cuts.leaves[pair, 1]
    order = np.argsort(key, kind="stable")
    pair, key = pair[order], key[order]
    three = np.flatnonzero(cuts.leaves[:, 2] >= 0)
    left, right = cuts.leaves[three][:, [0, 0, 1]], cuts.leaves[three][:, [1, 2, 2]]
    wanted = (left * net.nets + right).ravel()
    low, high = np.searchsorted(key, wanted, "left"), np.searchsorted(key, wanted, "right")
    _resubstitute(
        int((high - low).sum()) * 20 + len(three) * 10, owner[three], cuts.leaves[three].ravel(),
        table[three], low, high, owner[pair], table[pair], leaves.ravel(), found.ravel(), count,
    )  # fmt: skip

    taken = np.arange(MORE) < count[:, None]
    extra = np.full((int(count.sum()), NETS), -1, np.int64)
    extra[:, :2] = leaves[taken]
    place = np.argsort(np.concatenate([owner, np.nonzero(taken)[0]]), kind="stable")
    start = cuts.start + np.concatenate([[0], np.cumsum(count)])
    every = Cuts(NETS, np.concatenate([cuts.leaves, extra])[place], start)
    return every, np.concatenate([table, found[taken]])[place]


def _add_fanins(net: Netlist, cuts: Cuts, leaves: Ints, found: Ints, count: Ints) -> None:
    """Add the fan-ins of each gate that are not among the cuts kept."""
    fanin = np.sort(net.fanin.astype(np.int64), axis=1)
    gate = cuts.owner - net.inputs
    kept = (cuts.leaves[:, :2] == fanin[gate]).all(axis=1) & (cuts.leaves[:, 2] < 0)
    lacks = np.ones(net.gates, np.bool_)
    lacks[gate[kept]] = False
    missing = np.flatnonzero(lacks)
    own = net.table[missing]
    swapped = fanin[missing, 0] != net.fanin[missing, 0]
    own = np.where(swapped, tables.swap(own, 2, 0, 1), own)
    count[net.inputs + missing] = 1
    leaves[net.inputs + missing, 0] = fanin[missing]
    found[net.inputs + missing, 0] = tables.widen(own, 2, NETS)


@loop()
def _resubstitute(
    owner: Row, three: Row, function: Row, low: Row, high: Row, helper: Row, pair: Row,
    leaves: Row, table: Row, count: Row,
) -> None:  # fmt: skip
    for cut in range(len(owner)):
        v = owner[cut]
        for which in range(3):
            # the leaf that is not of the pair, and the places of all three in an index
            other = 2 - which
            one, two, rest = 4, 2, 1
            if which == 1:
                two, rest = 1, 2
            elif which == 2:
                one, two, rest = 2, 1, 4
            for at in range(low[cut * 3 + which], high[cut * 3 + which]):
                u, c = helper[at], three[cut * 3 + other]
                if u >= v or count[v] == MORE:
                    continue
                # f over (u, c), if it is a function of these
                zeros, ones = 0, 0
                for index in range(4):
                    h = pair[at] >> (7 - 2 * index) & 1
                    x = (index >> 1) * one + (index & 1) * two
                    for last in range(2):
                        entry = 1 << (3 - 2 * h - last)
                        if function[cut] >> (7 - x - last * rest) & 1:
                            ones |= entry
                        else:
                            zeros |= entry
                if zeros & ones:
                    continue
                spread = 0
                for entry in range(4):
                    if ones >> entry & 1:
                        spread |= 3 << (2 * entry)
                known = False
                for old in range(count[v]):
                    at_old = v * MORE + old
                    if leaves[2 * at_old] == u and leaves[2 * at_old + 1] == c:
                        known = True
                if not known:
                    place = v * MORE + count[v]
                    leaves[2 * place], leaves[2 * place + 1] = u, c
                    table[place] = spread
                    count[v] += 1
