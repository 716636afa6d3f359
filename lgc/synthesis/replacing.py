"""Replacing: for each cut of a net, the circuits of its class, priced with what is there already.

Rows are those of `lgc.synthesis.growing` and `lgc.synthesis.small_cuts`; circuits and classes come
as the rows of `library` and `transforms`, ``literal`` holds the nets of one circuit, and ``choice``
the best so far.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row

from .classes import classes
from .growing import MISSING, SEED, TOP, acquire, draw, find, release, simple, slot_of
from .small_cuts import CUTS, LEAVES, WORDS, enumerate_cuts, union, widen

Ints = NDArray[np.int64]

OPTION, CUT, GAIN = range(3)
"""Places in ``choice``."""

FAR = 1000
"""More than any circuit gains."""

CONSTANTS = -2
"""The option that is the constant 0; that below it is 1."""


@cache
def library(cost: str) -> tuple[Ints, Ints, Ints, Ints]:
    """``start``, ``first``, ``output`` and ``gates`` of the circuits for a cost."""
    data = resources.files("lgc.synthesis").joinpath("four.npz").read_bytes()
    with np.load(BytesIO(data)) as file:
        parts = [file[f"{cost}_{part}"] for part in ("start", "first", "output", "gates")]
    start, first, output, gates = (part.astype(np.int64).ravel() for part in parts)
    return start, first, output, gates


@cache
def transforms() -> tuple[Ints, Ints, Ints]:
    """Class and transform of each function in one number; literals of the transforms; signs."""
    known = classes()
    literal = 2 * known.order + known.phase
    return known.number * 1024 + known.transform, literal.ravel(), known.sign


def gate(
    kind: int, a: int, b: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row,
    cut: Row, cuts: Row, merged: Row, spread: Row,
) -> int:  # fmt: skip
    """The literal of a gate, added if it is not there."""
    known = find(kind, a, b, left, right, xor, slots)
    if known != MISSING:
        return known
    sign = 0
    if kind:
        sign = (a ^ b) & 1
        a, b = a & ~1, b & ~1
    v = state[TOP]
    state[TOP] = v + 1
    slots[slot_of(kind, min(a, b), max(a, b), left, right, xor, slots)] = v
    left[v], right[v], xor[v], refs[v] = min(a, b), max(a, b), kind, 0
    if len(cuts):
        enumerate_cuts(v, left, right, xor, cut, cuts, merged, spread)
    return 2 * v + sign


def make(
    aig: int, kind: int, a: int, b: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row,
    state: Row, cut: Row, cuts: Row, merged: Row, spread: Row,
) -> int:  # fmt: skip
    """As above; in an and-inverter graph an XOR is three gates."""
    if not aig or not kind:
        return gate(kind, a, b, left, right, xor, refs, slots, state, cut, cuts, merged, spread)
    one = gate(0, a, b ^ 1, left, right, xor, refs, slots, state, cut, cuts, merged, spread)
    two = gate(0, a ^ 1, b, left, right, xor, refs, slots, state, cut, cuts, merged, spread)
    return 1 ^ gate(
        0, one ^ 1, two ^ 1, left, right, xor, refs, slots, state, cut, cuts, merged, spread
    )


def price(
    v: int, kind: int, a: int, b: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row,
    made: Row,
) -> int:  # fmt: skip
    """What a gate adds, 0 or 1; its literal in ``made``, MISSING when it is not there.

    The net that is to be replaced cannot be a part of what replaces it.
    """
    made[0] = MISSING
    if a != MISSING and b != MISSING:
        made[0] = find(kind, a, b, left, right, xor, slots)
    if made[0] >> 1 == v:
        return FAR
    if made[0] == MISSING or (refs[made[0] >> 1] == 0 and made[0] > 1):
        return 1
    return 0


def candidate(
    aig: int, v: int, inputs: int, first: int, last: int, bound: int, literal: Row, gates: Row,
    left: Row, right: Row, xor: Row, refs: Row, slots: Row, made: Row,
) -> int:  # fmt: skip
    """Gates that a circuit adds, as far as ``bound``; literals of its nets in ``literal``, those of
    its inputs first."""
    added = 0
    for g in range(first, last):
        a = literal[gates[3 * g + 1] >> 1]
        b = literal[gates[3 * g + 2] >> 1]
        if a != MISSING:
            a ^= gates[3 * g + 1] & 1
        if b != MISSING:
            b ^= gates[3 * g + 2] & 1
        kind = gates[3 * g]
        if aig and kind:
            not_a, not_b = a, b
            if a != MISSING:
                not_a = a ^ 1
            if b != MISSING:
                not_b = b ^ 1
            added += price(v, 0, a, not_b, left, right, xor, refs, slots, made)
            one = made[0]
            added += price(v, 0, not_a, b, left, right, xor, refs, slots, made)
            two = made[0]
            if one != MISSING:
                one ^= 1
            if two != MISSING:
                two ^= 1
            added += price(v, 0, one, two, left, right, xor, refs, slots, made)
            if made[0] != MISSING:
                made[0] ^= 1
        else:
            added += price(v, kind, a, b, left, right, xor, refs, slots, made)
        literal[inputs + g - first] = made[0]
        if added > bound:
            break
    return added


def place_leaves(v: int, c: int, row: int, literal: Row, cut: Row, order: Row) -> None:
    """The leaves of a cut as inputs of its class's circuits."""
    at = (v * CUTS + c) * WORDS
    for i in range(LEAVES):
        leaf = order[row * LEAVES + i] >> 1
        literal[i] = order[row * LEAVES + i] & 1
        if leaf < cut[at + LEAVES] >> 16:
            literal[i] ^= 2 * cut[at + leaf]


