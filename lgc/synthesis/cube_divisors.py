"""Divisors: parts of cubes that occur more than once, and what it saves to write each once.

A *single-cube* divisor is two literals of one cube, a ∧ b; a *double-cube* divisor is what two
cubes of a node differ in, with at most two literals in each: a ∨ b (which is ¬(¬a ∧ ¬b)), a ∨ bc,
a ⊕ b, a ? b : c, ab ∨ cd (Rajski, Vasudevamurthy, "The testability-preserving concurrent
decomposition and factorization of Boolean expressions", IEEE Transactions on CAD, 1992). A node
costs one gate less than it has literals. Divisors and their complements are the same.

Rows are those of `lgc.synthesis.cubes`; ``part`` holds four numbers, the literals in which two
cubes differ.
"""

from __future__ import annotations

from lgc.loops import Row, loop

WIDTH = 6
"""Most literals of a cube."""

KEY, SIGN, LENGTH = 0, 4, 5
"""Places in ``key``: four literals, and whether their complement occurs; numbers in all."""

ROW, FIRST, SECOND, SAVED = 7, 4, 5, 6
"""Numbers of an occurrence: four literals, both cubes (the second -1: one cube), the literals saved
by writing it as one."""

MARK = 1
"""The fourth literal of a ⊕ b, whose third is 0, and of a ? b : c; 0 where there are two or three
literals."""

CUBES, NETS = range(2)
"""Places in ``state``."""


def compare(p: int, q: int, literal: Row, size: Row, part: Row, key: Row) -> int:
    """The divisor that two cubes of a node make, into ``key``; how many literals it saves, or 0."""
    i, j, base, many, others = 0, 0, 0, 0, 0
    while i < size[p] or j < size[q]:
        take = i < size[p]
        give = j < size[q]
        if take and give:
            x, y = literal[p * WIDTH + i], literal[q * WIDTH + j]
            take = x <= y
            give = y <= x
        if take and give:
            base += 1
        elif take:
            if many == 2:
                return 0
            part[many] = literal[p * WIDTH + i]
            many += 1
        else:
            if others == 2:
                return 0
            part[2 + others] = literal[q * WIDTH + j]
            others += 1
        i += take
        j += give
    if many == 0 or others == 0:
        return 0
    if many > others or (many == others and part[0] > part[2]):
        part[0], part[1], part[2], part[3] = part[2], part[3], part[0], part[1]
        many, others = others, many
    a, b, c, d = part[0], part[1], part[2], part[3]
    key[SIGN] = 0
    if others == 1:  # a ∨ c = ¬(¬a ∧ ¬c)
        if a >> 1 == c >> 1:
            return 0
        key[KEY], key[KEY + 1], key[KEY + 2], key[KEY + 3], key[SIGN] = a ^ 1, c ^ 1, 0, 0, 1
    elif many == 1:
        if a >> 1 == c >> 1 or a >> 1 == d >> 1:
            return 0
        key[KEY], key[KEY + 1], key[KEY + 2], key[KEY + 3] = a, c, d, 0
    elif a ^ 1 == c and b ^ 1 == d:  # ab ∨ ¬a¬b = ¬(a ⊕ b)
        key[KEY], key[KEY + 1], key[KEY + 2], key[KEY + 3] = a & ~1, b & ~1, 0, MARK
        key[SIGN] = 1 ^ (a & 1) ^ (b & 1)
    elif a ^ 1 == c or a ^ 1 == d or b ^ 1 == c or b ^ 1 == d:
        s, x = a, b
        if b ^ 1 == c or b ^ 1 == d:
            s, x = b, a
        y = c if d == s ^ 1 else d
        if s & 1:  # ¬s ? x : y = s ? y : x
            x, y = y, x
        sign = x & 1  # s ? ¬x : ¬y = ¬(s ? x : y)
        key[KEY], key[KEY + 1], key[KEY + 2], key[KEY + 3] = s & ~1, x ^ sign, y ^ sign, MARK
        key[SIGN] = sign
    else:
        key[KEY], key[KEY + 1], key[KEY + 2], key[KEY + 3] = a, b, c, d
    return base + many + others - 1


def is_exclusive(key: Row) -> bool:
    """Whether a divisor is an XOR."""
    return key[KEY + 2] == 0 and key[KEY + 3] == MARK


def holds(p: int, a: int, literal: Row, size: Row) -> bool:
    """Whether a cube has a literal."""
    found = False
    for i in range(size[p]):
        if literal[p * WIDTH + i] == a:
            found = True
    return found


def append(a: int, b: int, v: int, literal: Row, size: Row, owner: Row, state: Row) -> None:
    """A new cube of the newest node; b is 0 where there is one literal."""
    c = state[CUBES]
    state[CUBES] = c + 1
    literal[c * WIDTH] = a if b == 0 else min(a, b)
    literal[c * WIDTH + 1] = max(a, b)
    size[c] = 1 if b == 0 else 2
    owner[c] = v


