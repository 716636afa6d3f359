"""Decomposition: a function of up to six nets as LUTs of three, split off one after another.

f(x, y) = g(h(x), y) for a bound set x where f, as a function of y, takes two forms (Ashenhurst,
"The decomposition of switching functions", 1957; Curtis 1961); one net of x may be in y as well.
h may be there already: then it is free. All ways are run through as long as they cost no more than
what they replace frees.

``sign`` holds the functions of all levels, ``signal`` their six operands each: nets, or -1 - s for
the LUT of step s; ``steps`` holds table and three operands of each LUT, the best ones behind.
"""

from __future__ import annotations

from lgc.loops import Row

from .lut_cones import WIDE, cone_table, enumerate_cones, let_go, take_back
from .lut_nets import assign, attach, detach, support

STEPS = 5
"""LUTs of a decomposition at most."""

STEP = 4
"""Numbers of a step: table and operands."""

NONE = 1 << 40
"""In place of an operand that is not there."""

TOP = 1 << 63
"""For a number of 64 bits, x ⊕ TOP - TOP is the same number with its sign."""

READERS = 24
"""Readers of a net that are looked at."""

VOID = -1
"""In place of the table of a step whose LUT was there already."""

SAVED, LENGTH, CUT, NOW, FREED, DRAW = range(6)
"""Places in ``best``: gain, steps and cut of the best; the cut tried now and what letting go of the
gates above it frees; random state."""


def draw(best: Row) -> int:
    """A random number."""
    best[DRAW] = (best[DRAW] * 1103515245 + 12345) & 0x7FFFFFFF
    return best[DRAW] >> 12


def cofactor(f: int, i: int, value: int, pattern: Row) -> int:
    """A table of six with one place held, over all 64 entries."""
    shift = 1 << i
    if value:
        half = f & pattern[i]
        return ((half | half << shift) ^ TOP) - TOP
    half = f & ~pattern[i]
    return half | (half >> shift & pattern[i])


def same_gate(
    v: int, function: int, a: int, b: int, c: int, table: Row, fanin: Row, many: Row, refs: Row,
    key: Row, head: Row, after: Row,
) -> int:  # fmt: skip
    """2 · a net that is this function of these nets, or its complement and 1; -1 if none is."""
    edge, seen = head[a], 0
    count = 1 + (b != NONE) + (c != NONE)
    while edge >= 0 and seen < READERS:
        u = edge // 3
        edge = after[edge]
        seen += 1
        if refs[u] == 0 or many[u] != count or key[u] >= key[v]:
            continue
        other = 0
        found = True
        for place in range(count):
            x = fanin[3 * u + place]
            if x != a and x != b and x != c:
                found = False
        if not found:
            continue
        for entry in range(8):
            at = 0
            for place in range(count):
                x = fanin[3 * u + place]
                if x == a:
                    at |= (entry >> 2 & 1) << (2 - place)
                elif x == b:
                    at |= (entry >> 1 & 1) << (2 - place)
                else:
                    at |= (entry & 1) << (2 - place)
            other |= (table[u] >> (7 - at) & 1) << (7 - entry)
        if other == function:
            return 2 * u
        if other == function ^ 255:
            return 2 * u + 1
    return -1