def try_circuits(
    aig: int, v: int, c: int, freed: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row,
    state: Row, cut: Row, group: Row, order: Row, start: Row, first: Row, gates: Row,
    literal: Row, made: Row, choice: Row,
) -> None:  # fmt: skip
    """All circuits for a cut whose own gates are free now; of equal gains one is drawn."""
    function = cut[(v * CUTS + c) * WORDS + LEAVES] & 0xFFFF
    if function == 0 or function == 0xFFFF:
        if freed > choice[GAIN]:
            choice[OPTION], choice[CUT], choice[GAIN] = CONSTANTS - (function & 1), c, freed
        return
    row = group[function] & 1023
    number = group[function] >> 10
    for option in range(start[number], start[number + 1]):
        place_leaves(v, c, row, literal, cut, order)
        gain = freed - candidate(
            aig, v, LEAVES, first[option], first[option + 1], freed - choice[GAIN], literal, gates,
            left, right, xor, refs, slots, made,
        )  # fmt: skip
        drawn = draw(state, SEED) >> 4 & 1 and choice[OPTION] != MISSING
        if gain > choice[GAIN] or (gain == choice[GAIN] and drawn):
            choice[OPTION], choice[CUT], choice[GAIN] = option, c, gain


def let_go(
    v: int, c: int, left: Row, right: Row, refs: Row, stack: Row, state: Row, cut: Row
) -> int:  # fmt: skip
    """Gates that nothing but ``v`` and its cone above a cut needs, without readers for now; or
    MISSING, and nothing is changed, where a leaf has none either."""
    at = (v * CUTS + c) * WORDS
    size = cut[at + LEAVES] >> 16
    for i in range(size):
        if refs[cut[at + i]] == 0:
            return MISSING
    for i in range(size):
        refs[cut[at + i]] += 1
    refs[v] = 1
    return release(v, left, right, refs, stack, state)


def take_back(
    v: int, c: int, many: int, left: Row, right: Row, refs: Row, stack: Row, state: Row, cut: Row
) -> None:  # fmt: skip
    """What `let_go` did is undone; ``many`` read ``v``."""
    acquire(v, left, right, refs, stack, state)
    refs[v] = many
    at = (v * CUTS + c) * WORDS
    for i in range(cut[at + LEAVES] >> 16):
        refs[cut[at + i]] -= 1


def choose(
    aig: int, v: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row,
    cuts: Row, group: Row, order: Row, start: Row, first: Row, gates: Row, stack: Row,
    literal: Row, made: Row, choice: Row,
) -> None:  # fmt: skip
    """The best cut and circuit for a net, in ``choice``."""
    many = refs[v]
    for c in range(cuts[v]):
        freed = let_go(v, c, left, right, refs, stack, state, cut)
        if freed != MISSING:
            try_circuits(
                aig, v, c, freed, left, right, xor, refs, slots, state, cut, group, order, start,
                first, gates, literal, made, choice,
            )  # fmt: skip
            take_back(v, c, many, left, right, refs, stack, state, cut)


def write_gates(
    aig: int, inputs: int, first: int, last: int, literal: Row, gates: Row, left: Row, right: Row,
    xor: Row, refs: Row, slots: Row, state: Row, cut: Row, cuts: Row, merged: Row, spread: Row,
) -> None:  # fmt: skip
    """Add a circuit's gates; their literals come after those of its inputs."""
    for g in range(first, last):
        a = literal[gates[3 * g + 1] >> 1] ^ (gates[3 * g + 1] & 1)
        b = literal[gates[3 * g + 2] >> 1] ^ (gates[3 * g + 2] & 1)
        literal[inputs + g - first] = make(
            aig, gates[3 * g], a, b, left, right, xor, refs, slots, state, cut, cuts, merged,
            spread,
        )  # fmt: skip


def build(
    aig: int, v: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row,
    cuts: Row, merged: Row, spread: Row, group: Row, order: Row, sign: Row, first: Row,
    output: Row, gates: Row, literal: Row, choice: Row,
) -> int:  # fmt: skip
    """The literal of the circuit chosen."""
    option = choice[OPTION]
    if option <= CONSTANTS:
        return CONSTANTS - option
    row = group[cut[(v * CUTS + choice[CUT]) * WORDS + LEAVES] & 0xFFFF] & 1023
    place_leaves(v, choice[CUT], row, literal, cut, order)
    write_gates(
        aig, LEAVES, first[option], first[option + 1], literal, gates, left, right, xor, refs,
        slots, state, cut, cuts, merged, spread,
    )  # fmt: skip
    return literal[output[option] >> 1] ^ (output[option] & 1) ^ sign[row]


REPLACING = (
    draw, slot_of, simple, find, release, acquire, union, widen, enumerate_cuts, gate, make, price,
    candidate, place_leaves, try_circuits, let_go, take_back, choose, write_gates,
    build,
)  # fmt: skip
"""What a loop that calls `choose` and `build` needs."""
