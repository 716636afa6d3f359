"""LUTs that change in place, as helpers of compiled loops.

Nets are numbered: inputs, then gates. The rows: ``table`` is the function of a gate over three
fan-ins, of which ``many`` are in use and stand first in ``fanin``; ``key`` orders the nets, a gate
reads smaller ones only; ``refs`` counts readers and outputs; a gate without any does not count as
a reader. ``head``, ``after`` and ``before`` list the edges 3·reader + place that read each net.
``price`` is the cost of every table.
"""

from __future__ import annotations

from lgc.loops import Row

from .growing import draw

SPACE = 1 << 20
"""Between the keys of two gates at first: room for gates that come between."""


def attach(v: int, fanin: Row, many: Row, head: Row, after: Row, before: Row) -> None:
    """Enter a gate with all it reads."""
    for edge in range(3 * v, 3 * v + many[v]):
        u = fanin[edge]
        after[edge], before[edge] = head[u], -1
        if head[u] >= 0:
            before[head[u]] = edge
        head[u] = edge


def detach(v: int, fanin: Row, many: Row, head: Row, after: Row, before: Row) -> None:
    """Take a gate out of the lists of all it reads."""
    for edge in range(3 * v, 3 * v + many[v]):
        if before[edge] >= 0:
            after[before[edge]] = after[edge]
        else:
            head[fanin[edge]] = after[edge]
        if after[edge] >= 0:
            before[after[edge]] = before[edge]


def lose(u: int, table: Row, fanin: Row, many: Row, refs: Row, price: Row, stack: Row) -> int:
    """One reader less; the price of the gates that nothing needs any more."""
    freed, top = 0, 1
    stack[0] = u
    while top > 0:
        top -= 1
        v = stack[top]
        refs[v] -= 1
        if refs[v] == 0 and many[v]:
            freed += price[table[v]]
            for edge in range(3 * v, 3 * v + many[v]):
                stack[top] = fanin[edge]
                top += 1
    return freed


def read(u: int, table: Row, fanin: Row, many: Row, refs: Row, price: Row, stack: Row) -> int:
    """One reader more; the price of the gates that are needed again."""
    spent, top = 0, 1
    stack[0] = u
    while top > 0:
        top -= 1
        v = stack[top]
        refs[v] += 1
        if refs[v] == 1 and many[v]:
            spent += price[table[v]]
            for edge in range(3 * v, 3 * v + many[v]):
                stack[top] = fanin[edge]
                top += 1
    return spent


def support(table: int) -> int:
    """Which of three fan-ins a table depends on, the first is the high bit."""
    mask = 0
    if (table ^ table >> 4) & 0x0F:
        mask |= 4
    if (table ^ table >> 2) & 0x33:
        mask |= 2
    if (table ^ table >> 1) & 0x55:
        mask |= 1
    return mask


def assign(v: int, function: int, operands: Row, table: Row, fanin: Row, many: Row) -> None:
    """Make a gate of a table over three operands, those that it ignores left out."""
    mask = support(function)
    count = 0
    for i in range(3):
        if mask >> (2 - i) & 1:
            fanin[3 * v + count] = operands[i]
            count += 1
    many[v] = count
    packed = 0
    for entry in range(8):
        at, place = 0, 2
        for i in range(3):
            if mask >> (2 - i) & 1:
                at |= (entry >> place & 1) << (2 - i)
                place -= 1
        packed |= (function >> (7 - at) & 1) << (7 - entry)
    table[v] = packed


LUT_NETS = (draw, attach, detach, lose, read, support, assign)
"""What a loop that calls these needs."""
