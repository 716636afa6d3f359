"""Lowers a model to a program: one netlist of three-input gates, in the order it will run.

It is what stands after the last `logic.map`, whose bits it reads; `places` has what comes before.
Each output goes to the counter of its class the moment it exists; equal ones are counted once with
a weight, complements and constants go to the offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain
from lgc.dialect.operations import width
from lgc.dialect.unpacking import netlist_of
from lgc.guards import int_rows, ints
from lgc.netlist import Netlist
from lgc.splitting import split
from lgc.sums.arithmetic import ONE, Counter, Gates, argmax
from lgc.sums.arithmetic import Literal as Bit
from lgc.sums.terms import collect
from lgc.surgery import compose, restrict, tidy, wires

from .order import Order, execution_order, order_given
from .places import last_stages

Kind = Literal["scores", "bits"]


def main_kind(classes: int) -> Kind:
    """What a model of so many classes is there for."""
    return "scores" if classes else "bits"


@dataclass(frozen=True, eq=False)
class Program:
    """What a kernel computes for one plane.

    Attributes:
        net: gates of at most three fan-ins, in execution order; outputs in the order below.
        kind: ``scores``: per class ``count_bits`` planes (lowest first), then the class index;
            ``bits``: the last layer.
        classes, count_bits, index_bits: sizes of those groups; 0 for ``bits``.
        base: int32 ``(classes,)``, added to the counts.
        state: how many outputs behind all these are the next state.
    """

    net: Netlist
    kind: Kind
    classes: int
    count_bits: int
    index_bits: int
    base: int
    state: int = 0


def core(chain: Chain) -> Netlist:
    """The gates after the last map as one tidy netlist of three fan-ins."""
    stages = last_stages(chain)
    if not stages:
        return tidy(split(wires(width(chain.stages[-1].result) if chain.stages else chain.bits), 3))
    return three([netlist_of(stage) for stage in stages])


def three(parts: Sequence[Netlist]) -> Netlist:
    """Netlists in a row as a tidy one of three fan-ins."""
    return tidy(split(compose(parts), 3))


@dataclass(frozen=True, eq=False)
class Ready:
    """Bits to be added up, in the order in which they are there.

    Attributes:
        bit: twice the number of a net, plus 1 where its complement counts.
        group: the class that counts it.
        weight: how much it counts, above 0.
        ready: how many gates have run when it is there, ascending.
        offset: int64 ``(classes,)``, what each class starts from.
        state: int64 ``(state,)``, nets that are the next state.
    """

    bit: NDArray[np.int64]
    group: NDArray[np.int64]
    weight: NDArray[np.int64]
    ready: NDArray[np.int64]
    offset: NDArray[np.int64]
    state: NDArray[np.int64]


def last_layer(chain: Chain, hurry: bool) -> Netlist:
    """The gates of a model in execution order; ``hurry`` keeps the order they have."""
    return ordered(core(chain), hurry)


def ordered(net: Netlist, hurry: bool) -> Netlist:
    """The gates of a tidy netlist in execution order; ``hurry`` keeps the order they have."""
    return _reordered(net, order_given(net) if hurry else execution_order(net))


def terms(chain: Chain, hurry: bool) -> tuple[Netlist, Ready]:
    """The gates behind the class sums in execution order, and what is to be added up."""
    assert chain.group_sum is not None
    whole = core(chain)
    net = Netlist(whole.inputs, whole.table, whole.fanin, whole.outputs[: chain.outputs])
    uses = collect(net, chain.group_sum.weighted())
    literal, weight, offset = uses.positive
    wanted = np.concatenate([uses.net, whole.outputs[chain.outputs :].astype(np.int64)])
    targets, place = np.unique(wanted, return_inverse=True)
    if not len(targets):
        none = np.zeros(0, np.int64)
        return restrict(net, np.zeros(1, np.int32)), Ready(none, none, none, none, offset, none)
    net = restrict(net, targets)
    order = order_given(net) if hurry else execution_order(net)
    net = _reordered(net, order)
    turn = np.empty(len(targets), np.int64)
    turn[order.outputs] = np.arange(len(targets))
    place, kept = np.split(place, [len(uses.net)])
    when = np.argsort(turn[place], kind="stable")
    place = place[when]
    bit = 2 * net.outputs[place].astype(np.int64) + (literal[when] & 1)
    ready = order.ready[turn[place]]
    state = net.outputs[kept].astype(np.int64)
    return net, Ready(bit, uses.group[when], weight[when], ready, offset, state)


def lower(chain: Chain, kind: Kind) -> Program:
    """Build the program of a model for straight code."""
    if kind == "bits":
        return Program(last_layer(chain, hurry=False), kind, 0, 0, 0, 0, chain.state)
    net, added = terms(chain, hurry=False)
    gates = Gates(net.inputs)
    table, fanin = ints(net.table), int_rows(net.fanin)
    number = list(range(net.inputs))
    counters = [Counter(gates) for _ in added.offset]

    def run(until: int) -> None:
        for gate in range(len(number) - net.inputs, until):
            a, b, c = fanin[gate]
            gates.table.append(table[gate])
            gates.fanin.append((number[a], number[b], number[c]))
            number.append(net.inputs + len(gates.table) - 1)

    for bit, group, weight, ready in zip(
        ints(added.bit), ints(added.group), ints(added.weight), ints(added.ready)
    ):
        run(ready)
        counters[group].add_weighted(2 * number[bit >> 1] + (bit & 1), weight)
    if chain.state:
        run(net.gates)
    planes, sizes = finish_sums(gates, counters, added.offset)
    planes += [2 * number[bit] for bit in ints(added.state)]
    return Program(tidy(gates.netlist(planes)), kind, *sizes, chain.state)


def finish_sums(
    gates: Gates, counters: list[Counter], offset: NDArray[np.int64]
) -> tuple[list[Bit | None], tuple[int, int, int, int]]:
    """Finish the class sums and compare them.

    Returns:
        The outputs of a `Program` with sums, and its four numbers.
    """
    base = int(offset.min())
    extra = (offset - base).tolist()
    if any(extra):
        one = gates.add(ONE, 0)
        for counter, amount in zip(counters, extra):
            counter.add_weighted(one, amount)
    counts = [counter.finish() for counter in counters]
    index = argmax(gates, counts)
    count_bits = max(len(count) for count in counts)
    planes = [bit for count in counts for bit in count + [None] * (count_bits - len(count))]
    return planes + (index or [None]), (len(counters), count_bits, len(index), base)


def _reordered(net: Netlist, order: Order) -> Netlist:
    """The netlist with only the gates of ``order``, in that order."""
    number = np.zeros(net.nets, np.int32)
    number[: net.inputs] = np.arange(net.inputs)
    number[net.inputs + order.gates] = np.arange(net.inputs, net.inputs + len(order.gates))
    fanin = number[net.fanin[order.gates]]
    return Netlist(net.inputs, net.table[order.gates], fanin, number[net.outputs])