def keep_common(p: int, q: int, literal: Row, size: Row) -> None:
    """Only what two cubes share stays of the first; the second is gone."""
    kept = 0
    for i in range(size[p]):
        if holds(q, literal[p * WIDTH + i], literal, size):
            literal[p * WIDTH + kept] = literal[p * WIDTH + i]
            kept += 1
    size[p] = kept
    size[q] = 0


def drop(p: int, a: int, b: int, literal: Row, size: Row) -> None:
    """Two literals of a cube go."""
    kept = 0
    for i in range(size[p]):
        if literal[p * WIDTH + i] != a and literal[p * WIDTH + i] != b:
            literal[p * WIDTH + kept] = literal[p * WIDTH + i]
            kept += 1
    size[p] = kept


DIVISORS = (compare, is_exclusive)
"""What a loop that calls these needs."""


def add_occurrence(p: int, q: int, saved: int, key: Row, found: Row, count: Row) -> None:
    """One more of the divisor ``key``."""
    at = count[0] * ROW
    count[0] += 1
    for i in range(4):
        found[at + i] = key[KEY + i]
    found[at + FIRST], found[at + SECOND], found[at + SAVED] = p, q, saved


@loop(*DIVISORS, add_occurrence)
def find_divisors(
    closed: Row, literal: Row, size: Row, first: Row, part: Row, key: Row, found: Row, count: Row,
) -> None:  # fmt: skip
    """All occurrences, a `ROW` each; ``count`` says how many."""
    for v in range(len(first) - 1):
        for p in range(first[v], first[v + 1]):
            for i in range(size[p]):
                for j in range(i):
                    key[KEY], key[KEY + 1] = literal[p * WIDTH + j], literal[p * WIDTH + i]
                    key[KEY + 2], key[KEY + 3] = 0, 0
                    add_occurrence(p, -1, 1, key, found, count)
            for q in range(first[v] if size[p] else p, p):
                saved = compare(p, q, literal, size, part, key) if size[q] else 0
                if saved > 0 and not (closed[v] and is_exclusive(key)):
                    add_occurrence(p, q, saved, key, found, count)


@loop(*DIVISORS, holds, append, keep_common, drop)
def write_divisors(
    limit: int, aig: int, chosen: Row, start: Row, price: Row, found: Row, used: Row, closed: Row,
    literal: Row, size: Row, owner: Row, part: Row, key: Row, state: Row,
) -> None:  # fmt: skip
    """Make a node of each divisor in turn that still saves ``limit`` gates.

    Occurrences of divisor d are those from ``start[d]`` to ``start[d + 1]``; ``used`` marks the
    cubes of the divisor at hand, and `SAVED` becomes the sign it has there, -1 where it is gone.
    """
    mark = 0
    for d in chosen:
        mark += 1
        gain = -price[d]
        head = start[d] * ROW
        for o in range(start[d], start[d + 1]):
            p, q = found[o * ROW + FIRST], found[o * ROW + SECOND]
            fits = used[p] != mark
            saved = 1
            if q >= 0:
                fits = fits and used[q] != mark and size[p] > 0 and size[q] > 0
                if fits:
                    saved = compare(p, q, literal, size, part, key)
                    fits = saved > 0
                    for i in range(4):
                        if key[KEY + i] != found[head + i]:
                            fits = False
            elif fits:
                fits = holds(p, found[head], literal, size)
                fits = fits and holds(p, found[head + 1], literal, size)
            found[o * ROW + SAVED] = -1
            if fits:
                gain += saved
                used[p] = mark
                found[o * ROW + SAVED] = 0
                if q >= 0:
                    used[q] = mark
                    found[o * ROW + SAVED] = key[SIGN]
        if gain < limit:
            continue
        v = state[NETS]
        state[NETS] = v + 1
        for o in range(start[d], start[d + 1]):
            p, q, sign = found[o * ROW + FIRST], found[o * ROW + SECOND], found[o * ROW + SAVED]
            if sign < 0:
                continue
            if q < 0:
                drop(p, found[head], found[head + 1], literal, size)
            else:
                keep_common(p, q, literal, size)
            literal[p * WIDTH + size[p]] = 2 * v + sign
            size[p] += 1
        a, b, c, e = found[head], found[head + 1], found[head + 2], found[head + 3]
        if c == 0 and e == 0:
            append(a, b, v, literal, size, owner, state)
        elif c == 0:
            append(a, b ^ 1, v, literal, size, owner, state)
            append(a ^ 1, b, v, literal, size, owner, state)
            closed[v] = 1 - aig
        elif e == 0:
            append(a, 0, v, literal, size, owner, state)
            append(b, c, v, literal, size, owner, state)
        elif e == MARK:
            append(a, b, v, literal, size, owner, state)
            append(a ^ 1, c, v, literal, size, owner, state)
        else:
            append(a, b, v, literal, size, owner, state)
            append(c, e, v, literal, size, owner, state)
