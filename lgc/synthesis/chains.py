"""Chains: all circuits of few two-input gates over four inputs, for the search in `search`.

A chain is a row of gates, each reading inputs or earlier gates, every gate but the last read by
another. All gates are normal, their value for inputs 0 is 0, and every function is a chain of
normal gates with its own or the opposite sign (Knuth, The Art of Computer Programming, volume 4A,
7.1.2). No chain is listed twice for the order of its gates alone: a gate that does not read the
one before it has a larger number. The first gate reads the first two inputs, as AND or XOR: every
chain comes to that by another order or sign of the inputs.
"""

from __future__ import annotations

from lgc.loops import Row, loop

INPUTS = 4
MOST = 7
"""Gates of the hardest functions of four inputs (Knuth, as above)."""

OPERATIONS = 5
"""Of a gate: a∧b, a∧¬b, ¬a∧b, a∨b, a⊕b."""

XOR = 4

WIDTH = 16
"""More than the nets of any chain."""


def _value(operation: int, a: int, b: int) -> int:
    if operation == 0:
        return a & b
    if operation == 1:
        return a & ~b
    if operation == 2:
        return ~a & b
    if operation == 3:
        return a | b
    return a ^ b


def _keep(
    gates: int, place: int, limit: int, code: Row, kept: Row, count: Row, state: Row
) -> None:  # fmt: skip
    """Add a chain to those of a class; beyond the limit it takes the place of one by chance."""
    at = count[place]
    if at >= limit:
        state[0] = (state[0] * 1103515245 + 12345) & 0x7FFFFFFF
        at = (state[0] >> 8) % (count[place] + 1)
    count[place] += 1
    if at < limit:
        for g in range(MOST):
            kept[(place * limit + at) * MOST + g] = code[g] if g < gates else -1


def _extend(
    size: int, gates: int, price: int, deep: int, spent: int, unread: int, limit: int,
    number: Row, value: Row, level: Row, readers: Row, code: Row, best: Row, kept: Row,
    count: Row, state: Row,
) -> None:  # fmt: skip
    """All ways on from a chain of ``size`` gates to one of ``gates``."""
    nets = INPUTS + size
    left = gates - size - 1
    for i in range(1, nets):
        for j in range(i):
            if size == 0 and (i != 1):
                continue
            idle = unread + 1
            if i >= INPUTS and readers[i] == 0:
                idle -= 1
            if j >= INPUTS and readers[j] == 0:
                idle -= 1
            if idle > left + 1:
                continue
            for operation in range(OPERATIONS):
                if size == 0 and operation != 0 and operation != XOR:
                    continue
                key = (i * WIDTH + j) * OPERATIONS + operation
                if size > 0 and i != nets - 1 and key < code[size - 1]:
                    continue
                new = _value(operation, value[i], value[j])
                fresh = new != 0
                for other in range(nets):
                    if value[other] == new:
                        fresh = False
                        break
                if not fresh:
                    continue
                cost = spent + (price if operation == XOR else 1)
                code[size] = key
                level[nets] = max(level[i], level[j]) + 1
                if left == 0:
                    cost += deep * level[nets]
                    place = number[new]
                    if cost < best[place]:
                        best[place] = cost
                        count[place] = 0
                    if cost == best[place]:
                        _keep(gates, place, limit, code, kept, count, state)
                    continue
                value[nets] = new
                readers[nets] = 0
                readers[i] += 1
                readers[j] += 1
                _extend(
                    size + 1, gates, price, deep, cost, idle, limit, number, value, level,
                    readers, code, best, kept, count, state,
                )  # fmt: skip
                readers[i] -= 1
                readers[j] -= 1


@loop(_value, _keep, _extend)
def enumerate_chains(
    gates: int, price: int, deep: int, limit: int, number: Row, value: Row, level: Row,
    readers: Row, code: Row, best: Row, kept: Row, count: Row, state: Row,
) -> None:  # fmt: skip
    """Every chain of ``gates`` gates; those cheapest for the class of their value are kept.

    ``best`` is the least cost of each class so far, with ``price`` for an XOR, 1 for any other gate
    and ``deep`` for each level; ``kept`` holds up to ``limit`` chains a class, as
    ``(16·i + j)·5 + operation`` each gate.
    """
    _extend(
        0, gates, price, deep, 0, 0, limit, number, value, level, readers, code, best, kept, count,
        state,
    )  # fmt: skip
