"""What samples cost, and what each would cost more if the output of a gate were the other value.

A sample costs Σ ln(1 + exp(-lead / temperature)) over all wrong classes, lead being the score of
the right class less that of the wrong one. Scores are whole numbers, so a table of whole numbers
holds every term (``curve``, in units of 1 / `UNIT`), sums are exact, and results are the same on
every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..loops import Row
from .spreading import padding, spread, tally

Ints = NDArray[np.int64]

UNIT = 1 << 16
"""A cost of 1, as a whole number."""


def curve_of(temperature: float, most: int) -> Ints:
    """What leads from ``-most`` to ``most`` cost."""
    leads = np.arange(-most, most + 1) / temperature
    return np.rint(np.logaddexp(0, -leads) * UNIT).astype(np.int64)


def costs(scores: Ints, label: Ints, curve: Ints) -> Ints:
    """What samples cost, from scores ``(samples, classes)``."""
    most = len(curve) // 2
    lead = scores[np.arange(len(label)), label][:, None] - scores
    return curve[lead + most].sum(axis=1) - curve[most]


def cost_of(
    s: int, classes: int, score: Row, delta: Row, label: Row, stands: Row, curve: Row
) -> int:
    """What the samples for which one stands cost with ``delta`` added to its scores."""
    base = s * classes
    most = len(curve) >> 1
    right = base + label[s]
    own = most + score[right] + delta[right]
    total = -curve[most]
    for c in range(base, base + classes):
        total += curve[own - score[c] - delta[c]]
    return total * stands[s]


def probe(
    gate: int, now: int, inputs: int, k: int, words: int, classes: int,
    table: Row, source: Row, head: Row, after: Row, level: Row, slot: Row, mark: Row, queued: Row,
    first: Row, link: Row, changed: Row, value: Row, group: Row, weight: Row, label: Row,
    stands: Row, curve: Row, score: Row, cost: Row, delta: Row, touched: Row, sample: Row,
    gain: Row, part: Row, bit: Row,
) -> int:  # fmt: skip
    """What each sample costs more if the output of a gate is the other value, into ``gain``.

    Then ``part`` has, for every four neighbouring samples, 16 sums: what the samples in each
    subset of the four cost more if the output is 1 instead of 0. Returns the number of samples
    whose scores would change; with none, ``gain`` and ``part`` are not written.
    """
    net, gates, samples = inputs + gate, len(table), len(label)
    nets = inputs + gates
    own, fresh = net * words, nets * words
    for w in range(words):
        value[fresh + w] = ~value[own + w]
    value[fresh + words - 1] &= padding(samples)
    count = spread(
        net, now, inputs, k, words, samples, table, source, head, after, level, slot, mark,
        queued, first, link, changed, value,
    )  # fmt: skip
    touches = tally(
        count, k, words, classes, gates, nets, now, head, after, changed, value, group, weight,
        delta, touched, sample, bit,
    )  # fmt: skip
    if touches == 0:
        return 0
    for s in range(len(gain)):
        gain[s] = 0
    for i in range(touches):
        s = sample[i]
        gain[s] = cost_of(s, classes, score, delta, label, stands, curve) - cost[s]
        for c in range(s * classes, s * classes + classes):
            delta[c] = 0
    for s in range(0, len(gain), 4):
        at = s << 2
        bits = value[own + (s >> 6)] >> (s & 63)
        part[at] = 0
        for i in range(4):
            more = -gain[s + i] if bits >> i & 1 else gain[s + i]
            size = 1 << i
            for j in range(at, at + size):
                part[j + size] = part[j] + more
    return touches


def over(words: int, one: int, other: int, value: Row, part: Row) -> int:
    """The sum of what samples cost more over those where two planes are 1."""
    total = 0
    for w in range(words):
        x = value[one + w] & value[other + w]
        for at in range(w << 8, (w << 8) + 256, 16):
            total += part[at + (x & 15)]
            x >>= 4
    return total
