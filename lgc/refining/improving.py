"""Gates visited in turn: each gets the table and the wire with which the samples cost least.

A visit computes once what each sample would cost more were the output of the gate the other value.
Samples do not touch one another: the sum of that over the samples whose output another table, or
another wire, would change is exactly what the change costs. All of them are so measured without
trying any.
"""

from __future__ import annotations

from ..loops import Row, loop
from ..words import signed
from .costs import cost_of, over, probe
from .settling import connect, settle
from .spreading import compute, padding, plane_at, spread, tally


def others(
    gate: int, skip: int, pattern: int, place: int, k: int, words: int, samples: int,
    source: Row, value: Row,
) -> None:  # fmt: skip
    """Write the plane of samples where all fan-ins but one have the values of a pattern."""
    to = place * words
    for w in range(words):
        value[to + w] = -1
    rest = pattern
    for back in range(k):
        j = k - 1 - back
        if j != skip:
            flip = -(~rest & 1)
            rest >>= 1
            base = source[gate * k + j] * words
            for w in range(words):
                value[to + w] &= value[base + w] ^ flip
    value[to + words - 1] &= padding(samples)


@loop(
    signed, padding, plane_at, compute, spread, tally, cost_of, probe, over, connect, settle,
    others,
)  # fmt: skip
def improve(
    inputs: int, k: int, words: int, classes: int, tries: int, bound: int, now: int,
    order: Row, wires: Row, told: Row,
    table: Row, source: Row, head: Row, after: Row, before: Row, level: Row, slot: Row, mark: Row,
    queued: Row, first: Row, link: Row, changed: Row, value: Row, group: Row, weight: Row,
    label: Row, stands: Row, curve: Row, score: Row, cost: Row, delta: Row, touched: Row,
    sample: Row, gain: Row, part: Row, total: Row, alone: Row, bit: Row,
) -> None:  # fmt: skip
    """Visit the gates ``order``, each with ``tries`` of ``wires`` as other fan-ins.

    Args:
        bound: a change saves more than this.
        now: a number above all marks so far; each visit uses three more.
        told: wires measured, each with all tables; changes; what they were to save; what they
            did save.
    """
    samples, nets = len(label), inputs + len(table)
    half, last = 1 << (k - 1), (1 << k) - 1
    for number in range(len(order)):
        gate = order[number]
        own = (inputs + gate) * words
        now += 3
        if probe(
            gate, now, inputs, k, words, classes, table, source, head, after, level, slot, mark,
            queued, first, link, changed, value, group, weight, label, stands, curve, score, cost,
            delta, touched, sample, gain, part, bit,
        ) == 0:  # fmt: skip
            continue
        standing = over(words, own, own, value, part)
        most, best_edge, best_net, best_table = bound, -1, -1, 0
        for j in range(k):
            e = gate * k + j
            for pattern in range(half):
                others(gate, j, pattern, nets + pattern, k, words, samples, source, value)
                at = (nets + pattern) * words
                total[pattern] = over(words, at, at, value, part)
            low = (1 << (k - 1 - j)) - 1
            for one in range(tries + 1):
                wire = source[e] if one == tries else wires[number * tries + one]
                if one == tries and j > 0:
                    break
                told[0] += 1
                if j == 0:
                    alone[one] = over(words, wire * words, wire * words, value, part)
                sums, rows, left = 0, 0, alone[one]
                for pattern in range(half):
                    ones = left
                    if pattern < half - 1:
                        ones = over(words, (nets + pattern) * words, wire * words, value, part)
                    left -= ones
                    # the pattern with a place for this fan-in
                    entry = (pattern & ~low) << 1 | pattern & low
                    if total[pattern] < ones:
                        sums += total[pattern] - ones
                        rows |= 1 << (last - entry)
                    if ones < 0:
                        sums += ones
                        rows |= 1 << (last - (entry | low + 1))
                if standing - sums > most:
                    most, best_edge, best_net, best_table = standing - sums, e, wire, rows
        if best_edge < 0:
            continue
        table[gate] = signed(best_table)
        connect(best_edge, best_net, source, head, after, before)
        told[1] += 1
        told[2] += most
        told[3] += settle(
            gate, now + 2, inputs, k, words, classes, table, source, head, after, level, slot,
            mark, queued, first, link, changed, value, group, weight, label, stands, curve, score,
            cost, delta, touched, sample, bit,
        )  # fmt: skip
