"""A growing circuit of AND and XOR gates, as helpers of compiled loops.

Nets are numbered: 0 is the constant 0, then come the inputs, then the gates, each after what it
reads. A literal is 2 · net + 1 if complemented. The rows: ``left`` and ``right`` are the literals
a gate reads, ``xor`` says which kind it is, ``refs`` how many readers it has; a gate without
readers does not count as a reader of its own fan-ins, until something reads it again. ``slots`` is
a hash table of all gates, and ``state`` holds the number of nets and of inputs. An XOR stands for
positive literals, its sign is in the literal that reads it; in an and-inverter graph (``aig``) it
is made of three ANDs.
"""

from __future__ import annotations

from lgc.loops import Row

MISSING = -1
TOP, INPUTS, SEED = 0, 1, 2
"""Places in ``state``."""


def draw(row: Row, place: int) -> int:
    """A random number of 23 bits, from the state at a place of a row."""
    row[place] = (row[place] * 1103515245 + 12345) & 0x7FFFFFFF
    return row[place] >> 8


def slot_of(xor: int, a: int, b: int, left: Row, right: Row, kind: Row, slots: Row) -> int:
    """Where a gate is, or would be, in the hash table."""
    mask = len(slots) - 1
    at = (a * 0x9E3779B1 + b * 0x85EBCA6B + xor * 0x27D4EB2F) & 0x7FFFFFFFFFFF
    at = (at ^ (at >> 17)) & mask
    while slots[at] != 0:
        g = slots[at]
        if left[g] == a and right[g] == b and kind[g] == xor:
            break
        at = (at + 1) & mask
    return at


def simple(xor: int, a: int, b: int) -> int:
    """The literal of a gate of equal, complementary or constant literals, else MISSING."""
    if xor:
        if a >> 1 == b >> 1:
            return (a ^ b) & 1
        if a < 2:
            return b ^ a
        if b < 2:
            return a ^ b
        return MISSING
    if a == b or b == 1:
        return a
    if a == b ^ 1 or a == 0 or b == 0:
        return 0
    if a == 1:
        return b
    return MISSING


def find(xor: int, a: int, b: int, left: Row, right: Row, kind: Row, slots: Row) -> int:
    """The literal of a gate that is there, else MISSING."""
    known = simple(xor, a, b)
    if known != MISSING:
        return known
    sign = 0
    if xor:
        sign = (a ^ b) & 1
        a, b = a & ~1, b & ~1
    g = slots[slot_of(xor, min(a, b), max(a, b), left, right, kind, slots)]
    return 2 * g + sign if g else MISSING


def release(net: int, left: Row, right: Row, refs: Row, stack: Row, state: Row) -> int:
    """One reader less; how many gates nothing needs any more."""
    freed = 0
    stack[0] = net
    top = 1
    while top > 0:
        top -= 1
        v = stack[top]
        refs[v] -= 1
        if refs[v] == 0 and v > state[INPUTS]:
            freed += 1
            stack[top] = left[v] >> 1
            stack[top + 1] = right[v] >> 1
            top += 2
    return freed


def acquire(net: int, left: Row, right: Row, refs: Row, stack: Row, state: Row) -> None:
    """One reader more."""
    stack[0] = net
    top = 1
    while top > 0:
        top -= 1
        v = stack[top]
        refs[v] += 1
        if refs[v] == 1 and v > state[INPUTS]:
            stack[top] = left[v] >> 1
            stack[top + 1] = right[v] >> 1
            top += 2
