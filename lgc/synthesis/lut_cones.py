"""Cones above a LUT: small cuts found by replacing leaves by what they read, and their tables.

``cut`` holds `CUTS` rows of `WIDE` places of the cuts of one gate, ``size`` how many are in use.
"""

from __future__ import annotations

from lgc.loops import Row

from .lut_nets import lose, read

WIDE = 6
"""Most leaves of a cut."""

CUTS = 40
"""Cuts of one gate."""


def enumerate_cones(v: int, fanin: Row, many: Row, cut: Row, size: Row) -> int:
    """Cuts of up to `WIDE` leaves, from the gate's own fan-ins on; how many."""
    count = 1
    size[0] = many[v]
    for i in range(many[v]):
        cut[i] = fanin[3 * v + i]
    at = 0
    while at < count:
        for which in range(size[at]):
            leaf = cut[at * WIDE + which]
            if many[leaf] == 0 or count == CUTS:
                continue
            total, base = 0, count * WIDE
            for i in range(size[at]):
                if i != which:
                    cut[base + total] = cut[at * WIDE + i]
                    total += 1
            for edge in range(3 * leaf, 3 * leaf + many[leaf]):
                new = True
                for i in range(total):
                    if cut[base + i] == fanin[edge]:
                        new = False
                if new:
                    if total < WIDE:
                        cut[base + total] = fanin[edge]
                    total += 1
            if total > WIDE:
                continue
            known = False
            for other in range(count):
                if size[other] == total and not known:
                    same = 0
                    for i in range(total):
                        for j in range(total):
                            same += cut[other * WIDE + i] == cut[base + j]
                    known = same == total
            if not known:
                size[count] = total
                count += 1
        at += 1
    return count


def cone_table(
    v: int, c: int, pattern: Row, table: Row, fanin: Row, many: Row, cut: Row, size: Row,
    mark: Row, word: Row, stack: Row, state: Row,
) -> int:  # fmt: skip
    """The function of ``v`` over the leaves of a cut; ``state[0]`` counts calls for ``mark``."""
    state[0] += 1
    stamp = state[0]
    for i in range(size[c]):
        mark[cut[c * WIDE + i]] = stamp
        word[cut[c * WIDE + i]] = pattern[i]
    stack[0] = v
    top = 1
    while top > 0:
        u = stack[top - 1]
        ready = True
        for edge in range(3 * u, 3 * u + many[u]):
            if mark[fanin[edge]] != stamp and ready:
                stack[top] = fanin[edge]
                top += 1
                ready = False
        if not ready:
            continue
        top -= 1
        mark[u] = stamp
        function, made = table[u], 0
        for entry in range(8):
            if function >> (7 - entry) & 1:
                term = -1
                for i in range(many[u]):
                    term &= word[fanin[3 * u + i]] ^ ((entry >> (2 - i) & 1) - 1)
                made |= term
        word[u] = made
    return word[v]


def let_go(
    v: int, c: int, table: Row, fanin: Row, many: Row, refs: Row, price: Row, stack: Row, cut: Row,
    size: Row,
) -> int:  # fmt: skip
    """Lose the fan-ins of ``v`` as far as the leaves of a cut; the price freed, its own too."""
    for i in range(size[c]):
        refs[cut[c * WIDE + i]] += 1
    freed = price[table[v]]
    for edge in range(3 * v, 3 * v + many[v]):
        freed += lose(fanin[edge], table, fanin, many, refs, price, stack)
    return freed


def take_back(
    v: int, c: int, table: Row, fanin: Row, many: Row, refs: Row, price: Row, stack: Row, cut: Row,
    size: Row,
) -> None:  # fmt: skip
    """The reverse."""
    for edge in range(3 * v, 3 * v + many[v]):
        read(fanin[edge], table, fanin, many, refs, price, stack)
    for i in range(size[c]):
        refs[cut[c * WIDE + i]] -= 1


LUT_CONES = (enumerate_cones, cone_table, let_go, take_back)
"""What a loop that calls these needs beside `LUT_NETS`."""
