"""Cuts of up to four leaves with their tables, found as gates are added to a growing circuit.

``cut`` holds `CUTS` places for each net, of `WORDS` numbers; ``cuts`` says how many are in use. The
cut that is the net itself is not stored; where one is named, it has number -1.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row

LEAVES = 4
CUTS = 16
"""Cuts kept a net."""

WORDS = LEAVES + 1
"""Of a cut: its leaves, then its table and, from bit 16, how many leaves there are."""


@cache
def spread_rows() -> NDArray[np.int64]:
    """For each set of places (a mask, the first leaf is the high bit), where the entries of a table
    over these leaves come from, four bits each of 16."""
    rows: list[int] = []
    for mask in range(16):
        row = 0
        for entry in range(16):
            read, place = 0, 3
            for leaf in range(LEAVES):
                if mask >> (3 - leaf) & 1:
                    read |= (entry >> (3 - leaf) & 1) << place
                    place -= 1
            row |= read << (4 * entry)
        rows.append(row - (1 << 64) if row >> 63 else row)
    return np.array(rows, np.int64)


def union(u: int, p: int, f: int, q: int, cut: Row, merged: Row) -> int:
    """The leaves of two cuts, ascending, in ``merged``; how many, or LEAVES + 1. -1: the net."""
    a, b, size = 0, 0, 0
    base_a, base_b = (u * CUTS + p) * WORDS, (f * CUTS + q) * WORDS
    many_a = 1 if p < 0 else cut[base_a + 4] >> 16
    many_b = 1 if q < 0 else cut[base_b + 4] >> 16
    while a < many_a or b < many_b:
        if size == LEAVES:
            return LEAVES + 1
        x = 1 << 40
        y = 1 << 40
        if a < many_a:
            x = u if p < 0 else cut[base_a + a]
        if b < many_b:
            y = f if q < 0 else cut[base_b + b]
        merged[size] = min(x, y)
        size += 1
        if x <= y:
            a += 1
        if y <= x:
            b += 1
    return size


def widen(u: int, p: int, size: int, cut: Row, merged: Row, spread: Row) -> int:
    """The table of a cut over the merged leaves."""
    base = (u * CUTS + p) * WORDS
    mask = 0
    table = 255
    if p < 0:
        for i in range(size):
            if merged[i] == u:
                mask |= 8 >> i
    else:
        table = cut[base + LEAVES] & 0xFFFF
        at = 0
        many = cut[base + LEAVES] >> 16
        for i in range(size):
            if at < many and merged[i] == cut[base + at]:
                mask |= 8 >> i
                at += 1
    row = spread[mask]
    wide = 0
    for entry in range(16):
        wide |= (table >> (15 - (row >> (4 * entry) & 15)) & 1) << (15 - entry)
    return wide


def enumerate_cuts(
    v: int, left: Row, right: Row, xor: Row, cut: Row, cuts: Row, merged: Row, spread: Row
) -> None:  # fmt: skip
    """The cuts of a new gate: at most CUTS, none that holds all leaves of another."""
    a, b = left[v] >> 1, right[v] >> 1
    count = 0
    for p in range(-1, cuts[a]):
        for q in range(-1, cuts[b]):
            size = union(a, p, b, q, cut, merged)
            if size > LEAVES:
                continue
            useful = True
            for other in range(count):
                base = (v * CUTS + other) * WORDS
                many = cut[base + LEAVES] >> 16
                if many > size:
                    continue
                at = 0
                for i in range(size):
                    if at < many and cut[base + at] == merged[i]:
                        at += 1
                if at == many:
                    useful = False
                    break
            if not useful or count == CUTS:
                continue
            one = widen(a, p, size, cut, merged, spread) ^ -(left[v] & 1)
            two = widen(b, q, size, cut, merged, spread) ^ -(right[v] & 1)
            table = ((one ^ two) if xor[v] else (one & two)) & 0xFFFF
            base = (v * CUTS + count) * WORDS
            for i in range(size):
                cut[base + i] = merged[i]
            cut[base + LEAVES] = table | size << 16
            count += 1
    cuts[v] = count
