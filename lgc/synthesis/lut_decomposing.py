"""Decomposition: a function of up to six nets as LUTs of three, split off one after another.

f(x, y) = g(h(x), y) for a bound set x where f, as a function of y, takes two forms (Ashenhurst,
"The decomposition of switching functions", 1957; Curtis 1961); one net of x may be in y as well.
Of a function of four, f₀ and f₁ (Shannon) are tried as well: three LUTs are enough for any. An h
that is there already is free. All ways are run through as long as they cost no more than
what they replace frees.

``sign`` holds the functions of all levels, ``signal`` their six operands each: nets, or -1 - s for
the LUT of step s; ``steps`` holds table and three operands of each LUT, the best ones behind.
"""

from __future__ import annotations

from lgc.loops import Row

from .growing import draw
from .lut_cones import WIDE
from .lut_nets import support

STEPS = 5
"""LUTs of a decomposition at most."""

STEP = 4
"""Numbers of a step: table and operands."""

NONE = 1 << 40
"""In place of an operand that is not there."""

TOP = 1 << 63
"""For a number of 64 bits, x ⊕ TOP - TOP is the same number with its sign."""

REFUSED = -2
"""Said of a step that leads nowhere."""

READERS = 24
"""Readers of a net that are looked at."""

VOID = -1
"""In place of the table of a step whose LUT was there already."""

SAVED, LENGTH, CUT, NOW, FREED, DRAW = range(6)
"""Places in ``best``: gain, steps and cut of the best; the cut tried now and what letting go of the
gates above it frees; random state."""


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
    if gain < max(0, best[SAVED]) or (gain == best[SAVED] and draw(best, DRAW) >> 4 & 1):
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


def there(
    v: int, level: int, step: int, table: Row, fanin: Row, many: Row, refs: Row, key: Row,
    head: Row, after: Row, signal: Row, steps: Row,
) -> int:  # fmt: skip
    """The LUT of a step, if it is there already, as `same_gate` gives it: then the step is void;
    `REFUSED` where it is one of the operands of the level, which has more than it needs."""
    at = STEP * step
    a, b, c = steps[at + 1], steps[at + 2], steps[at + 3]
    if a < 0 or b < 0 or c < 0:
        return -1
    known = same_gate(
        v, steps[at], a, b, c, table, fanin, many, refs, key, head, after
    )  # fmt: skip
    if known < 0:
        return -1
    for place in range(WIDE):
        if signal[level * WIDE + place] == known >> 1:
            return REFUSED
    steps[at] = VOID
    return known


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
        flip = draw(best, DRAW) >> 4 & 1 if half else 0
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
    known = there(
        v, level, level, table, fanin, many, refs, key, head, after, signal, steps
    )  # fmt: skip
    if known == REFUSED:
        return -1
    signal[next + i] = known >> 1 if known >= 0 else -1 - level
    if known >= 0 and known & 1:  # h is the complement
        made = (cofactor(made, i, 0, pattern) & pattern[i]) | (
            cofactor(made, i, 1, pattern) & ~pattern[i]
        )
    cost = 0 if known >= 0 else price[function]
    sign[level + 1] = made
    return cost


def table_of(f: int, i: int, j: int, k: int, pattern: Row) -> int:
    """The table over three places of a function of these alone."""
    function = 0
    for entry in range(8):
        word = cofactor(cofactor(f, i, entry >> 2 & 1, pattern), j, entry >> 1 & 1, pattern)
        function |= (cofactor(word, k, entry & 1, pattern) & 1) << (7 - entry)
    return function


def expand(
    v: int, level: int, x: int, mask: int, form: int, pattern: Row, table: Row, fanin: Row,
    many: Row, refs: Row, key: Row, head: Row, after: Row, price: Row, sign: Row, signal: Row,
    steps: Row,
) -> int:  # fmt: skip
    """Two LUTs of the three places beside x, from which and from x follows a function of four:
    two of f₀, f₁ and f₀ ⊕ f₁. What they cost, -1 where it cannot be done."""
    f = sign[level]
    i, j, k = -1, -1, -1
    for place in range(WIDE):
        if mask >> place & 1 and place != x:
            if i < 0:
                i = place
            elif j < 0:
                j = place
            else:
                k = place
    low, high = cofactor(f, x, 0, pattern), cofactor(f, x, 1, pattern)
    base, next = level * WIDE, (level + 2) * WIDE
    for place in range(WIDE):
        signal[next + place] = signal[base + place]
    cost, one, other = 0, pattern[i], pattern[j]
    for s in range(2):
        part = (low ^ high) if s and form else high if (s or form == 2) else low
        function = table_of(part, i, j, k, pattern)
        if support(function) != 7:
            return -1
        at = STEP * (level + s)
        steps[at], steps[at + 1] = function, signal[base + i]
        steps[at + 2], steps[at + 3] = signal[base + j], signal[base + k]
        known = there(
            v, level, level + s, table, fanin, many, refs, key, head, after, signal, steps
        )  # fmt: skip
        if known == REFUSED:
            return -1
        to = next + (j if s else i)
        signal[to] = known >> 1 if known >= 0 else -1 - level - s
        cost += 0 if known >= 0 else price[function]
        flip = -1 if known >= 0 and known & 1 else 0
        if s:
            other ^= flip
        else:
            one ^= flip
    if signal[next + i] == signal[next + j]:
        return -1
    late = pattern[x]
    if form == 0:
        sign[level + 2] = (one & ~late) | (other & late)
    else:
        sign[level + 2] = one ^ (other & (~late if form == 2 else late))
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
    four = 0
    for i in range(WIDE):
        four += mask >> i & 1
    for x in range(WIDE if four == 4 and level + 2 < STEPS else 0):
        for form in range(3 if mask >> x & 1 and best[FREED] - spent > 2 else 0):
            cost = expand(
                v, level, x, mask, form, pattern, table, fanin, many, refs, key, head, after,
                price, sign, signal, steps,
            )  # fmt: skip
            if cost >= 0 and best[FREED] - spent - cost - 1 >= max(0, best[SAVED]):
                finish(
                    v, level + 2, spent + cost, pattern, fanin, many, price, sign, signal, steps,
                    best,
                )  # fmt: skip
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


LUT_DECOMPOSING = (
    cofactor, same_gate, finish, there, split, table_of, expand, decompose,
)  # fmt: skip
"""What a loop that calls `decompose` needs beside `LUT_NETS`."""
