"""Windows around a LUT: tables of what may replace its fan-ins, and where its value is seen.

Leaves are grown from the gate's fan-ins towards the inputs, where paths meet soonest. Some of what
reads the gate belongs to the window as its tail: the value of the gate matters only where another
value would change a net that leaves the tail (Mishchenko, Brayton, Jiang, Jang, "Scalable
don't-care-based logic optimization and resynthesis", TRETS 2011). What else the tail reads are
leaves as well, none of which depends on the gate. Any values of the leaves count as possible.

``member`` lists the nets, leaves first, then gates in the order of their keys, then the tail from
`MOST` on; ``place`` is 1 + where a net stands in it. ``value`` holds `ROOM` words of table for
each; those of the tail with the other value of the gate follow. ``frame`` holds the numbers below.
"""

from __future__ import annotations

from lgc.loops import Row

LEAVES, INSIDE, MEMBERS, WORDS, TAIL = range(5)
"""Places in ``frame``: leaves; with gates between; with other gates; words; gates of the tail."""

ROOM = 16
"""Words for each table: up to 10 leaves."""

MOST = 62
"""Nets of a window without its tail: one bit of a number for each."""

LONGEST = 8
"""Gates of a tail."""

READERS = 8
"""Readers of a net that are looked at."""

DEEP = 24
"""Gates looked at to see whether a net depends on another."""


def depends(s: int, v: int, fanin: Row, many: Row, key: Row, place: Row, scratch: Row) -> bool:
    """Whether a net may depend on ``v``: yes too where that takes long to see."""
    top, seen = 1, 0
    scratch[0] = s
    while top > 0:
        top -= 1
        u = scratch[top]
        if u == v or place[u] > MOST:
            return True
        seen += 1
        if seen > DEEP:
            return True
        if key[u] > key[v]:
            for edge in range(3 * u, 3 * u + many[u]):
                scratch[top] = fanin[edge]
                top += 1
    return False


