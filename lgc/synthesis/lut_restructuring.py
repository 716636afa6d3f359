"""Restructuring: a LUT and what only it needs, built anew above one of its cuts.

See `lgc.synthesis.lut_decomposing` for how, and for the rows.
"""

from __future__ import annotations

from lgc.loops import Row

from .lut_cones import LUT_CONES, WIDE, cone_table, enumerate_cones, let_go, take_back
from .lut_decomposing import (
    CUT,
    FREED,
    LENGTH,
    LUT_DECOMPOSING,
    NONE,
    NOW,
    SAVED,
    STEP,
    STEPS,
    VOID,
    decompose,
)
from .lut_nets import assign, attach, detach


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


LUT_RESTRUCTURING = (*LUT_CONES, *LUT_DECOMPOSING, rebuild, restructure)
"""What a loop that calls `restructure` needs beside `LUT_NETS`."""
