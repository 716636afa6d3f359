"""A gate becomes another: its edges move, and all that follows from it is brought up to date."""

from __future__ import annotations

from ..loops import Row
from .costs import cost_of
from .spreading import compute, spread, tally


def connect(e: int, net: int, source: Row, head: Row, after: Row, before: Row) -> None:
    """Let an edge read another net."""
    old = source[e]
    if old == net:
        return
    if before[e] >= 0:
        after[before[e]] = after[e]
    else:
        head[old] = after[e]
    if after[e] >= 0:
        before[after[e]] = before[e]
    source[e] = net
    before[e], after[e] = -1, head[net]
    if head[net] >= 0:
        before[head[net]] = e
    head[net] = e


def settle(
    gate: int, now: int, inputs: int, k: int, words: int, classes: int,
    table: Row, source: Row, head: Row, after: Row, level: Row, slot: Row, mark: Row, queued: Row,
    first: Row, link: Row, changed: Row, value: Row, group: Row, weight: Row, label: Row,
    stands: Row, curve: Row, score: Row, cost: Row, delta: Row, touched: Row, sample: Row,
    bit: Row,
) -> int:  # fmt: skip
    """Recompute a gate that has another table or fan-in, and what depends on it.

    Returns what the samples cost less, measured from their scores.
    """
    gates, samples = len(table), len(label)
    nets = inputs + gates
    if not compute(gate, nets, now, inputs, k, words, samples, table, source, slot, mark, value):
        return 0
    count = spread(
        inputs + gate, now, inputs, k, words, samples, table, source, head, after, level, slot,
        mark, queued, first, link, changed, value,
    )  # fmt: skip
    touches = tally(
        count, k, words, classes, gates, nets, now, head, after, changed, value, group, weight,
        delta, touched, sample, bit,
    )  # fmt: skip
    saved = 0
    for i in range(touches):
        s = sample[i]
        found = cost_of(s, classes, score, delta, label, stands, curve)
        saved += cost[s] - found
        cost[s] = found
        for c in range(s * classes, s * classes + classes):
            score[c] += delta[c]
            delta[c] = 0
    for i in range(count):
        for w in range(words):
            value[changed[i] * words + w] = value[(nets + i) * words + w]
    return saved
