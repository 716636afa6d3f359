"""Lowers a model to a program: one netlist of three-input gates, in the order it will run.

Each output goes to the counter of its class the moment it exists; equal ones are counted once with
a weight, complements and constants go to the offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain
from lgc.dialect import CircuitOp, GroupSumOp, MapOp
from lgc.dialect.unpacking import pack
from lgc.errors import UnsupportedError
from lgc.narrowing import int_rows, ints
from lgc.netlist import Netlist
from lgc.surgery import arity, compose, restrict, tidy, widen

from .arithmetic import ONE, WIRE, Counter, Gates, argmax
from .order import Order, execution_order, order_given

Kind = Literal["scores", "bits"]


@dataclass(frozen=True, eq=False)
class Program:
    """What a kernel computes for one plane.

    Attributes:
        net: gates of at most three fan-ins, in execution order; outputs in the order below.
        kind: ``scores``: per class ``count_bits`` planes (lowest first), then the class index;
            ``bits``: the last layer.
        classes, count_bits, index_bits: sizes of those groups; 0 for ``bits``.
        base: int32 ``(classes,)``, added to the counts.
    """

    net: Netlist
    kind: Kind
    classes: int
    count_bits: int
    index_bits: int
    base: int


def core(chain: Chain) -> Netlist:
    """The gates of a model as one tidy netlist of three fan-ins.

    Raises:
        UnsupportedError: a `logic.map`, which this backend does not run yet.
    """
    parts: list[Netlist] = []
    for stage in chain.stages:
        if isinstance(stage, MapOp):
            raise UnsupportedError(
                "logic.map cannot be compiled to native code",
                where="backend llvm",
                hint="a convolution runs only in the reference interpreter so far",
            )
        circuit = stage if isinstance(stage, CircuitOp) else pack(stage)
        parts.append(circuit.net.data)
    if not parts:
        nothing = np.zeros((0, 2), np.int32)
        parts.append(Netlist(chain.bits, nothing[:, 0], nothing, np.arange(chain.bits)))
    return tidy(narrow(compose(parts)))


def narrow(net: Netlist) -> Netlist:
    """The same function in gates of three fan-ins: wider ones by Shannon expansion."""
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
    return gates.add(0x53, reads[0], one, zero)


def lower(chain: Chain, kind: Kind, *, hurry: bool = False) -> Program:
    """Build the program of a model.

    Args:
        chain: the model.
        kind: what it computes.
        hurry: keep the gates in the order they have, layer by layer as a rule.
    """
    net = core(chain)
    ordered = order_given if hurry else execution_order
    if kind == "bits":
        return Program(_reordered(net, ordered(net)), kind, 0, 0, 0, 0)
    assert chain.group_sum is not None
    uses, offset = _terms(net, chain.group_sum)
    targets, place = np.unique(uses.target, return_inverse=True)
    by_target = np.argsort(place, kind="stable")
    first = np.searchsorted(place[by_target], np.arange(len(targets) + 1)).tolist()
    group, weight = ints(uses.group[by_target]), ints(uses.weight[by_target])
    net = restrict(net, targets if len(targets) else net.outputs[:1])
    order = ordered(net)
    net = _reordered(net, order)

    gates = Gates(net.inputs)
    table, fanin, output = ints(net.table), int_rows(net.fanin), ints(net.outputs)
    number = list(range(net.inputs))
    counters = [Counter(gates) for _ in range(chain.group_sum.classes)]
    done = 0
    for target, stop in zip(ints(order.outputs), ints(order.ready)) if len(targets) else ():
        for gate in range(done, stop):
            a, b, c = fanin[gate]
            gates.table.append(table[gate])
            gates.fanin.append((number[a], number[b], number[c]))
            number.append(net.inputs + len(gates.table) - 1)
        done = stop
        for use in range(first[target], first[target + 1]):
            # −w·b = w·(1 − b) − w, and −w is in the offset already
            bit = 2 * number[output[target]] + (weight[use] < 0)
            counters[group[use]].add_weighted(bit, abs(weight[use]))

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
    made = gates.netlist(planes + index or [None])
    return Program(tidy(made), kind, len(counters), count_bits, len(index), base)


@dataclass(frozen=True, eq=False)
class Uses:
    """Terms of the class sums, no two alike: ``weight`` times net ``target`` for class ``group``.

    Where the weight is negative, its absolute value counts the complement of the net.
    """

    target: NDArray[np.int64]
    group: NDArray[np.int64]
    weight: NDArray[np.int64]


def _terms(net: Netlist, sums: GroupSumOp) -> tuple[Uses, NDArray[np.int64]]:
    """Class sums over the nets behind wires and inverters, and the offset of each class."""
    group, weight = sums.groups().astype(np.int64), sums.weights().astype(np.int64)
    offset = sums.offsets().astype(np.int64)
    target, inverted, constant = _roots(net)
    fixed = np.where(constant >= 0, constant, inverted)
    offset += np.bincount(group, weight * fixed, sums.classes).astype(np.int64)
    weight = np.where(constant >= 0, 0, np.where(inverted, -weight, weight))
    key, place = np.unique(group * net.nets + target, return_inverse=True)
    total = np.bincount(place, weight, len(key)).astype(np.int64)
    key, total = key[total != 0], total[total != 0]
    uses = Uses(key % net.nets, key // net.nets, total)
    offset += np.bincount(uses.group, np.minimum(total, 0), sums.classes).astype(np.int64)
    return uses, offset


def _roots(net: Netlist) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """The net behind each output, whether it is complemented, and 0 or 1 for a constant, or -1."""
    reads = np.concatenate([np.full(net.inputs, 3), arity(net)])
    table = np.concatenate([np.zeros(net.inputs, np.uint64), net.table])
    source = np.concatenate([np.zeros(net.inputs, np.int32), net.fanin[:, 0]])
    target = net.outputs.astype(np.int64)
    inverted = np.zeros(len(target), np.bool_)
    while (wire := reads[target] == 1).any():
        inverted ^= wire & (table[target] != WIRE)
        target = np.where(wire, source[target], target)
    constant = np.where(reads[target] == 0, (table[target] != 0) ^ inverted, -1)
    return target, inverted, constant


def _reordered(net: Netlist, order: Order) -> Netlist:
    """The netlist with only the gates of ``order``, in that order."""
    number = np.zeros(net.nets, np.int32)
    number[: net.inputs] = np.arange(net.inputs)
    number[net.inputs + order.gates] = np.arange(net.inputs, net.inputs + len(order.gates))
    fanin = number[net.fanin[order.gates]]
    return Netlist(net.inputs, net.table[order.gates], fanin, number[net.outputs])


def reads_inputs(net: Netlist) -> NDArray[np.bool_]:
    """Which inputs a program reads, bool ``(inputs,)``."""
    used = np.zeros(net.nets, np.bool_)
    used[net.fanin.ravel()] = True
    used[net.outputs] = True
    return used[: net.inputs]
