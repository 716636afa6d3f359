"""Whole-netlist operations that several parts need: liveness, selection, composition, widening."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import tables
from .levels import reach
from .netlist import Netlist


def reads_inputs(net: Netlist) -> NDArray[np.bool_]:
    """Which inputs some gate depends on, or an output is, bool ``(inputs,)``."""
    used = np.zeros(net.nets, np.bool_)
    used[net.outputs] = True
    for place in range(net.k):
        used[net.fanin[tables.depends(net.table, net.k, place), place]] = True
    return used[: net.inputs]


def live_gates(net: Netlist) -> NDArray[np.bool_]:
    """Which gates reach an output, bool ``(n,)``."""
    return reach(net.inputs, net.fanin, net.outputs)[net.inputs :]


def keep(net: Netlist, kept: NDArray[np.bool_], outputs: ArrayLike | None = None) -> Netlist:
    """The netlist of the chosen gates, which must include all that they and the outputs read."""
    number = np.arange(net.nets, dtype=np.int32)
    number[net.inputs :] = net.inputs - 1 + np.cumsum(kept)
    chosen = np.asarray(net.outputs if outputs is None else outputs)
    return Netlist(net.inputs, net.table[kept], number[net.fanin[kept]], number[chosen])


def wires(count: int) -> Netlist:
    """A netlist without gates whose outputs are its inputs."""
    return Netlist(count, [], np.zeros((0, 2), np.int32), np.arange(count))


def restrict(net: Netlist, outputs: ArrayLike) -> Netlist:
    """The netlist that computes only the given nets, without dead gates."""
    cut = Netlist(net.inputs, net.table, net.fanin, outputs)
    return keep(cut, live_gates(cut))


def widen(net: Netlist, k: int) -> Netlist:
    """The same netlist with ``k`` fan-ins a gate; the new ones repeat the first and are unused."""
    if k == net.k:
        return net
    spare = np.repeat(net.fanin[:, :1], k - net.k, axis=1)
    table = tables.widen(net.table, net.k, k)
    return Netlist(net.inputs, table, np.concatenate([net.fanin, spare], axis=1), net.outputs)


def rewired(net: Netlist, inputs: int, place: ArrayLike) -> Netlist:
    """The netlist with ``inputs`` inputs, of which it reads those at ``place``, in order."""
    number = np.concatenate([np.asarray(place), np.arange(inputs, inputs + net.gates)])
    number = number.astype(np.int32)
    return Netlist(inputs, net.table, number[net.fanin], number[net.outputs])


def narrow(net: Netlist, k: int) -> Netlist | None:
    """The same gates, tidy, with ``k`` fan-ins each; None where one depends on more."""
    net = tidy(net)
    if arity(net).max(initial=0) > k:
        return None
    return Netlist(net.inputs, tables.narrow(net.table, net.k, k), net.fanin[:, :k], net.outputs)


def compose(parts: Sequence[Netlist]) -> Netlist:
    """One netlist for parts in a row, each reading the outputs of the one before."""
    k = max(part.k for part in parts)
    inputs = parts[0].inputs
    nets = np.arange(inputs, dtype=np.int32)  # what the next part reads, as final net numbers
    offset = inputs
    table: list[NDArray[np.uint64]] = []
    fanin: list[NDArray[np.int32]] = []
    for part in parts:
        wide = widen(part, k)
        number = np.concatenate([nets, np.arange(offset, offset + part.gates, dtype=np.int32)])
        table.append(wide.table)
        fanin.append(number[wide.fanin])
        nets = number[part.outputs]
        offset += part.gates
    return Netlist(inputs, np.concatenate(table), np.concatenate(fanin), nets)


def beside(left: Netlist, right: Netlist) -> Netlist:
    """One netlist for two that read the same inputs: the outputs of both, one after the other."""
    k = max(left.k, right.k)
    one, other = widen(left, k), widen(right, k)
    number = np.arange(right.nets, dtype=np.int32)
    number[right.inputs :] += left.gates
    return Netlist(
        left.inputs,
        np.concatenate([one.table, other.table]),
        np.concatenate([one.fanin, number[other.fanin]]),
        np.concatenate([one.outputs, number[other.outputs]]),
    )


def tidy(net: Netlist) -> Netlist:
    """The same gates, each depending on its first fan-ins, which all differ.

    A fan-in that a table ignores goes to the end and repeats the first (net 0 for a constant).
    """
    table, fanin = net.table, net.fanin.copy()
    for i in range(net.k):
        for j in range(i + 1, net.k):
            same = fanin[:, i] == fanin[:, j]
            table = np.where(same, tables.identify(table, net.k, i, j), table)
    for end in range(net.k - 1, 0, -1):  # idle fan-ins bubble up
        for i in range(end):
            idle = ~tables.depends(table, net.k, i)
            table = np.where(idle, tables.swap(table, net.k, i, i + 1), table)
            fanin[idle, i], fanin[idle, i + 1] = fanin[idle, i + 1], fanin[idle, i]
    fanin[~tables.depends(table, net.k, 0), 0] = 0
    for i in range(1, net.k):
        idle = ~tables.depends(table, net.k, i)
        fanin[idle, i] = fanin[idle, 0]
    return Netlist(net.inputs, table, fanin, net.outputs)


def first_level(net: Netlist) -> NDArray[np.bool_]:
    """Which gates depend on nothing but inputs, bool ``(n,)``."""
    unused = np.arange(net.k) >= arity(net)[:, None]
    return np.all((net.fanin < net.inputs) | unused, axis=1)


def arity(net: Netlist) -> NDArray[np.int64]:
    """How many fan-ins the table of each gate depends on, int64 ``(n,)``."""
    used = [tables.depends(net.table, net.k, i) for i in range(net.k)]
    return np.stack(used).sum(axis=0).astype(np.int64)
