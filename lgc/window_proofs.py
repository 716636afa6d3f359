"""Proofs in windows: a few gates around a gate, tried on every vector that can enter them.

Whether net g may be replaced by net r (or its complement, or a constant) is decided without
looking at the whole circuit: g, r, the gates that read g up to a depth, and the cones of all these
down to some leaves are computed for all values of the leaves, once with g and once with r. If no
net that leaves the window differs, the replacement changes no output of the circuit. Leaves that
are gates are taken to be free, which errs on the safe side; leaves that are inputs take the values
that facts allow.

A cut grows where it adds the fewest leaves (reconvergence-driven cuts: Mishchenko, Brayton,
"Scalable logic synthesis using a simple circuit structure", IWLS 2006). The functions here are
helpers of loops (see `lgc.loops`). What they share:

    inputs, k           of the netlist; ``nets`` stands for the constant 0
    table, fanin        of its gates, flat
    to, flip            what replaces each net, and whether complemented; itself at first
    start, reader       gates (as nets) that read net v: ``reader[start[v]:start[v + 1]]``
    leaving             whether a net is an output
    variable, low, high, size   the facts, see `lgc.facts.States`
    stamp               one number, rising: marks of older windows do not count
    seen, inner         marks of nets in the window, and of those that are no leaves
    beyond, level       marks of nets that depend on g; their distance where they are in the window
    slot                place of a net's values
    leaves, members     nets of the window
    place, bits, digits how the number of a vector gives the value of each leaf
    value, other        values of nets as they are, and with g replaced, ``BLOCK`` words a slot
"""

from __future__ import annotations

from .loops import Row

BLOCK = 64
"""Words computed at once."""

MEMBERS = 256
"""Most gates in a window."""

STATES = 32
"""A variable that takes more parts than this in a window is taken apart into free bits."""

LEAVES = 24
"""Most leaves of a window that the arrays have room for."""


