"""What changes when a net changes: its readers and theirs, recomputed as far as words differ.

The loops here share their rows; all are int64:

``table`` (gates), ``source`` (net of each edge: ``k`` a gate, then one an output), ``head``,
``after``, ``before`` (the edges that read a net, as lists linked both ways), ``level`` (of each
net). ``value`` holds a plane of ``words`` words for each net, and behind those as many places for
planes that are to replace them: net x has one at place ``nets + slot[x]`` if ``mark[x]`` is
``now``. Bits behind the last sample are 0 in all of them.
"""

from __future__ import annotations

from ..loops import Row
from ..words import DE_BRUIJN, POSITIVE


def padding(samples: int) -> int:
    """The bits of the last word that belong to samples."""
    return (1 << (samples & 63)) - 1 if samples & 63 else -1


def plane_at(net: int, now: int, nets: int, words: int, slot: Row, mark: Row) -> int:
    """Where the plane of a net begins, the new one if it has one."""
    return (nets + slot[net] if mark[net] == now else net) * words


def compute(
    gate: int, place: int, now: int, inputs: int, k: int, words: int, samples: int,
    table: Row, source: Row, slot: Row, mark: Row, value: Row,
) -> int:  # fmt: skip
    """Write the plane that a gate gives at ``place``; is it another than before?"""
    nets, to = inputs + len(table), place * words
    old = (inputs + gate) * words
    moved = 0
    if k == 2:
        # f = f(0,0) ⊕ a·(f(0,0) ⊕ f(1,0)) ⊕ b·(f(0,0) ⊕ f(0,1)) ⊕ a·b·(all four)
        rows = table[gate]
        zero = -(rows >> 3 & 1)
        left, right = zero ^ -(rows >> 1 & 1), zero ^ -(rows >> 2 & 1)
        both = left ^ right ^ zero ^ -(rows & 1)
        a = plane_at(source[gate * 2], now, nets, words, slot, mark)
        b = plane_at(source[gate * 2 + 1], now, nets, words, slot, mark)
        for w in range(words):
            x, y = value[a + w], value[b + w]
            value[to + w] = zero ^ x & left ^ y & right ^ x & y & both
    else:
        entries = 1 << k
        for w in range(words):
            value[to + w] = 0
        for entry in range(entries):
            if table[gate] >> (entries - 1 - entry) & 1:
                for w in range(words):
                    term = -1
                    for j in range(k):
                        net = source[gate * k + j]
                        x = value[plane_at(net, now, nets, words, slot, mark) + w]
                        term &= x if entry >> (k - 1 - j) & 1 else ~x
                    value[to + w] |= term
    value[to + words - 1] &= padding(samples)
    for w in range(words):
        moved |= value[to + w] ^ value[old + w]
    return 1 if moved != 0 else 0


def spread(
    net: int, now: int, inputs: int, k: int, words: int, samples: int,
    table: Row, source: Row, head: Row, after: Row, level: Row, slot: Row, mark: Row, queued: Row,
    first: Row, link: Row, changed: Row, value: Row,
) -> int:  # fmt: skip
    """Follow a net whose new plane is in slot 0, as far as something changes.

    Writes the nets that change into ``changed``, and returns their number. Gates wait in one list
    a level: ``first`` of each level, -1 where none waits, and ``link`` from one to the next.
    """
    edges = len(table) * k
    nets = inputs + len(table)
    mark[net], slot[net], changed[0] = now, 0, net
    count, seen, low, high = 1, 0, level[net] + 1, level[net]
    while seen < count:
        while seen < count:
            e = head[changed[seen]]
            seen += 1
            while e >= 0:
                if e < edges:
                    gate = e // k
                    if queued[gate] != now:
                        queued[gate] = now
                        at = level[inputs + gate]
                        high = max(high, at)
                        link[gate] = first[at]
                        first[at] = gate
                e = after[e]
        while low <= high and seen == count:
            gate = first[low]
            first[low] = -1
            while gate >= 0:
                if compute(
                    gate, nets + count, now, inputs, k, words, samples, table, source, slot, mark,
                    value,
                ):  # fmt: skip
                    own = inputs + gate
                    mark[own], slot[own], changed[count] = now, count, own
                    count += 1
                gate = link[gate]
            low += 1
    return count


def tally(
    count: int, k: int, words: int, classes: int, gates: int, nets: int, now: int,
    head: Row, after: Row, changed: Row, value: Row, group: Row, weight: Row,
    delta: Row, touched: Row, sample: Row, bit: Row,
) -> int:  # fmt: skip
    """What the new planes of ``count`` nets add to the class scores, into ``delta``.

    Writes the samples that this touches into ``sample``, and returns their number.
    """
    edges = gates * k
    touches = 0
    for number in range(count):
        e = head[changed[number]]
        new, old = (nets + number) * words, changed[number] * words
        while e >= 0:
            if e >= edges:
                own, up = group[e - edges], weight[e - edges]
                for w in range(words):
                    diff = value[new + w] ^ value[old + w]
                    while diff != 0:
                        b = 63
                        if diff > 0:
                            b = bit[(diff & -diff) * DE_BRUIJN >> 58 & 63]
                            diff &= diff - 1
                        else:
                            diff &= POSITIVE
                        s = w * 64 + b
                        if touched[s] != now:
                            touched[s] = now
                            sample[touches] = s
                            touches += 1
                        delta[s * classes + own] += up if value[new + w] >> b & 1 else -up
            e = after[e]
    return touches