def finish(
    v: int, level: int, spent: int, pattern: Row, fanin: Row, many: Row, price: Row, sign: Row,
    signal: Row, steps: Row, best: Row,
) -> bool:  # fmt: skip
    """Whether a function depends on three operands at most: then it is the last LUT, and the
    steps are kept if they save most so far."""
    f = sign[level]
    count, at = 0, 4 * level
    function = 0
    steps[at + 1], steps[at + 2], steps[at + 3] = NONE, NONE, NONE
    p, q, r = -1, -1, -1
    for i in range(WIDE):
        if cofactor(f, i, 0, pattern) != cofactor(f, i, 1, pattern):
            if count == 3:
                return False
            steps[at + 1 + count] = signal[level * WIDE + i]
            if count == 0:
                p = i
            elif count == 1:
                q = i
            else:
                r = i
            count += 1
    for entry in range(8):
        word = f
        if p >= 0:
            word = cofactor(word, p, entry >> 2 & 1, pattern)
        if q >= 0:
            word = cofactor(word, q, entry >> 1 & 1, pattern)
        if r >= 0:
            word = cofactor(word, r, entry & 1, pattern)
        function |= (word & 1) << (7 - entry)
    steps[at] = function
    gain = best[FREED] - spent - price[function]
    if gain < max(0, best[SAVED]) or (gain == best[SAVED] and draw(best) & 1):
        return True
    if level == 0:  # nothing but the gate as it is?
        same = count == many[v]
        for i in range(count):
            here = False
            for edge in range(3 * v, 3 * v + many[v]):
                if fanin[edge] == steps[1 + i]:
                    here = True
            same = same and here
        if same and gain == 0:
            return True
    best[SAVED], best[LENGTH], best[CUT] = gain, level + 1, best[NOW]
    for i in range(STEP * (level + 1)):
        steps[STEP * STEPS + i] = steps[i]
    return True


def split(
    v: int, level: int, spent: int, i: int, j: int, k: int, shared: int, pattern: Row, table: Row,
    fanin: Row, many: Row, refs: Row, key: Row, head: Row, after: Row, price: Row, sign: Row,
    signal: Row, steps: Row, best: Row,
) -> int:  # fmt: skip
    """Split off h of places i, j, k (k may be -1), k also kept where ``shared``; h takes the place
    of i in the function of the next level. What h costs, -1 where it cannot be done."""
    f = sign[level]
    one, function, made = 0, 0, 0
    for half in range(2 if shared else 1):
        zero, forms = 0, 0
        flip = draw(best) & 1 if half else 0
        for entry in range(8):
            if shared and entry & 1 != half:
                continue
            word = cofactor(cofactor(f, i, entry >> 2 & 1, pattern), j, entry >> 1 & 1, pattern)
            if k >= 0:
                word = cofactor(word, k, entry & 1, pattern)
            if forms == 0:
                zero, one, forms = word, word, 1
            elif word != zero and forms == 1:
                one, forms = word, 2
            if word != zero and word != one:
                return -1
            bit = (word != zero) ^ flip
            function |= bit << (7 - entry)
        part = (pattern[i] & (zero if flip else one)) | (~pattern[i] & (one if flip else zero))
        if shared:
            made |= part & (pattern[k] if half else ~pattern[k])
        else:
            made = part
    if support(function) != (7 if k >= 0 else 6):
        return -1
    base, next = level * WIDE, (level + 1) * WIDE
    for place in range(WIDE):
        signal[next + place] = signal[base + place]
    a, b, c = signal[base + i], signal[base + j], signal[base + k] if k >= 0 else NONE
    at = STEP * level
    steps[at], steps[at + 1], steps[at + 2], steps[at + 3] = function, a, b, c
    cost = price[function]
    if a >= 0 and b >= 0 and c >= 0:
        there = same_gate(
            v, function, a, b, c, table, fanin, many, refs, key, head, after
        )  # fmt: skip
        if there >= 0:
            for place in range(WIDE):
                if signal[base + place] == there >> 1:
                    return -1
            cost = 0
            steps[at] = VOID
            signal[next + i] = there >> 1
            if there & 1:  # h is the complement
                made = (cofactor(made, i, 0, pattern) & pattern[i]) | (
                    cofactor(made, i, 1, pattern) & ~pattern[i]
                )
    if cost:
        signal[next + i] = -1 - level
    sign[level + 1] = made
    return cost


