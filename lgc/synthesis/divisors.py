"""Divisors: nets around a gate it may be computed from, with their tables over a few leaves.

The leaves are grown from a gate's fan-ins towards the inputs, where paths meet soonest; the window
holds what lies between them and the gate, and every other gate that reads nothing else (Mishchenko,
Brayton, "Scalable logic synthesis using a simple circuit structure", IWLS 2006). ``member`` lists
the nets, leaves first; ``place`` is 1 + where a net stands in it, 0 for nets outside; ``value``
holds `ROOM` words of table for each. ``frame`` holds the numbers below.
"""

from __future__ import annotations

from lgc.loops import Row

from .growing import INPUTS

LEAVES, INSIDE, MEMBERS, WORDS = range(4)
"""Places in ``frame``: leaves, leaves and gates between, all nets, words of a table."""

ROOM = 64
"""Words for each table: up to 12 leaves."""

MOST = 100
"""Nets of a window."""

CONE = 40
"""Nets between gate and leaves."""

READERS = 40
"""Readers of one net that are looked at."""


def grow(
    v: int, most: int, left: Row, right: Row, state: Row, member: Row, place: Row, frame: Row
) -> None:
    """The leaves, at most ``most``, and the gates between them and ``v``, ascending."""
    inside = MOST  # gates between are collected from here, and moved behind the leaves
    member[inside] = v
    inside += 1
    place[v] = 1
    count = 0
    for side in range(2):
        u = (right[v] if side else left[v]) >> 1
        if place[u] == 0:
            place[u] = 1
            member[count] = u
            count += 1
    while inside < MOST + CONE:
        best, least = -1, 3
        for i in range(count):
            u = member[i]
            if u > state[INPUTS]:
                more = (place[left[u] >> 1] == 0) + (place[right[u] >> 1] == 0)
                if more < least or (more == least and u > member[best]):
                    best, least = i, more
        if best < 0 or count - 1 + least > most:
            break
        u = member[best]
        member[inside] = u
        inside += 1
        count -= 1
        member[best] = member[count]
        for side in range(2):
            f = (right[u] if side else left[u]) >> 1
            if place[f] == 0:
                place[f] = 1
                member[count] = f
                count += 1
    frame[LEAVES] = count
    for i in range(MOST, inside):
        u = member[i]
        at = count
        while at > frame[LEAVES] and member[at - 1] > u:
            member[at] = member[at - 1]
            at -= 1
        member[at] = u
        count += 1
    frame[INSIDE] = count
    frame[MEMBERS] = count
    for i in range(count):
        place[member[i]] = i + 1


def tabulate(
    at: int, left: Row, right: Row, xor: Row, member: Row, place: Row, value: Row, frame: Row
) -> None:
    """The table of a member from those of its fan-ins."""
    u = member[at]
    a, b = (place[left[u] >> 1] - 1) * ROOM, (place[right[u] >> 1] - 1) * ROOM
    flip_a, flip_b = -(left[u] & 1), -(right[u] & 1)
    for w in range(frame[WORDS]):
        one, two = value[a + w] ^ flip_a, value[b + w] ^ flip_b
        value[at * ROOM + w] = (one ^ two) if xor[u] else (one & two)


def fill(
    v: int,
    pattern: Row,
    left: Row,
    right: Row,
    xor: Row,
    refs: Row,
    head: Row,
    behind: Row,
    member: Row,
    place: Row,
    value: Row,
    frame: Row,
) -> None:
    """Tables of all members, and gates beside the cone that read members only."""
    leaves = frame[LEAVES]
    frame[WORDS] = 1 << max(0, leaves - 6)
    for i in range(leaves):
        for w in range(frame[WORDS]):
            value[i * ROOM + w] = pattern[i] if i < 6 else -(w >> (i - 6) & 1)
    for at in range(leaves, frame[INSIDE]):
        tabulate(at, left, right, xor, member, place, value, frame)
    at = 0
    while at < frame[MEMBERS]:
        edge = head[member[at]]
        seen = 0
        while edge >= 0 and seen < READERS and frame[MEMBERS] < MOST:
            u = edge >> 1
            if place[u] == 0 and refs[u] > 0 and place[left[u] >> 1] and place[right[u] >> 1]:
                member[frame[MEMBERS]] = u
                frame[MEMBERS] += 1
                place[u] = frame[MEMBERS]
                tabulate(frame[MEMBERS] - 1, left, right, xor, member, place, value, frame)
            edge = behind[edge]
            seen += 1
        at += 1


def clear(member: Row, place: Row, frame: Row) -> None:
    for i in range(frame[MEMBERS]):
        place[member[i]] = 0
