"""Lowers a model to a program: one netlist of three-input gates, in the order it will run.

The order decides how far apart a value is made and read. Outputs are taken one by one, next the
one with the fewest gates still missing, whatever its class; each goes to its class counter the
moment it exists.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lgc import tables
from lgc.chain import Chain
from lgc.dialect import CircuitOp, MapOp
from lgc.dialect.unpacking import pack
from lgc.errors import UnsupportedError
from lgc.narrowing import int_rows, ints
from lgc.netlist import Netlist
from lgc.surgery import compose, restrict, widen

from .arithmetic import NOT1, ONE, ZERO, Counter, Gates, argmax

Kind = Literal["scores", "bits"]

CONE_LIMIT = 4_000_000
"""Sum of cone sizes up to which the order by missing gates is computed; beyond it, in turn."""


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
    """The gates of a model as one netlist of three fan-ins, none of them idle.

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
    return _without_idle_reads(narrow(compose(parts)))


def _without_idle_reads(net: Netlist) -> Netlist:
    """Fan-ins that a table ignores repeat one it does not, so that nothing waits for them."""
    used = np.stack([tables.depends(net.table, 3, i) for i in range(3)], axis=1)
    first = np.take_along_axis(net.fanin, used.argmax(axis=1)[:, None], axis=1)
    some = np.asarray(used.any(axis=1))
    other = np.where(some[:, None], first, 0)
    return Netlist(net.inputs, net.table, np.where(used, net.fanin, other), net.outputs)


def narrow(net: Netlist) -> Netlist:
    """The same function in gates of three fan-ins: wider ones by Shannon expansion."""
    if net.k <= 3:
        return widen(net, 3)
    gates = Gates(net.inputs)
    number = list(range(net.inputs))
    for table, reads in zip(ints(net.table), int_rows(net.fanin)):
        number.append(_expand(gates, table, [number[read] for read in reads]))
    outputs = [number[output] for output in ints(net.outputs)]
    return _netlist(gates, outputs)


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


def lower(chain: Chain, kind: Kind) -> Program:
    """Build the program of a model."""
    net = core(chain)
    if kind == "bits":
        order, _ = execution_order(net)
        return Program(_reordered(net, order), kind, 0, 0, 0, 0)
    assert chain.group_sum is not None
    sums = chain.group_sum
    group, weight, offset = sums.groups(), sums.weights(), sums.offsets()
    used = np.flatnonzero(weight)
    net = restrict(net, net.outputs[used] if len(used) else net.outputs[:1])
    order, outputs = execution_order(net)

    gates = Gates(net.inputs)
    number: list[int] = list(range(net.nets))
    counters = [Counter(gates) for _ in range(sums.classes)]
    table, fanin = ints(net.table), int_rows(net.fanin)
    targets, groups, weights = ints(net.outputs), ints(group[used]), ints(weight[used])
    position = 0
    for output, stop in outputs if len(used) else []:
        for gate in order[position:stop]:
            a, b, c = fanin[gate]
            number[net.inputs + gate] = gates.add(table[gate], number[a], number[b], number[c])
        position = stop
        bit, times = number[targets[output]], weights[output]
        if times < 0:  # −w·b = w·(1 − b) − w
            bit, times = gates.add(NOT1, bit), -times
        counters[groups[output]].add_weighted(bit, times)

    least = offset + np.bincount(group, np.minimum(weight, 0), sums.classes).astype(np.int64)
    base = int(least.min())
    extra = (least - base).tolist()
    if any(extra):
        one = gates.add(ONE, 0)
        for counter, amount in zip(counters, extra):
            counter.add_weighted(one, amount)
    counts = [counter.finish() for counter in counters]
    index = argmax(gates, counts)
    count_bits = max(len(count) for count in counts)
    planes = [bit for count in counts for bit in count + [None] * (count_bits - len(count))]
    planes += index
    zero = gates.add(ZERO, 0) if None in planes else 0
    outputs_ = [zero if bit is None else bit for bit in planes] or [gates.add(ZERO, 0)]
    return Program(_netlist(gates, outputs_), kind, sums.classes, count_bits, len(index), base)


