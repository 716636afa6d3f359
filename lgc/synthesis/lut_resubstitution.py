"""Resubstitution of LUTs: a gate reads other nets of its window where that is cheaper.

Three nets express a gate if no two values of the leaves, one where the gate is 1 and one where it
is 0, look the same to all three. Each such pair that a try has missed is kept, with the nets that
tell the two apart, one bit for each: what the pairs rule out is not tried again (the counter-
examples of Mishchenko, Brayton, Jiang, Jang, "Scalable don't-care-based logic optimization and
resynthesis", TRETS 2011, found in tables and not by SAT). Values that nobody sees rule out nothing.
"""

from __future__ import annotations

from lgc.loops import Row

from .growing import draw
from .lut_nets import assign, attach, detach, lose, read, support
from .lut_windows import MEMBERS, ROOM, WORDS

PAIRS = 64
"""Pairs kept."""

TRIES = 40
"""Triples that express a gate that are priced."""

GAIN, FUNCTION, ONE, TWO, THREE, SEED = range(6)
"""Places in ``choice``: what is saved, the table, the nets it reads; random state."""


def conflict(
    count: int, usable: Row, on: Row, off: Row, value: Row, frame: Row, operands: Row, cells: Row
) -> bool:
    """Whether the first ``count`` of ``operands`` fail to tell some on from some off; where, as
    words and bits, in ``cells``, which else holds the cells with on, and those with off."""
    seen_on, seen_off = 0, 0
    for w in range(frame[WORDS]):
        if on[w] == 0 and off[w] == 0:
            continue
        for cell in range(1 << count):
            part = -1
            for i in range(count):
                word = value[usable[operands[i]] * ROOM + w]
                part &= word if cell >> (count - 1 - i) & 1 else ~word
            if part & on[w]:
                seen_on |= 1 << cell
            if part & off[w]:
                seen_off |= 1 << cell
            if seen_on & seen_off:
                cells[0], cells[1] = -1, -1
                for at in range(w + 1):
                    part = -1
                    for i in range(count):
                        word = value[usable[operands[i]] * ROOM + at]
                        part &= word if cell >> (count - 1 - i) & 1 else ~word
                    if part & on[at]:
                        cells[0] = at * 64 + lowest(part & on[at])
                    if part & off[at]:
                        cells[1] = at * 64 + lowest(part & off[at])
                return True
    cells[0], cells[1] = seen_on, seen_off
    return False


def lowest(word: int) -> int:
    """The number of the lowest bit that is 1."""
    number = 0
    while not word >> number & 0xFF:
        number += 8
    while not word >> number & 1:
        number += 1
    return number