def decompose(
    v: int, level: int, spent: int, pattern: Row, table: Row, fanin: Row, many: Row, refs: Row,
    key: Row, head: Row, after: Row, price: Row, sign: Row, signal: Row, steps: Row, best: Row,
) -> None:  # fmt: skip
    """All ways on from a level that save no less than the best so far."""
    if finish(v, level, spent, pattern, fanin, many, price, sign, signal, steps, best):
        return
    if level == STEPS - 1:
        return
    f, mask = sign[level], 0
    for i in range(WIDE):
        if cofactor(f, i, 0, pattern) != cofactor(f, i, 1, pattern):
            mask |= 1 << i
    for i in range(WIDE):
        for j in range(i + 1, WIDE):
            for k in range(-1, WIDE):
                if k >= 0 and not mask & ~(1 << i | 1 << j) & 1 << k:
                    continue
                if not (mask >> i & 1 and mask >> j & 1):
                    continue
                for shared in range(2):
                    if (shared == 0 and k >= 0 and k < j) or (shared and k < 0):
                        continue
                    cost = split(
                        v, level, spent, i, j, k, shared, pattern, table, fanin, many, refs, key,
                        head, after, price, sign, signal, steps, best,
                    )  # fmt: skip
                    if cost < 0 or best[FREED] - spent - cost - 1 < max(0, best[SAVED]):
                        continue
                    decompose(
                        v, level + 1, spent + cost, pattern, table, fanin, many, refs, key, head,
                        after, price, sign, signal, steps, best,
                    )  # fmt: skip


def rebuild(
    v: int, table: Row, fanin: Row, many: Row, key: Row, head: Row, after: Row, before: Row,
    steps: Row, made: Row, operands: Row, best: Row, top: Row,
) -> None:  # fmt: skip
    """Make the LUTs of the best steps, the last is ``v``, whose fan-ins are lost; nothing is done
    where no number, or no key between those of its operands and ``v``, is left."""
    if top[0] + STEPS > len(many):
        return
    last = best[LENGTH] - 1
    u = top[0]
    for s in range(last + 1):
        at = STEP * (STEPS + s)
        if steps[at] == VOID:
            continue
        newest = 0
        for i in range(3):
            x = steps[at + 1 + i]
            operands[i] = 0 if x == NONE else x if x >= 0 else made[-1 - x]
            if x != NONE:
                newest = max(newest, key[operands[i]])
        if s == last:
            break
        key[u] = (newest + key[v]) // 2
        if key[u] <= newest:
            return
        assign(u, steps[at], operands, table, fanin, many)
        made[s] = u
        u += 1
    for new in range(top[0], u):
        attach(new, fanin, many, head, after, before)
    top[0] = u
    detach(v, fanin, many, head, after, before)
    assign(v, steps[STEP * (STEPS + last)], operands, table, fanin, many)
    attach(v, fanin, many, head, after, before)


def restructure(
    v: int, pattern: Row, table: Row, fanin: Row, many: Row, refs: Row, key: Row,
    head: Row, after: Row, before: Row, price: Row, stack: Row, cut: Row, size: Row, mark: Row,
    word: Row, sign: Row, signal: Row, steps: Row, made: Row, operands: Row, best: Row, top: Row,
    state: Row,
) -> int:  # fmt: skip
    """Build a gate anew above one of its cuts where that costs no more; what it saves."""
    best[SAVED], best[LENGTH] = -1, 0
    cuts = enumerate_cones(v, fanin, many, cut, size)
    for c in range(cuts):
        sign[0] = cone_table(v, c, pattern, table, fanin, many, cut, size, mark, word, stack, state)
        for i in range(WIDE):
            signal[i] = cut[c * WIDE + i] if i < size[c] else NONE
        best[NOW] = c
        best[FREED] = let_go(v, c, table, fanin, many, refs, price, stack, cut, size)
        decompose(
            v, 0, 0, pattern, table, fanin, many, refs, key, head, after, price, sign, signal,
            steps, best,
        )  # fmt: skip
        take_back(v, c, table, fanin, many, refs, price, stack, cut, size)
    if best[LENGTH]:
        c = best[CUT]
        let_go(v, c, table, fanin, many, refs, price, stack, cut, size)
        rebuild(v, table, fanin, many, key, head, after, before, steps, made, operands, best, top)
        take_back(v, c, table, fanin, many, refs, price, stack, cut, size)
    return max(0, best[SAVED])


LUT_DECOMPOSING = (
    draw, cofactor, same_gate, finish, split, decompose, rebuild, restructure,
)  # fmt: skip
"""What a loop that calls `restructure` needs beside `LUT_NETS` and `LUT_CONES`."""
