"""Topological order for files that list their gates in any order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..loops import Row, loop

Ints = NDArray[np.int64]


class CycleError(Exception):
    """Gates that wait for one another.

    Attributes:
        gates: their numbers, each reading the next, the last the first.
    """

    def __init__(self, gates: list[int]) -> None:
        super().__init__(gates)
        self.gates = gates


def ordered(inputs: int, fanin: Ints) -> Ints | None:
    """Numbers of the gates in an order in which each reads only earlier ones.

    Args:
        fanin: ``(n, k)``, nets each gate reads: inputs, then gates as they stand.

    Returns:
        None where they stand in such an order already; else int64 ``(n,)``, the nearest one that a
        search in depth from each gate in turn finds.

    Raises:
        CycleError: there is none.
    """
    gates, k = len(fanin), int(fanin.shape[1])
    own: Ints = np.arange(inputs, inputs + gates)
    last: Ints = fanin.max(axis=1, initial=-1)
    if bool(np.all(last < own)):
        return None
    order, stack, cycle = (np.zeros(gates, np.int64) for _ in range(3))
    size = np.zeros(1, np.int64)
    _search(
        gates * k, inputs, k, np.ascontiguousarray(fanin).ravel(), np.zeros(gates, np.int64),
        stack, np.zeros(gates, np.int64), order, cycle, size,
    )  # fmt: skip
    if size[0]:
        raise CycleError(cycle[: size[0]].tolist())
    return order


@loop()
def _search(
    inputs: int, k: int, fanin: Row, state: Row, stack: Row, place: Row, order: Row,
    cycle: Row, size: Row,
) -> None:  # fmt: skip
    """``state``: 0 not seen, 1 on the stack, 2 in order; ``place``: next fan-in of each gate."""
    done = 0
    for root in range(len(state)):
        if state[root] != 0:
            continue
        top = 0
        stack[0] = root
        state[root] = 1
        while top >= 0:
            gate = stack[top]
            if place[gate] == k:
                state[gate] = 2
                order[done] = gate
                done += 1
                top -= 1
                continue
            read = fanin[gate * k + place[gate]] - inputs
            place[gate] += 1
            if read < 0 or state[read] == 2:
                continue
            if state[read] == 1:
                while stack[top] != read:
                    cycle[size[0]] = stack[top]
                    size[0] += 1
                    top -= 1
                cycle[size[0]] = read
                size[0] += 1
                # from the top of the stack down each is read by the next: turn it round
                for i in range(size[0] // 2):
                    other = cycle[size[0] - 1 - i]
                    cycle[size[0] - 1 - i] = cycle[i]
                    cycle[i] = other
                return
            top += 1
            stack[top] = read
            state[read] = 1