def replaceable(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, start: Row, reader: Row,
    leaving: Row, variable: Row, low: Row, high: Row, size: Row, stamp: Row, seen: Row,
    inner: Row, beyond: Row, level: Row, slot: Row, leaves: Row, members: Row, place: Row,
    bits: Row, digits: Row, breaks: Row, pattern: Row, value: Row, other: Row,
    g: int, r: int, phase: int, depth: int, most: int,
) -> int:  # fmt: skip
    """Whether g may become r, complemented where ``phase``: 1 proved, 0 open, -1 disproved."""
    nets = len(seen) - 1
    stamp[0] += 1
    mark = stamp[0]
    seen[nets], inner[nets] = mark, mark  # the constant
    slot[nets] = 0
    seen[g], inner[g] = mark, mark
    members[0] = g
    count = 1
    if depth > 0:
        count = readers(
            inputs, k, fanin, to, start, reader, seen, inner, beyond, level, members, mark, g, depth
        )
        if count == 0:
            return 0
    root = count
    free = 0
    if seen[r] != mark:
        seen[r] = mark
        leaves[0] = r
        free = 1
    for i in range(root):
        for j in range(k):
            u = to[fanin[(members[i] - inputs) * k + j]]
            if seen[u] != mark:
                seen[u] = mark
                if free == most:
                    return 0
                leaves[free] = u
                free += 1
    exact = 0
    while count < MEMBERS:
        best, least = -1, most - free + 1
        exact = 1
        for i in range(free):
            v = leaves[i]
            if v < inputs:
                continue
            exact = 0
            cost = -1
            for j in range(k):
                if seen[to[fanin[(v - inputs) * k + j]]] != mark:
                    cost += 1
            if cost < least or (best >= 0 and cost == least and v > leaves[best]):
                best, least = i, cost
        if best < 0:
            break
        v = leaves[best]
        free -= 1
        leaves[best] = leaves[free]
        inner[v] = mark
        members[count] = v
        count += 1
        for j in range(k):
            u = to[fanin[(v - inputs) * k + j]]
            if seen[u] != mark:
                seen[u] = mark
                leaves[free] = u
                free += 1
    _sort(members, count)
    total = _number(inputs, variable, low, high, size, leaves, place, bits, digits, breaks, free)
    if total > most + 2:
        return 0
    for i in range(free):
        slot[leaves[i]] = 1 + i
    for i in range(count):
        slot[members[i]] = 1 + free + i
    words = 1 << (total - 6) if total > 6 else 1
    for block in range((words + BLOCK - 1) // BLOCK):
        base = block * BLOCK
        width = min(BLOCK, words - base)
        _fill(place, bits, digits, pattern, value, free, base, width)
        for i in range(count):
            _compute(inputs, k, table, fanin, to, flip, slot, value, members[i], width)
        wrong = 0
        if depth == 0:
            a, b = slot[g] * BLOCK, slot[r] * BLOCK
            for w in range(width):
                wrong |= value[a + w] ^ value[b + w] ^ -phase
        else:
            wrong = _seen_beyond(
                inputs, k, table, fanin, to, flip, start, reader, leaving, inner, beyond,
                slot, members, value, other, mark, g, r, phase, count, width,
            )  # fmt: skip
        if wrong != 0:
            return -exact
    return 1


def readers(
    inputs: int, k: int, fanin: Row, to: Row, start: Row, reader: Row, seen: Row, inner: Row,
    beyond: Row, level: Row, members: Row, mark: int, g: int, depth: int,
) -> int:  # fmt: skip
    """Puts the gates that depend on g, up to a depth, into the window behind g; 0: too many.

    ``members[count:]`` is used as the list of what is still to be looked at, in rising order.
    """
    half = len(members) // 2
    beyond[g] = mark
    level[g] = 0
    count, waiting, done = 1, 0, 0
    for i in range(start[g], start[g + 1]):
        v = reader[i]
        if beyond[v] != mark:
            if waiting + 2 >= half:
                return 0
            beyond[v] = mark
            members[half + waiting] = v
            waiting += 1
    while done < waiting:
        for i in range(done + 1, waiting):
            if members[half + i] < members[half + done]:
                members[half + i], members[half + done] = members[half + done], members[half + i]
        v = members[half + done]
        done += 1
        far = 0
        for j in range(k):
            u = to[fanin[(v - inputs) * k + j]]
            if beyond[u] == mark:
                far = max(far, level[u] + 1)
        level[v] = far
        if far <= depth:
            seen[v], inner[v] = mark, mark
            members[count] = v
            count += 1
        for i in range(start[v], start[v + 1]):
            u = reader[i]
            if beyond[u] != mark:
                if max(waiting, count) + 2 >= half:
                    return 0
                beyond[u] = mark
                members[half + waiting] = u
                waiting += 1
    return count


def _sort(row: Row, count: int) -> None:
    """Insertion sort of the first ``count``."""
    for i in range(1, count):
        v = row[i]
        at = i
        while at > 0 and row[at - 1] > v:
            row[at] = row[at - 1]
            at -= 1
        row[at] = v


def _number(
    inputs: int, variable: Row, low: Row, high: Row, size: Row, leaves: Row, place: Row,
    bits: Row, digits: Row, breaks: Row, free: int,
) -> int:  # fmt: skip
    """Gives leaves places in the number of a vector; returns how many bits that number has."""
    total = 0
    for i in range(free):
        bits[i] = -1
    for i in range(free):
        if bits[i] >= 0:
            continue
        u = leaves[i]
        place[i], bits[i], digits[i] = total, 1, 2
        parts, alike = 0, 0
        if u < inputs:
            # where the values of the variable's leaves change, in rising order
            for n in range(i, free):
                v = leaves[n]
                if v < inputs and variable[v] == variable[u]:
                    alike += 1
                    parts = _insert(breaks, parts, low[v], size[variable[u]])
                    parts = _insert(breaks, parts, high[v], size[variable[u]])
            if alike == 1:
                parts = min(parts, 1)
        if u >= inputs or (parts == 1 and alike == 1) or parts >= STATES:
            total += 1
            continue
        needs = 0
        while 1 << needs < parts + 1:
            needs += 1
        for n in range(i, free):
            v = leaves[n]
            if v < inputs and variable[v] == variable[u]:
                place[n], bits[n], digits[n] = total, needs, 0
                for digit in range(1 << needs):
                    last = min(digit, parts)
                    state = 0 if last == 0 else breaks[last - 1]
                    if low[v] <= state and state < high[v]:
                        digits[n] = digits[n] | 1 << digit
        total += needs
    return total


def _insert(row: Row, count: int, number: int, end: int) -> int:
    """Puts a number between 0 and ``end`` into a rising row, once; returns the row's length."""
    if number <= 0 or number >= end:
        return count
    at = count
    while at > 0 and row[at - 1] >= number:
        at -= 1
    if at < count and row[at] == number:
        return count
    for i in range(count, at, -1):
        row[i] = row[i - 1]
    row[at] = number
    return count + 1


def _fill(
    place: Row, bits: Row, digits: Row, pattern: Row, value: Row, free: int, base: int, width: int
) -> None:
    """Values of the constant and the leaves, for the words from ``base``."""
    for w in range(width):
        value[w] = 0
    for i in range(free):
        for w in range(width):
            word = 0
            for digit in range(1 << bits[i]):
                if digits[i] >> digit & 1:
                    term = -1
                    for b in range(bits[i]):
                        p = place[i] + b
                        bit = pattern[p] if p < 6 else -((base + w) >> (p - 6) & 1)
                        term &= bit if digit >> b & 1 else ~bit
                    word |= term
            value[(1 + i) * BLOCK + w] = word


def _compute(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, slot: Row, value: Row,
    v: int, width: int,
) -> None:  # fmt: skip
    """Values of a gate."""
    entries = 1 << k
    first = (v - inputs) * k
    for w in range(width):
        word = 0
        for entry in range(entries):
            if table[v - inputs] >> (entries - 1 - entry) & 1:
                term = -1
                for j in range(k):
                    f = fanin[first + j]
                    bit = value[slot[to[f]] * BLOCK + w] ^ -flip[f]
                    term &= bit if entry >> (k - 1 - j) & 1 else ~bit
                word |= term
        value[slot[v] * BLOCK + w] = word


def _seen_beyond(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, start: Row, reader: Row,
    leaving: Row, inner: Row, beyond: Row, slot: Row, members: Row, value: Row, other: Row,
    mark: int, g: int, r: int, phase: int, count: int, width: int,
) -> int:  # fmt: skip
    """Computes what depends on g again, with r in its place; not 0 where the window tells."""
    entries = 1 << k
    wrong = 0
    for w in range(width):
        other[slot[g] * BLOCK + w] = value[slot[r] * BLOCK + w] ^ -phase
    for i in range(count):
        v = members[i]
        if beyond[v] != mark:
            continue
        outside = leaving[v]
        for n in range(start[v], start[v + 1]):
            if inner[reader[n]] != mark:
                outside = 1
        for w in range(width):
            if v != g:
                word = 0
                for entry in range(entries):
                    if table[v - inputs] >> (entries - 1 - entry) & 1:
                        term = -1
                        for j in range(k):
                            f = fanin[(v - inputs) * k + j]
                            at = slot[to[f]] * BLOCK + w
                            bit = other[at] if beyond[to[f]] == mark else value[at]
                            bit ^= -flip[f]
                            term &= bit if entry >> (k - 1 - j) & 1 else ~bit
                        word |= term
                other[slot[v] * BLOCK + w] = word
            if outside:
                wrong |= other[slot[v] * BLOCK + w] ^ value[slot[v] * BLOCK + w]
    return wrong


HELPERS = (
    readers, _sort, _insert, _number, _fill, _compute, _seen_beyond, replaceable,
)  # fmt: skip
"""What a loop that calls `replaceable` names."""