def follow(
    v: int, most: int, fanin: Row, many: Row, refs: Row, key: Row, leaving: Row, head: Row,
    after: Row, member: Row, place: Row, frame: Row, scratch: Row,
) -> None:  # fmt: skip
    """Collect the tail, and what else it reads as leaves."""
    frame[TAIL] = 0
    at = -1
    while at < frame[TAIL]:
        u = v if at < 0 else member[MOST + at]
        at += 1
        readers, edge = 0, head[u]
        while edge >= 0 and readers <= READERS:
            readers += refs[edge // 3] > 0
            edge = after[edge]
        if readers > READERS or leaving[u]:
            continue  # it is seen anyway
        edge = head[u]
        while edge >= 0 and frame[TAIL] < LONGEST:
            r = edge // 3
            edge = after[edge]
            if refs[r] == 0 or place[r] > 0:
                continue
            more = 0
            for other in range(3 * r, 3 * r + many[r]):
                s = fanin[other]
                if s != v and place[s] == 0:
                    more += 1
                    if key[s] > key[v] and depends(s, v, fanin, many, key, place, scratch):
                        more = MOST
            if frame[LEAVES] + more > most:
                continue
            place[r] = MOST + 1 + frame[TAIL]
            member[MOST + frame[TAIL]] = r
            frame[TAIL] += 1
            for other in range(3 * r, 3 * r + many[r]):
                s = fanin[other]
                if s != v and place[s] == 0:
                    member[frame[LEAVES]] = s
                    frame[LEAVES] += 1
                    place[s] = frame[LEAVES]
    # in the order of their keys
    for i in range(1, frame[TAIL]):
        r = member[MOST + i]
        j = i
        while j > 0 and key[member[MOST + j - 1]] > key[r]:
            member[MOST + j] = member[MOST + j - 1]
            j -= 1
        member[MOST + j] = r
    for i in range(frame[TAIL]):
        place[member[MOST + i]] = MOST + 1 + i


def grow(
    v: int, most: int, fanin: Row, many: Row, key: Row, member: Row, place: Row, frame: Row,
    scratch: Row,
) -> None:  # fmt: skip
    """Replace leaves by what they read; then the gates between, ``v`` the last but for others."""
    inside, count = 1, frame[LEAVES]
    scratch[0] = v
    while inside + count < MOST - 8:
        best, least = -1, 4
        for i in range(count):
            u = member[i]
            if many[u]:
                more = 0
                for edge in range(3 * u, 3 * u + many[u]):
                    more += place[fanin[edge]] == 0
                if more < least or (more == least and key[u] > key[member[best]]):
                    best, least = i, more
        if best < 0 or count - 1 + least > most:
            break
        u = member[best]
        scratch[inside] = u
        inside += 1
        count -= 1
        member[best] = member[count]
        for edge in range(3 * u, 3 * u + many[u]):
            f = fanin[edge]
            if place[f] == 0:
                place[f] = 1
                member[count] = f
                count += 1
    frame[LEAVES] = count
    for i in range(inside):
        u = scratch[i]
        at = count
        while at > frame[LEAVES] and key[member[at - 1]] > key[u]:
            member[at] = member[at - 1]
            at -= 1
        member[at] = u
        count += 1
    frame[INSIDE], frame[MEMBERS] = count, count
    for i in range(count):
        place[member[i]] = i + 1


def operand(v: int, f: int, other: int, w: int, place: Row, value: Row) -> int:
    """A word of a net, with the other value of ``v``: of what the tail makes of that."""
    at = place[f] - 1
    if other and at >= MOST:
        at += LONGEST
    word = value[at * ROOM + w]
    return ~word if other and f == v else word


def tabulate(
    u: int, v: int, other: int, to: int, table: Row, fanin: Row, many: Row, place: Row,
    value: Row, frame: Row,
) -> None:  # fmt: skip
    """The table of a member from those of its fan-ins."""
    count, function = many[u], table[u]
    for w in range(frame[WORDS]):
        a, b, c = 0, 0, 0
        if count > 0:
            a = operand(v, fanin[3 * u], other, w, place, value)
        if count > 1:
            b = operand(v, fanin[3 * u + 1], other, w, place, value)
        if count > 2:
            c = operand(v, fanin[3 * u + 2], other, w, place, value)
        word = 0
        for first in range(2):
            x = a if first else ~a
            for second in range(2):
                y = x & (b if second else ~b)
                four = function >> (6 - 4 * first - 2 * second) & 3
                if four == 3:
                    word |= y
                elif four == 2:
                    word |= y & ~c
                elif four == 1:
                    word |= y & c
        value[to * ROOM + w] = word


def fill(
    v: int, pattern: Row, table: Row, fanin: Row, many: Row, refs: Row, key: Row, head: Row,
    after: Row, member: Row, place: Row, value: Row, frame: Row,
) -> None:  # fmt: skip
    """Tables of all members, and other gates that read members only."""
    leaves = frame[LEAVES]
    frame[WORDS] = 1 << max(0, leaves - 6)
    for i in range(leaves):
        for w in range(frame[WORDS]):
            value[i * ROOM + w] = pattern[i] if i < 6 else -(w >> (i - 6) & 1)
    for at in range(leaves, frame[INSIDE]):
        tabulate(member[at], v, 0, at, table, fanin, many, place, value, frame)
    at = 0
    while at < frame[MEMBERS]:
        edge, seen = head[member[at]], 0
        while edge >= 0 and seen < 4 * READERS and frame[MEMBERS] < MOST:
            u = edge // 3
            edge = after[edge]
            seen += 1
            if place[u] or refs[u] == 0 or key[u] >= key[v]:
                continue
            known = True
            for other in range(3 * u, 3 * u + many[u]):
                if place[fanin[other]] == 0 or place[fanin[other]] > MOST:
                    known = False
            if known:
                member[frame[MEMBERS]] = u
                tabulate(u, v, 0, frame[MEMBERS], table, fanin, many, place, value, frame)
                frame[MEMBERS] += 1
                place[u] = frame[MEMBERS]
        at += 1


def observe(
    v: int, table: Row, fanin: Row, many: Row, refs: Row, leaving: Row, head: Row, after: Row,
    member: Row, place: Row, value: Row, frame: Row, care: Row,
) -> None:  # fmt: skip
    """Where the value of ``v`` is seen, in ``care``."""
    for at in range(MOST, MOST + frame[TAIL]):
        tabulate(member[at], v, 0, at, table, fanin, many, place, value, frame)
        tabulate(member[at], v, 1, at + LONGEST, table, fanin, many, place, value, frame)
    for w in range(frame[WORDS]):
        care[w] = 0
    for at in range(-1, frame[TAIL]):
        u = v if at < 0 else member[MOST + at]
        seen = leaving[u]
        edge = head[u]
        while edge >= 0 and not seen:
            if refs[edge // 3] > 0 and place[edge // 3] <= MOST:
                seen = 1
            edge = after[edge]
        for w in range(frame[WORDS] if seen else 0):
            if at < 0:
                care[w] = -1
            else:
                base = (MOST + at) * ROOM + w
                care[w] |= value[base] ^ value[base + LONGEST * ROOM]


def window(
    v: int, most: int, pattern: Row, table: Row, fanin: Row, many: Row, refs: Row, key: Row,
    leaving: Row, head: Row, after: Row, before: Row, member: Row, place: Row, value: Row,
    frame: Row, care: Row, scratch: Row,
) -> None:  # fmt: skip
    """Everything about the window of a gate."""
    place[v] = 1
    frame[LEAVES] = 0
    for edge in range(3 * v, 3 * v + many[v]):
        member[frame[LEAVES]] = fanin[edge]
        frame[LEAVES] += 1
        place[fanin[edge]] = frame[LEAVES]
    follow(v, most, fanin, many, refs, key, leaving, head, after, member, place, frame, scratch)
    grow(v, most, fanin, many, key, member, place, frame, scratch)
    fill(v, pattern, table, fanin, many, refs, key, head, after, member, place, value, frame)
    observe(v, table, fanin, many, refs, leaving, head, after, member, place, value, frame, care)


def clear(member: Row, place: Row, frame: Row) -> None:
    for i in range(frame[MEMBERS]):
        place[member[i]] = 0
    for i in range(MOST, MOST + frame[TAIL]):
        place[member[i]] = 0


LUT_WINDOWS = (
    depends, follow, grow, operand, tabulate, fill, observe, window, clear,
)  # fmt: skip
"""What a loop that calls `window` and `clear` needs."""
