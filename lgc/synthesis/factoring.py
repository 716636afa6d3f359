"""Factoring: a table of up to twelve leaves as AND gates, by way of irredundant cubes.

Cubes of a table or of its complement, whichever have fewer literals (Minato, "Fast generation of
irredundant sum-of-products forms from binary decision diagrams", 1992), are divided by what those
with the most frequent literal have in common, and so on with quotient and rest (Brayton, "Factoring
logic functions", IBM Journal of Research and Development, 1987).

``cubes`` holds masks: bit 2i stands for leaf i, bit 2i + 1 for its complement. ``program`` lists
gates as the libraries of `lgc.synthesis.replacing` do, three numbers each, with leaf i as net i and
gate g as net `BASE` + g. ``tally`` counts cubes and gates, and says when there are too many.
"""

from __future__ import annotations

from lgc.loops import Row

BASE = 12
"""Most leaves; the net of the first gate."""

CUBES, GATES, TOO_MANY = range(3)
"""Places in ``tally``."""

MOST_CUBES = 40
MOST_GATES = 40

PARTS = 9
"""Tables that one step of a cover holds."""

SCRATCH = 2048
"""Words that covers need."""


HIGHEST = 0x7FFFFFFFFFFFFFFF


def word_of(number: int) -> int:
    """Its lowest 64 bits, which plain Python would not stop at."""
    sign = number >> 63 & 1
    return (number & HIGHEST) - sign * HIGHEST - sign


def between(
    v: int, least: int, most: int, made: int, free: int, words: int, pattern: Row, scratch: Row,
    cubes: Row, tally: Row,
) -> None:  # fmt: skip
    """Cubes of the first ``v`` leaves whose sum lies between two tables, and that sum.

    Tables are named by where they stand in ``scratch``; from ``free`` on there is room.
    """
    empty, full = True, True
    for w in range(words):
        if scratch[least + w] != 0:
            empty = False
        if scratch[most + w] != -1:
            full = False
        scratch[made + w] = 0
    if empty:
        return
    if full:
        for w in range(words):
            scratch[made + w] = -1
        if tally[CUBES] == MOST_CUBES:
            tally[TOO_MANY] = 1
        else:
            cubes[tally[CUBES]] = 0
            tally[CUBES] += 1
        return
    v -= 1
    n = words >> 1 if v >= 6 else 1
    least0, least1, most0, most1 = free, free + n, free + 2 * n, free + 3 * n
    low, high = free + 4 * n, free + 5 * n
    sum0, sum1, rest = free + 6 * n, free + 7 * n, free + 8 * n
    free += PARTS * n
    for w in range(n):
        if v >= 6:
            scratch[least0 + w], scratch[least1 + w] = scratch[least + w], scratch[least + n + w]
            scratch[most0 + w], scratch[most1 + w] = scratch[most + w], scratch[most + n + w]
        else:
            one, shift = pattern[v], 1 << v
            for side in range(2):
                table = scratch[most + w] if side else scratch[least + w]
                at = most0 + w if side else least0 + w
                scratch[at] = (table & ~one) | ((table >> shift) & one)
                scratch[at + n] = (table & one) | word_of((table & one) << shift)
    for phase in range(2):  # where the leaf is 0, then where it is 1
        own, other = least1 if phase else least0, most0 if phase else most1
        bound = most1 if phase else most0
        for w in range(n):
            scratch[low + w] = scratch[own + w] & ~scratch[other + w]
        before = tally[CUBES]
        into = sum1 if phase else sum0
        between(v, low, bound, into, free, n, pattern, scratch, cubes, tally)
        for c in range(before, tally[CUBES]):
            cubes[c] |= 2 - phase << 2 * v
    for w in range(n):
        missing = scratch[least0 + w] & ~scratch[sum0 + w]
        scratch[low + w] = missing | (scratch[least1 + w] & ~scratch[sum1 + w])
        scratch[high + w] = scratch[most0 + w] & scratch[most1 + w]
    between(v, low, high, rest, free, n, pattern, scratch, cubes, tally)
    for w in range(n):
        zero, one = scratch[sum0 + w] | scratch[rest + w], scratch[sum1 + w] | scratch[rest + w]
        if v >= 6:
            scratch[made + w], scratch[made + n + w] = zero, one
        else:
            scratch[made + w] = (zero & ~pattern[v]) | (one & pattern[v])


def literals(cubes: Row, tally: Row, leaves: int) -> int:
    """How many all cubes have."""
    total = 0
    for c in range(tally[CUBES]):
        for i in range(2 * leaves):
            total += cubes[c] >> i & 1
    return total


def both(a: int, b: int, program: Row, tally: Row) -> int:
    """The literal of a new AND gate."""
    g = tally[GATES]
    if g == MOST_GATES:
        tally[TOO_MANY] = 1
        return 0
    program[3 * g], program[3 * g + 1], program[3 * g + 2] = 0, a, b
    tally[GATES] = g + 1
    return 2 * (BASE + g)


def product(cube: int, leaves: int, program: Row, tally: Row) -> int:
    """The AND of a cube's literals; it has one."""
    made = -1
    for i in range(2 * leaves):
        if cube >> i & 1:
            made = i if made < 0 else both(made, i, program, tally)
    return made


def factor(begin: int, end: int, leaves: int, cubes: Row, program: Row, tally: Row) -> int:
    """The OR of some cubes, factored; the cubes are used up."""
    if end - begin == 1:
        return product(cubes[begin], leaves, program, tally)
    frequent, most = 0, 0
    for i in range(2 * leaves):
        many = 0
        for c in range(begin, end):
            many += cubes[c] >> i & 1
        if many > most:
            frequent, most = i, many
    middle, common = begin, -1
    for c in range(begin, end):
        if cubes[c] >> frequent & 1:
            common &= cubes[c]
            cubes[c], cubes[middle] = cubes[middle], cubes[c]
            middle += 1
    if most == 1:  # one cube after another
        quotient = product(common, leaves, program, tally)
    else:
        for c in range(begin, middle):
            cubes[c] &= ~common
        divisor = product(common, leaves, program, tally)
        quotient = factor(begin, middle, leaves, cubes, program, tally)
        quotient = both(divisor, quotient, program, tally)
    if middle == end:
        return quotient
    rest = factor(middle, end, leaves, cubes, program, tally)
    return both(quotient ^ 1, rest ^ 1, program, tally) ^ 1


def factored(
    leaves: int, words: int, pattern: Row, scratch: Row, cubes: Row, program: Row, tally: Row
) -> int:  # fmt: skip
    """The table at the start of ``scratch`` as a program; its literal, -1 where there are too many
    gates or none, as of a constant."""
    least = 0
    sign = 0
    for phase in range(3):  # its cubes, those of the complement, and the better once more
        flip = sign if phase == 2 else phase
        for w in range(words):
            scratch[words + w] = scratch[w] ^ -flip
        tally[CUBES], tally[GATES], tally[TOO_MANY] = 0, 0, 0
        between(leaves, words, words, 2 * words, 3 * words, words, pattern, scratch, cubes, tally)
        many = literals(cubes, tally, leaves) + 1000 * tally[TOO_MANY]
        if phase == 0:
            least = many
        elif phase == 1 and many < least:
            sign = 1
    if tally[TOO_MANY] or tally[CUBES] == 0 or cubes[0] == 0:
        return -1
    made = factor(0, tally[CUBES], leaves, cubes, program, tally)
    return -1 if tally[TOO_MANY] else made ^ sign


FACTORING = (word_of, between, literals, both, product, factor, factored)
"""What a loop that calls `factored` needs."""
