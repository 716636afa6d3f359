"""The cheapest way to part a directed graph between a source and a sink, exactly.

Push-relabel with a queue of the nodes that hold excess and heights set anew from time to time
(Goldberg and Tarjan, "A new approach to the maximum-flow problem", 1988; Cherkassky and Goldberg,
"On implementing the push-relabel method for the maximum flow problem", 1997). A largest preflow is
enough for the cut; it is not made a flow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..loops import Row, loop

Ints = NDArray[np.int64]

UNCUT = 1 << 40
"""Capacity of an edge that no cut may hold."""

STEPS = 40
"""About what an edge costs."""


def source_side(
    nodes: int, tail: Ints, head: Ints, capacity: Ints, source: int, sink: int
) -> NDArray[np.bool_]:
    """The nodes before the cheapest cut, bool ``(nodes,)``; of several the one nearest the sink.

    Args:
        tail, head, capacity: int64 ``(edges,)``; an edge is cut where its tail is before and its
            head is not. Edges out of the source are not `UNCUT`.
    """
    work = STEPS * (nodes + len(tail))
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(
        np.bincount(tail, minlength=nodes) + np.bincount(head, minlength=nodes), out=start[1:]
    )
    to, back, left = (np.zeros(2 * len(tail), np.int64) for _ in range(3))
    _arcs(work, tail, head, capacity, start[:-1].copy(), to, back, left)
    height, arc, excess, queue = (np.zeros(nodes, np.int64) for _ in range(4))
    _push(work, source, sink, start, to, back, left, height, arc, excess, queue)
    return height == nodes


@loop()
def _arcs(tail: Row, head: Row, capacity: Row, free: Row, to: Row, back: Row, left: Row) -> None:
    """Each edge as two arcs, there and back, beside the others of their node."""
    for edge in range(len(tail)):
        there = free[tail[edge]]
        free[tail[edge]] += 1
        again = free[head[edge]]
        free[head[edge]] += 1
        to[there], to[again] = head[edge], tail[edge]
        back[there], back[again] = again, there
        left[there] = capacity[edge]


def _distances(
    source: int, sink: int, start: Row, to: Row, back: Row, left: Row, height: Row, queue: Row
) -> int:
    """Set heights to the arcs that still lead to the sink, or to the number of nodes.

    Returns:
        How many nodes lead there; they stand in the queue, the sink first.
    """
    nodes = len(height)
    for node in range(nodes):
        height[node] = nodes
    height[sink] = 0
    queue[0] = sink
    first, last = 0, 1
    while first < last:
        node = queue[first]
        first += 1
        for there in range(start[node], start[node + 1]):
            other = to[there]
            if height[other] == nodes and left[back[there]] > 0 and other != source:
                height[other] = height[node] + 1
                queue[last] = other
                last += 1
    return last


def _lift(node: int, start: Row, to: Row, left: Row, height: Row, arc: Row) -> None:
    """Raise a node just above the lowest that it can push to."""
    lowest = len(height)
    for there in range(start[node], start[node + 1]):
        if left[there] > 0 and height[to[there]] + 1 < lowest:
            lowest = height[to[there]] + 1
            arc[node] = there
    height[node] = lowest


@loop(_distances, _lift)
def _push(
    source: int,
    sink: int,
    start: Row,
    to: Row,
    back: Row,
    left: Row,
    height: Row,
    arc: Row,
    excess: Row,
    queue: Row,
) -> None:
    """Push as much as can reach the sink; then exactly the nodes that lead there are below the top.

    ``left`` is what each arc still takes; ``queue`` is a ring.
    """
    nodes = len(height)
    for there in range(start[source], start[source + 1]):
        excess[to[there]] += left[there]
        left[back[there]] += left[there]
        left[there] = 0
    while True:
        reached = _distances(source, sink, start, to, back, left, height, queue)
        first, waiting, work = 0, 0, 0
        for place in range(1, reached):
            node = queue[place]
            arc[node] = start[node]
            if excess[node] > 0:
                queue[waiting] = node
                waiting += 1
        if waiting == 0:
            break
        while waiting > 0 and work < 4 * nodes + len(to):
            node = queue[first]
            first = first + 1 if first + 1 < nodes else 0
            waiting -= 1
            while excess[node] > 0 and height[node] < nodes:
                there = arc[node]
                if there == start[node + 1]:
                    _lift(node, start, to, left, height, arc)
                    work += start[node + 1] - start[node] + 12
                    continue
                other = to[there]
                if left[there] == 0 or height[other] != height[node] - 1:
                    arc[node] += 1
                    continue
                amount = min(excess[node], left[there])
                left[there] -= amount
                left[back[there]] += amount
                excess[node] -= amount
                if excess[other] == 0 and other != sink:
                    last = first + waiting
                    queue[last if last < nodes else last - nodes] = other
                    waiting += 1
                excess[other] += amount
