"""Overlaps: functions of five variables as four gates of three, F(q(C), g(A), h(B)), by search.

A function without structure has no disjoint decomposition (Ashenhurst 1957), but there are many
ways to let A, B and C overlap. Nine places hold five variables, so one of these, x, is in one set
alone, say in C. Of the four others, A and B hold all: A = {b, c, d} and B = {e, c, d}.
Call a row of these four 0, 1 or mixed by what f is there for x = 0 and for x = 1: that depends on
g and h alone. Where two rows that differ in b only are not alike, g is b or its complement at that
(c, d), elsewhere it may ignore b; so g is known up to little more than a function of c and d, as is
h, and most choices of both fail at once. Then q = x ⊕ κ(s, t), where κ says which mixed rows of the
same g and h are 01 and which 10.

Sets of rows are words (`lgc.words`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .loops import Row, loop
from .words import VARIABLE, WIDE, cofactor, flipped, signed

Q, G, H, C, A, B, DONE = range(7)
"""Places in ``found``: rows where q, g and h are 1, the sets of variables that they read, and
whether there is anything."""

FIRST, SECOND, ROOM = 8, 136, 264
"""Where the choices for g and for h begin in ``found``, 128 at most each; its length."""


@dataclass(frozen=True)
class Overlap:
    """A decomposition.

    Attributes:
        chosen: variables of q, of g and of h.
        parts: tables of q, g and h over six variables.
    """

    chosen: tuple[tuple[int, ...], ...]
    parts: tuple[int, int, int]


def combined(kind: int, c: int, d: int) -> int:
    """A function of two variables that is 0 where both are, by three bits."""
    return (c if kind & 1 else 0) ^ (d if kind & 2 else 0) ^ (c & d if kind & 4 else 0)


def alike(rows: int, mixed: int, one: int) -> bool:
    """Whether all of some rows are 0, all are 1 or all are mixed."""
    return (rows & mixed == 0 or rows & ~mixed == 0) and (rows & one == 0 or rows & ~one == 0)


def choices(
    mixed: int, one: int, b: int, e: int, c: int, d: int, variable: Row, found: Row, at: int
) -> int:
    """What g may be, from place ``at`` of ``found`` on; how many."""
    reads = (mixed ^ flipped(mixed, b, variable)) | (one ^ flipped(one, b, variable))
    reads |= flipped(reads, e, variable)
    count = 0
    for some in range(16):  # values of c and d for which g reads b
        rows = 0
        for cell in range(4):
            if some >> cell & 1:
                rows |= (c if cell & 2 else ~c) & (d if cell & 1 else ~d)
        if reads & ~rows == 0:
            for kind in range(8):
                found[at + count] = rows & variable[b] ^ combined(kind, c, d)
                count += 1
    return count


def turned(
    rest: int, mixed: int, high: int, g: int, h: int, x: int, variable: Row, found: Row
) -> bool:
    """q, if one makes F of three; ``high`` is f where x is 1."""
    for s in range(WIDE):
        for t in range(s):
            if not (rest >> s & 1 and rest >> t & 1):
                continue
            for kind in range(8):
                kappa = combined(kind, variable[s], variable[t])
                up, fit = high ^ kappa, True
                for cell in range(4):
                    rows = mixed & (g if cell & 2 else ~g) & (h if cell & 1 else ~h)
                    fit = fit and (rows & up == 0 or rows & ~up == 0)
                if fit:
                    found[Q], found[C] = variable[x] ^ kappa, 1 << x | 1 << s | 1 << t
                    return True
    return False


def search(on: int, support: int, variable: Row, found: Row) -> bool:
    """Whether a function of five variables is an overlap, and which."""
    for x in range(WIDE):
        if not support >> x & 1:
            continue
        rest = support & ~(1 << x)
        low, high = cofactor(on, x, 0, variable), cofactor(on, x, 1, variable)
        mixed, one = low ^ high, low & high
        for b in range(WIDE):
            for e in range(b):
                if not (rest >> b & 1 and rest >> e & 1):
                    continue
                c, d = 0, 0
                for i in range(WIDE):
                    if rest >> i & 1 and i != b and i != e:
                        c, d = d, variable[i]
                many = choices(mixed, one, b, e, c, d, variable, found, FIRST)
                others = choices(mixed, one, e, b, c, d, variable, found, SECOND)
                for i in range(many):
                    g = found[FIRST + i]
                    for j in range(others):
                        h = found[SECOND + j]
                        if not alike(g & h, mixed, one) or not alike(g & ~h, mixed, one):
                            continue
                        if not alike(~g & h, mixed, one) or not alike(~g & ~h, mixed, one):
                            continue
                        if turned(rest, mixed, high, g, h, x, variable, found):
                            found[G], found[H] = g, h
                            found[A], found[B] = rest & ~(1 << e), rest & ~(1 << b)
                            return True
    return False


def half(on: int, x: int, kind: int, variable: Row) -> int:
    """f₀, f₁ or f₀ ⊕ f₁ by a variable x."""
    low, high = cofactor(on, x, 0, variable), cofactor(on, x, 1, variable)
    return low if kind == 0 else high if kind == 1 else low ^ high


def variables(on: int, variable: Row) -> int:
    """The variables that a function depends on."""
    found = 0
    for i in range(WIDE):
        if on ^ flipped(on, i, variable):
            found |= 1 << i
    return found


def size(some: int) -> int:
    """How many there are in a set."""
    count = 0
    for i in range(WIDE):
        count += some >> i & 1
    return count


def two(on: int, support: int, variable: Row) -> bool:
    """Whether a function of four variables is F(g(A), e, y), where A holds y but not e: for each
    value of y the others make f, as a function of e, one of two at most."""
    for e in range(WIDE):
        for y in range(WIDE if support >> e & 1 else 0):
            if y == e or not support >> y & 1:
                continue
            low, high = half(on, e, 0, variable), half(on, e, 1, variable)
            fit = True
            for value in range(2):
                rows = variable[y] if value else ~variable[y]
                kinds = (low & high & rows != 0) + (low & ~high & rows != 0)
                kinds += (~low & high & rows != 0) + (~low & ~high & rows != 0)
                fit = fit and kinds <= 2
            if fit:
                return True
    return False


def least(a: int, b: int, c: int) -> int:
    """The sum of the two smallest."""
    return a + b + c - max(a, max(b, c))


def few(on: int, variable: Row) -> int:
    """About the gates of a function of up to four variables."""
    support = variables(on, variable)
    if size(support) < 4:
        return 1
    return 2 if two(on, support, variable) else 3


def several(on: int, variable: Row, found: Row) -> int:
    """About the gates of a function of up to five variables."""
    support = variables(on, variable)
    if size(support) < 5:
        return few(on, variable)
    if search(on, support, variable, found):
        return 4
    best = 7
    for x in range(WIDE):
        if support >> x & 1:
            made = least(
                few(half(on, x, 0, variable), variable),
                few(half(on, x, 1, variable), variable),
                few(half(on, x, 2, variable), variable),
            )
            best = min(best, made + 1)
    return best


_HELPERS = (
    cofactor, flipped, combined, alike, choices, turned, search, half, variables, size, two, least,
    few, several,
)  # fmt: skip


@loop(*_HELPERS)
def _overlap(on: int, support: int, variable: Row, found: Row) -> None:
    """Whether a function is an overlap, and which."""
    found[DONE] = search(on, support, variable, found)


@loop(*_HELPERS)
def _halves(on: int, support: int, variable: Row, found: Row, gates: Row) -> None:
    """``gates``: about those of f₀, f₁ and f₀ ⊕ f₁ of each variable."""
    for x in range(WIDE):
        for kind in range(3 if support >> x & 1 else 0):
            gates[3 * x + kind] = several(half(on, x, kind, variable), variable, found)


def overlap(table: int, support: tuple[int, ...]) -> Overlap | None:
    """A table of six variables that reads five of them; None if it is no overlap."""
    found = np.zeros(ROOM, np.int64)
    inside = sum(1 << i for i in support)
    _overlap.compiled(signed(table), inside, VARIABLE, found)
    if not found[DONE]:
        return None
    q, g, h = (int(found[place]) & (1 << 64) - 1 for place in (Q, G, H))
    chosen = tuple(tuple(i for i in range(WIDE) if found[s] >> i & 1) for s in (C, A, B))
    return Overlap(chosen, (q, g, h))


def halves(table: int, support: tuple[int, ...]) -> list[list[int]]:
    """About the gates of f₀, f₁ and f₀ ⊕ f₁ by each variable of a table of six variables."""
    gates, inside = np.zeros(3 * WIDE, np.int64), sum(1 << i for i in support)
    _halves.compiled(signed(table), inside, VARIABLE, np.zeros(ROOM, np.int64), gates)
    return gates.reshape(WIDE, 3).tolist()
