"""Covering: a netlist as few LUTs, each the function of one cut.

The first choice is by area flow; rounds of exact area follow, in which every net takes the cut that
adds the fewest LUTs given all other choices (Mishchenko, Chatterjee, Brayton, "Improvements to
technology mapping for LUT-based FPGAs", FPGA 2006). A random amount that falls from round to round
is added to each cost, as in simulated annealing: the choice that is best alone is not best for all.
What a LUT costs may depend on its table, for machines where not all are one instruction. Nothing
bounds the depth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import tables
from .cuts import Cuts, Ints, enumerate_cuts
from .loops import Row, loop
from .netlist import Netlist
from .surgery import tidy

LUT = 64
"""Cost of a LUT in units of a leaf: cheapest LUTs first, then fewest values read."""

HEAT = 70
"""Largest random amount, in the first round."""

KEPT = 12
"""Cuts kept a net."""

EFFORT = 12_000_000
"""Cuts tried in all rounds together: a large netlist gets fewer rounds."""


def cover(
    net: Netlist, k: int, rounds: int, prices: Sequence[int] | None = None, seed: int = 1
) -> Netlist:
    """The same function in gates of at most ``k`` fan-ins, as cheap as the cuts allow.

    A constant or a wire may come out where a cut's function does not use its leaves.

    Args:
        net: gates of at most ``k`` fan-ins.
        k: most fan-ins.
        rounds: of exact area at most.
        prices: cost of each table of ``k`` fan-ins; by default they are all alike.
        seed: of the random amounts.
    """
    net = tidy(net)
    cuts = enumerate_cuts(net, k, KEPT)
    price = np.full(len(cuts.leaves), LUT)
    if prices is not None:
        table = cut_tables(net, cuts, np.arange(len(cuts.leaves)))
        price = LUT * np.array(prices, np.int64)[table.astype(np.int64)]
    rounds = min(rounds, max(2, EFFORT // max(1, len(price))))
    best = cuts.start[:-1].copy()
    used = np.bincount(net.outputs, minlength=net.nets)
    _choose(
        len(price) * rounds * 4, net.inputs, k, HEAT, rounds, seed, cuts.leaves.ravel(),
        cuts.start, price, best, used, np.zeros(net.nets * k + k, np.int64),
    )  # fmt: skip
    return _extract(net, cuts, best, used)


@loop()
def _choose(
    inputs: int, k: int, heat: int, rounds: int, seed: int, leaves: Row, start: Row, price: Row,
    best: Row, used: Row, stack: Row,
) -> None:  # fmt: skip
    """``best`` is the cut of each net, ``used`` how many LUTs and outputs read it."""
    nets = len(used)
    for v in range(nets - 1, inputs - 1, -1):
        if used[v] > 0:
            for i in range(best[v] * k, (best[v] + 1) * k):
                if leaves[i] >= 0:
                    used[leaves[i]] += 1
    for turn in range(rounds):
        noise = heat * (rounds - 1 - turn) // rounds
        for v in range(inputs, nets):
            if used[v] == 0 or start[v + 1] - start[v] == 1:
                continue
            chosen, least = best[v], -1
            # let go of the cut in use, try each by taking it and letting go, take the cheapest
            steps = 2 * (start[v + 1] - start[v]) + 2
            for step in range(steps):
                take = step % 2 == 1
                cut = start[v] + (step - 1) // 2
                if step == 0:
                    cut = best[v]
                elif step == steps - 1:
                    cut = chosen
                cost = price[cut]
                top = 0
                for i in range(cut * k, (cut + 1) * k):
                    if leaves[i] >= 0:
                        stack[top] = leaves[i]
                        top += 1
                while top > 0:
                    top -= 1
                    cost += 1
                    u = stack[top]
                    if take:
                        used[u] += 1
                    if u >= inputs and used[u] == 1:
                        cost += price[best[u]]
                        for i in range(best[u] * k, (best[u] + 1) * k):
                            if leaves[i] >= 0:
                                stack[top] = leaves[i]
                                top += 1
                    if not take:
                        used[u] -= 1
                if take and step < steps - 1:
                    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
                    cost += (seed >> 8) % (noise + 1)
                    if least < 0 or cost < least:
                        least, chosen = cost, cut
            best[v] = chosen


def _extract(net: Netlist, cuts: Cuts, best: Ints, used: Ints) -> Netlist:
    """The chosen LUTs as a netlist, in the order of the nets they compute."""
    chosen = net.inputs + np.flatnonzero(used[net.inputs :] > 0)
    leaves = cuts.leaves[best[chosen]]
    number = np.zeros(net.nets, np.int32)
    number[: net.inputs] = np.arange(net.inputs)
    number[chosen] = np.arange(net.inputs, net.inputs + len(chosen))
    fanin = np.where(leaves < 0, np.maximum(leaves[:, :1], 0), leaves)
    table = cut_tables(net, cuts, best[chosen])
    return Netlist(net.inputs, table, number[fanin], number[net.outputs])


def cut_tables(net: Netlist, cuts: Cuts, which: Ints) -> tables.Tables:
    """The tables of some cuts, over ``cuts.k`` fan-ins."""
    k = cuts.k
    pattern = np.array([tables.variable(k, i) for i in range(k)], np.uint64)
    table = np.zeros(len(which), np.int64)
    _functions(
        len(which) * 20, net.inputs, k, net.k, net.fanin.astype(np.int64).ravel(),
        net.table.view(np.int64), cuts.owner[which], cuts.leaves[which].ravel(),
        pattern.view(np.int64), table,
        np.zeros(net.nets, np.int64), np.zeros(net.nets, np.int64), np.zeros(net.nets, np.int64),
    )  # fmt: skip
    return table.view(np.uint64) & tables.ones(k)


@loop()
def _functions(
    inputs: int, k: int, arity: int, fanin: Row, gate: Row, chosen: Row, leaves: Row,
    pattern: Row, table: Row, value: Row, known: Row, stack: Row,
) -> None:  # fmt: skip
    """The tables of the nets ``chosen`` over their leaves: cones run once on all index values."""
    entries = 1 << arity
    for place in range(len(chosen)):
        mark = place + 1
        for i in range(k):
            leaf = leaves[place * k + i]
            if leaf >= 0:
                known[leaf] = mark
                value[leaf] = pattern[i]
        stack[0] = chosen[place]
        top = 1
        while top > 0:
            v = stack[top - 1]
            ready = True
            if v >= inputs and known[v] != mark:
                for i in range(arity):
                    u = fanin[(v - inputs) * arity + i]
                    if known[u] != mark:
                        stack[top] = u
                        top += 1
                        ready = False
                        break
            if not ready:
                continue
            top -= 1
            if known[v] == mark:
                continue
            known[v] = mark
            word = 0
            if v >= inputs:
                for entry in range(entries):
                    if gate[v - inputs] >> (entries - 1 - entry) & 1:
                        term = -1
                        for i in range(arity):
                            u = value[fanin[(v - inputs) * arity + i]]
                            term &= u if entry >> (arity - 1 - i) & 1 else ~u
                        word |= term
            value[v] = word
        table[place] = value[chosen[place]]
