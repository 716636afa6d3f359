"""Execution order: which gate runs when, so that few values wait and most are read soon.

Outputs are finished one by one, whatever their class: next the one with the fewest gates still
missing, where a gate counts less by each value that it is the last to read, and one that reads
inputs only counts as little as an input; of several the one that came closer last. The gates it
lacks run in the order of a walk from the output down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.surgery import arity, first_level

CONE_LIMIT = 50_000_000
"""Sum of cone sizes up to which gates are counted by output; beyond it outputs run in turn."""


@dataclass(frozen=True, eq=False)
class Order:
    """Gates in execution order, and when each output is there.

    Attributes:
        gates: int64, gate numbers; gates no output needs are left out.
        outputs: int64 ``(m,)``, output numbers in the order in which they are finished.
        ready: int64 ``(m,)``, how many of ``gates`` have run when that output is there.
    """

    gates: NDArray[np.int64]
    outputs: NDArray[np.int64]
    ready: NDArray[np.int64]


def execution_order(net: Netlist) -> Order:
    """Order the gates of a tidy netlist for few live values."""
    fanin, reads = net.fanin.astype(np.int64).ravel(), arity(net)
    outputs = net.outputs.astype(np.int64)
    missing = np.zeros(len(outputs), np.int64)
    needed = np.zeros(net.gates + 1, np.int64)
    work = np.zeros(net.nets, np.int64), np.zeros(net.nets * net.k + 1, np.int64)
    size = net.gates * 10
    _cones(size, net.inputs, net.k, fanin, reads, outputs, missing, needed, *work, _NONE, _NONE)
    if missing.sum() > CONE_LIMIT:
        missing[:] = 0
        needed[:] = 0
    start = np.concatenate([[0], np.cumsum(needed[:-1])])
    waiting = np.zeros(int(start[-1]), np.int64)
    if len(waiting):
        work[0][:] = 0
        fill = start[:-1].copy()
        _cones(
            size, net.inputs, net.k, fanin, reads, outputs, missing, needed, *work, fill, waiting
        )
    used = np.arange(net.k) < reads[:, None]
    readers = fanin.reshape(-1, net.k)[used]
    left = np.bincount(readers, minlength=net.nets)
    reader_start = np.concatenate([[0], np.cumsum(left)])
    reader = np.repeat(np.arange(net.gates), reads)[np.argsort(readers, kind="stable")]
    left[: net.inputs] = 0  # an input has its place in memory anyway
    free = first_level(net)
    left[net.inputs :][free] = 0  # and these need none, see `allocation`
    deepest = int(missing.max(initial=0))
    order = np.zeros(net.gates, np.int64)
    finished = np.zeros(len(outputs), np.int64)
    ready = np.zeros(len(outputs), np.int64)
    state = np.array([0, net.k * deepest], np.int64)
    _finish(
        size, net.inputs, net.k, fanin, reads, outputs, start, waiting, reader_start, reader, left,
        np.full((net.k + 1) * deepest + 1, -1, np.int64), np.full(len(outputs), -1, np.int64),
        np.full(len(outputs), -1, np.int64), np.zeros(len(outputs), np.int64),
        (~free).astype(np.int64), np.zeros(net.nets, np.int64), work[1], order, finished,
        ready, state,
    )  # fmt: skip
    return Order(order[: int(state[0])], finished, ready)


def order_given(net: Netlist) -> Order:
    """The order in which the gates stand."""
    outputs = np.argsort(net.outputs, kind="stable")
    ready = np.maximum(net.outputs[outputs].astype(np.int64) - net.inputs + 1, 0)
    return Order(np.arange(net.gates), outputs, ready)


_NONE = np.zeros(0, np.int64)


@loop()
def _cones(
    inputs: int, k: int, fanin: Row, reads: Row, outputs: Row, missing: Row, needed: Row,
    seen: Row, stack: Row, fill: Row, waiting: Row,
) -> None:  # fmt: skip
    """Gates in the cone of each output, and outputs that need each gate; then which these are."""
    listing = len(fill) > 0
    for o in range(len(outputs)):
        if outputs[o] < inputs:
            continue
        stack[0] = outputs[o]
        top = 1
        seen[outputs[o]] = o + 1
        count = 0
        while top > 0:
            top -= 1
            g = stack[top] - inputs
            count += 1
            if listing:
                waiting[fill[g]] = o
                fill[g] += 1
            else:
                needed[g] += 1
            for i in range(reads[g]):
                u = fanin[g * k + i]
                if u >= inputs and seen[u] != o + 1:
                    seen[u] = o + 1
                    stack[top] = u
                    top += 1
        missing[o] = count


def _enter(o: int, score: Row, head: Row, after: Row, before: Row, state: Row) -> None:
    """Put an output to the front of the list of its score."""
    before[o] = -1
    after[o] = head[score[o]]
    if after[o] >= 0:
        before[after[o]] = o
    head[score[o]] = o
    if score[o] < state[1]:
        state[1] = score[o]


def _leave(o: int, score: Row, head: Row, after: Row, before: Row) -> None:
    """Take an output out of the list of its score."""
    if before[o] >= 0:
        after[before[o]] = after[o]
    else:
        head[score[o]] = after[o]
    if after[o] >= 0:
        before[after[o]] = before[o]


def _lower(
    g: int, change: int, start: Row, waiting: Row, score: Row, head: Row, after: Row,
    before: Row, state: Row,
) -> None:  # fmt: skip
    """Lower the score of all unfinished outputs that need gate g."""
    for w in range(start[g], start[g + 1]):
        o = waiting[w]
        if score[o] >= 0:
            _leave(o, score, head, after, before)
            score[o] -= change
            _enter(o, score, head, after, before, state)


@loop(_enter, _leave, _lower)
def _finish(
    inputs: int, k: int, fanin: Row, reads: Row, outputs: Row, start: Row, waiting: Row,
    reader_start: Row, reader: Row, left: Row, head: Row, after: Row, before: Row,
    score: Row, weight: Row, done: Row, stack: Row, order: Row, finished: Row, ready: Row,
    state: Row,
) -> None:  # fmt: skip
    """Outputs stand in one linked list for each score; a finished one has the score -1.

    ``waiting`` from ``start[g]`` on are the outputs that need gate g, ``reader`` from
    ``reader_start[v]`` on the gates that read net v, ``left`` how many of them have not run.
    ``state``: gates in order, lowest score that may have outputs.
    """
    for g in range(len(reads)):
        for i in range(reads[g]):
            if left[fanin[g * k + i]] == 1:
                weight[g] -= 1
    for o in range(len(outputs)):
        score[o] = state[1]
    for g in range(len(reads)):
        for w in range(start[g], start[g + 1]):
            score[waiting[w]] += weight[g]
    for o in range(len(outputs) - 1, -1, -1):
        _enter(o, score, head, after, before, state)
    for turn in range(len(outputs)):
        while head[state[1]] < 0:
            state[1] += 1
        o = head[state[1]]
        _leave(o, score, head, after, before)
        score[o] = -1
        first = state[0]
        stack[0] = outputs[o]
        top = 1
        while top > 0:
            v = stack[top - 1]
            lacks = -1
            if v >= inputs and done[v] == 0:
                for i in range(reads[v - inputs]):
                    u = fanin[(v - inputs) * k + i]
                    if u >= inputs and done[u] == 0:
                        lacks = u
                if lacks < 0:
                    done[v] = 1
                    order[state[0]] = v - inputs
                    state[0] += 1
            if lacks >= 0:
                stack[top] = lacks
                top += 1
            else:
                top -= 1
        finished[turn] = o
        ready[turn] = state[0]
        for place in range(first, state[0]):
            g = order[place]
            _lower(g, weight[g], start, waiting, score, head, after, before, state)
            for i in range(reads[g]):
                u = fanin[g * k + i]
                left[u] -= 1
                if left[u] != 1:
                    continue
                for r in range(reader_start[u], reader_start[u + 1]):
                    h = reader[r]
                    if done[inputs + h] == 0:
                        weight[h] -= 1
                        _lower(h, 1, start, waiting, score, head, after, before, state)