def distinguish(known: int, size: int, usable: Row, value: Row, cells: Row, pairs: Row) -> int:
    """The usable nets that tell the pair in ``cells`` apart; kept among ``known`` others."""
    mask = 0
    for i in range(size):
        one = value[usable[i] * ROOM + cells[0] // 64] >> cells[0] % 64
        other = value[usable[i] * ROOM + cells[1] // 64] >> cells[1] % 64
        mask |= ((one ^ other) & 1) << i
    pairs[known % PAIRS] = mask
    return mask


def completed(count: int, cells: Row, rank: Row) -> int:
    """The cheapest table of three fan-ins that agrees with the cells of ``count`` nets."""
    on, free = 0, 0
    for entry in range(8):
        cell = entry >> (3 - count)
        if cells[0] >> cell & 1:
            on |= 128 >> entry
        elif not cells[1] >> cell & 1:
            free |= 128 >> entry
    best, some = on, free
    while some:  # all subsets of the free entries
        if rank[on | some] < rank[best]:
            best = on | some
        some = (some - 1) & free
    return best


def consider(
    v: int, count: int, freed: int, usable: Row, member: Row, table: Row, fanin: Row, many: Row,
    refs: Row, price: Row, rank: Row, stack: Row, operands: Row, cells: Row, choice: Row,
) -> None:  # fmt: skip
    """Price nets that express ``v``, whose fan-ins are lost now; of equal gains one is drawn."""
    function = completed(count, cells, rank)
    mask = support(function)
    gain = freed - price[function]
    same = True
    for i in range(count):
        if mask >> (2 - i) & 1:
            u = member[usable[operands[i]]]
            gain -= read(u, table, fanin, many, refs, price, stack)
            here = False
            for edge in range(3 * v, 3 * v + many[v]):
                if fanin[edge] == u:
                    here = True
            same = same and here
    for i in range(count):
        if mask >> (2 - i) & 1:
            lose(member[usable[operands[i]]], table, fanin, many, refs, price, stack)
    drawn = draw(choice, SEED) >> 4 & 1 and choice[GAIN] >= 0
    if (gain > choice[GAIN] or (gain == choice[GAIN] and drawn)) and (gain > 0 or not same):
        choice[GAIN], choice[FUNCTION] = gain, function
        choice[ONE], choice[TWO], choice[THREE] = -1, -1, -1
        for i in range(count):
            if mask >> (2 - i) & 1:
                choice[ONE + i] = member[usable[operands[i]]]


def usable_nets(v: int, member: Row, key: Row, frame: Row, usable: Row, choice: Row) -> int:
    """The members that a gate may read, from a random one on; how many."""
    size, all = 0, frame[MEMBERS]
    begin = draw(choice, SEED) % all
    for i in range(all):
        at = (begin + i) % all
        if key[member[at]] < key[v]:
            usable[size] = at
            size += 1
    return size


def express(
    v: int, freed: int, size: int, usable: Row, member: Row, table: Row, fanin: Row, many: Row,
    refs: Row, price: Row, rank: Row, stack: Row, value: Row, frame: Row, on: Row, off: Row,
    operands: Row, cells: Row, pairs: Row, choice: Row,
) -> None:  # fmt: skip
    """Up to three of the usable nets that express ``v`` and save most, in ``choice``."""
    every = (1 << size) - 1
    if not conflict(0, usable, on, off, value, frame, operands, cells):
        consider(
            v, 0, freed, usable, member, table, fanin, many, refs, price, rank, stack, operands,
            cells, choice,
        )  # fmt: skip
        return
    distinguish(0, size, usable, value, cells, pairs)
    known, tries = 1, 0
    for first in range(size):
        rest = every
        for p in range(min(known, PAIRS)):
            if not pairs[p] >> first & 1:
                rest &= pairs[p]
        operands[0] = first
        if rest == every:
            if not conflict(1, usable, on, off, value, frame, operands, cells):
                consider(
                    v, 1, freed, usable, member, table, fanin, many, refs, price, rank, stack,
                    operands, cells, choice,
                )  # fmt: skip
                tries += 1
                continue
            distinguish(known, size, usable, value, cells, pairs)
            known += 1
        for second in range(first + 1, size):
            left = every & -(2 << second)
            two = True
            for p in range(min(known, PAIRS)):
                if not (pairs[p] >> first | pairs[p] >> second) & 1:
                    left &= pairs[p]
                    two = False
            operands[1] = second
            if two:
                if not conflict(2, usable, on, off, value, frame, operands, cells):
                    consider(
                        v, 2, freed, usable, member, table, fanin, many, refs, price, rank, stack,
                        operands, cells, choice,
                    )  # fmt: skip
                    tries += 1
                    continue
                left &= distinguish(known, size, usable, value, cells, pairs)
                known += 1
            while left:
                third = lowest(left)
                left &= left - 1
                operands[2] = third
                if conflict(3, usable, on, off, value, frame, operands, cells):
                    left &= distinguish(known, size, usable, value, cells, pairs)
                    known += 1
                else:
                    consider(
                        v, 3, freed, usable, member, table, fanin, many, refs, price, rank,
                        stack, operands, cells, choice,
                    )  # fmt: skip
                    tries += 1
                if tries > TRIES:
                    return


def resubstitute(
    v: int, table: Row, fanin: Row, many: Row, refs: Row, key: Row, head: Row, after: Row,
    before: Row, price: Row, rank: Row, stack: Row, member: Row, place: Row, value: Row,
    frame: Row, care: Row, usable: Row, on: Row, off: Row, operands: Row, cells: Row, pairs: Row,
    choice: Row,
) -> int:  # fmt: skip
    """Let a gate with a window read what is best; what that saves, never less than 0."""
    for w in range(frame[WORDS]):
        word = value[(place[v] - 1) * ROOM + w]
        on[w], off[w] = word & care[w], ~word & care[w]
    size = usable_nets(v, member, key, frame, usable, choice)
    freed = price[table[v]]
    for edge in range(3 * v, 3 * v + many[v]):
        freed += lose(fanin[edge], table, fanin, many, refs, price, stack)
    choice[GAIN] = -1
    express(
        v, freed, size, usable, member, table, fanin, many, refs, price, rank, stack, value, frame,
        on, off, operands, cells, pairs, choice,
    )  # fmt: skip
    if choice[GAIN] >= 0:
        detach(v, fanin, many, head, after, before)
        operands[0], operands[1], operands[2] = choice[ONE], choice[TWO], choice[THREE]
        assign(v, choice[FUNCTION], operands, table, fanin, many)
        attach(v, fanin, many, head, after, before)
    for edge in range(3 * v, 3 * v + many[v]):
        read(fanin[edge], table, fanin, many, refs, price, stack)
    return max(choice[GAIN], 0)


LUT_RESUBSTITUTION = (
    conflict, lowest, distinguish, completed, consider, usable_nets, express, resubstitute,
)  # fmt: skip
"""What a loop that calls `resubstitute` needs beside `LUT_NETS`."""