def _netlist(gates: Gates, outputs: list[int]) -> Netlist:
    return Netlist(
        gates.inputs,
        np.array(gates.table, np.uint64),
        np.array(gates.fanin, np.int32).reshape(-1, 3),
        outputs,
    )


def _reordered(net: Netlist, order: list[int]) -> Netlist:
    """The netlist with only the gates of ``order``, in that order."""
    chosen = np.array(order, np.int64)
    number = np.zeros(net.nets, np.int32)
    number[: net.inputs] = np.arange(net.inputs)
    number[net.inputs + chosen] = np.arange(net.inputs, net.inputs + len(chosen))
    return Netlist(net.inputs, net.table[chosen], number[net.fanin[chosen]], number[net.outputs])


def execution_order(net: Netlist) -> tuple[list[int], list[tuple[int, int]]]:
    """Gates in the order to run them, and (output, gates run before it is there) in turn.

    A heap holds the outputs by missing gates. The count of an output falls whenever a gate of
    its cone is computed; entries with an old count are skipped when they surface.
    """
    reads = int_rows(net.fanin)
    cones = _cones(net, reads)
    done = bytearray(net.gates)
    order: list[int] = []
    finished: list[tuple[int, int]] = []
    if cones is None:
        for output, target in enumerate(ints(net.outputs)):
            _visit(target - net.inputs, reads, net.inputs, done, order)
            finished.append((output, len(order)))
        return order, finished
    missing = [len(cone) for cone in cones]
    waiting: list[list[int]] = [[] for _ in range(net.gates)]
    for output, cone in enumerate(cones):
        for gate in cone:
            waiting[gate].append(output)
    heap = [(count, output) for output, count in enumerate(missing)]
    heapq.heapify(heap)
    targets = ints(net.outputs)
    while heap:
        count, output = heapq.heappop(heap)
        if count != missing[output]:
            continue
        before = len(order)
        _visit(targets[output] - net.inputs, reads, net.inputs, done, order)
        missing[output] = -1
        finished.append((output, len(order)))
        fallen = {other for gate in order[before:] for other in waiting[gate]}
        for gate in order[before:]:
            for other in waiting[gate]:
                missing[other] -= 1
        for other in fallen:
            if other != output and missing[other] >= 0:
                heapq.heappush(heap, (missing[other], other))
    return order, finished


def _cones(net: Netlist, reads: list[list[int]]) -> list[list[int]] | None:
    """Gates in the cone of each output, or None when together they are too many."""
    cones: list[list[int]] = []
    total = 0
    for target in ints(net.outputs):
        seen = {target - net.inputs} if target >= net.inputs else set[int]()
        stack = list(seen)
        while stack:
            for read in reads[stack.pop()]:
                gate = read - net.inputs
                if gate >= 0 and gate not in seen:
                    seen.add(gate)
                    stack.append(gate)
            if total + len(seen) > CONE_LIMIT:
                return None
        total += len(seen)
        cones.append(sorted(seen))
    return cones


def _visit(
    gate: int, reads: list[list[int]], inputs: int, done: bytearray, order: list[int]
) -> None:
    """Append the gates of a cone that are not done yet, fan-ins first."""
    if gate < 0 or done[gate]:
        return
    stack = [(gate, iter(reads[gate]))]
    done[gate] = 1
    while stack:
        for read in stack[-1][1]:
            if read >= inputs and not done[read - inputs]:
                done[read - inputs] = 1
                stack.append((read - inputs, iter(reads[read - inputs])))
                break
        else:
            order.append(stack.pop()[0])


def reads_inputs(net: Netlist) -> NDArray[np.bool_]:
    """Which inputs a program reads, bool ``(inputs,)``."""
    used = np.zeros(net.nets, np.bool_)
    used[net.fanin.ravel()] = True
    used[net.outputs] = True
    return used[: net.inputs]
