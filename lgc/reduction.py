"""Shrinks a netlist while a property holds, to find the smallest input of a bug.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
2002) over three kinds of parts in turn: outputs, gates (a dropped gate passes one of its fan-ins
on), unused inputs; until nothing more can go.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .narrowing import int_rows, ints
from .netlist import Netlist
from .surgery import restrict

Interesting = Callable[[Netlist], bool]


def reduce_netlist(net: Netlist, interesting: Interesting) -> Netlist:
    """The smallest netlist found for which ``interesting`` still holds.

    Args:
        net: a netlist for which it holds.
        interesting: decides; it is asked about O(parts · log parts) netlists.
    """
    while True:
        before = net
        net = _drop(net, len(net.outputs), _without_outputs, interesting)
        for place in range(net.k):
            net = _drop(net, net.gates, partial(_without_gates, place), interesting)
        smaller = _without_unused_inputs(net)
        if smaller.inputs < net.inputs and interesting(smaller):
            net = smaller
        if net == before:
            return net


def _drop(
    net: Netlist,
    count: int,
    without: Callable[[Netlist, NDArray[np.bool_]], Netlist | None],
    interesting: Interesting,
) -> Netlist:
    """Drop runs of parts, half of them at first, then shorter and shorter ones."""
    size = count // 2
    while size >= 1:
        start = 0
        while start < count:
            dropped = np.zeros(count, np.bool_)
            dropped[start : start + size] = True
            candidate = without(net, dropped)
            if candidate is not None and interesting(candidate):
                net = candidate
                count = len(net.outputs) if without is _without_outputs else net.gates
            else:
                start += size
        size //= 2
    return net


def _without_outputs(net: Netlist, dropped: NDArray[np.bool_]) -> Netlist | None:
    kept = net.outputs[~dropped]
    return restrict(net, kept) if len(kept) else None


def _without_gates(place: int, net: Netlist, dropped: NDArray[np.bool_]) -> Netlist | None:
    number = list(range(net.inputs))
    for gate, (drop, reads) in enumerate(zip(ints(dropped), int_rows(net.fanin))):
        number.append(number[reads[place]] if drop else net.inputs + gate)
    moved = np.array(number, np.int32)
    rerouted = Netlist(net.inputs, net.table, moved[net.fanin], moved[net.outputs])
    smaller = restrict(rerouted, rerouted.outputs)
    return smaller if smaller.gates < net.gates else None


def _without_unused_inputs(net: Netlist) -> Netlist:
    used = np.zeros(net.nets, np.bool_)
    used[net.fanin.ravel()] = True
    used[net.outputs] = True
    used[net.inputs :] = True
    used[0] |= not used[: net.inputs].any()
    number = np.cumsum(used, dtype=np.int32) - 1
    inputs = int(used[: net.inputs].sum())
    return Netlist(inputs, net.table, number[net.fanin], number[net.outputs])
