"""Rewriting: small cuts replaced by the best known circuits of their functions, where that frees
more gates than it adds.

A new circuit grows gate by gate beside the old one. When a gate has been copied, its cuts of four
leaves are looked at: the gates that only it needs would be freed, and the circuits of the cut's
class (see `lgc.synthesis.search`) are priced with everything that is there already (Mishchenko,
Chatterjee, Brayton, "DAG-aware AIG rewriting", DAC 2006; Riener, Haaswijk, Mishchenko, De Micheli,
Soeken, "On-the-fly and DAG-aware: rewriting Boolean networks with exact synthesis", DATE 2019).
Nothing that is there yet reads the newest gate, so a replacement needs no list of readers and
cannot close a cycle: one pass is linear in the number of gates.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.sharing import sweep

from .classes import classes
from .gates import EITHER, KINDS, WIRE, assemble
from .growing import INPUTS, MISSING, SEED, TOP, acquire, find, release, simple, slot_of
from .small_cuts import CUTS, LEAVES, WORDS, enumerate_cuts, spread_rows, union, widen

Ints = NDArray[np.int64]

ROOM = 64
"""Nets that one step may add, and to spare."""

EFFORT = 6_000_000
"""Gates looked at in all rounds together."""

PATIENCE = 6
STEP = 7919

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
def _transforms() -> tuple[Ints, Ints, Ints]:
    """Class and transform of each function in one number; literals of the transforms; signs."""
    known = classes()
    literal = 2 * known.order + known.phase
    return known.number * 1024 + known.transform, literal.ravel(), known.sign


def _gate(
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
    enumerate_cuts(v, left, right, xor, cut, cuts, merged, spread)
    return 2 * v + sign


def _make(
    aig: int, kind: int, a: int, b: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row,
    state: Row, cut: Row, cuts: Row, merged: Row, spread: Row,
) -> int:  # fmt: skip
    """As above; in an and-inverter graph an XOR is three gates."""
    if not aig or not kind:
        return _gate(kind, a, b, left, right, xor, refs, slots, state, cut, cuts, merged, spread)
    one = _gate(0, a, b ^ 1, left, right, xor, refs, slots, state, cut, cuts, merged, spread)
    two = _gate(0, a ^ 1, b, left, right, xor, refs, slots, state, cut, cuts, merged, spread)
    return 1 ^ _gate(
        0, one ^ 1, two ^ 1, left, right, xor, refs, slots, state, cut, cuts, merged, spread
    )


def _price(
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


def _candidate(
    aig: int, v: int, first: int, last: int, bound: int, literal: Row, gates: Row, left: Row,
    right: Row, xor: Row, refs: Row, slots: Row, made: Row,
) -> int:  # fmt: skip
    """Gates that a circuit adds, as far as ``bound``; literals of its nets in ``literal``."""
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
            added += _price(v, 0, a, not_b, left, right, xor, refs, slots, made)
            one = made[0]
            added += _price(v, 0, not_a, b, left, right, xor, refs, slots, made)
            two = made[0]
            if one != MISSING:
                one ^= 1
            if two != MISSING:
                two ^= 1
            added += _price(v, 0, one, two, left, right, xor, refs, slots, made)
            if made[0] != MISSING:
                made[0] ^= 1
        else:
            added += _price(v, kind, a, b, left, right, xor, refs, slots, made)
        literal[LEAVES + g - first] = made[0]
        if added > bound:
            break
    return added


def _place(v: int, c: int, row: int, literal: Row, cut: Row, order: Row) -> None:
    """The leaves of a cut as inputs of its class's circuits."""
    at = (v * CUTS + c) * WORDS
    for i in range(LEAVES):
        leaf = order[row * LEAVES + i] >> 1
        literal[i] = order[row * LEAVES + i] & 1
        if leaf < cut[at + LEAVES] >> 16:
            literal[i] ^= 2 * cut[at + leaf]


def _try(
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
        _place(v, c, row, literal, cut, order)
        gain = freed - _candidate(
            aig, v, first[option], first[option + 1], freed - choice[GAIN], literal, gates, left,
            right, xor, refs, slots, made,
        )  # fmt: skip
        state[SEED] = (state[SEED] * 1103515245 + 12345) & 0x7FFFFFFF
        drawn = choice[OPTION] != MISSING and state[SEED] >> 12 & 1
        if gain > choice[GAIN] or (gain == choice[GAIN] and drawn):
            choice[OPTION], choice[CUT], choice[GAIN] = option, c, gain


def _choose(
    aig: int, v: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row,
    cuts: Row, group: Row, order: Row, start: Row, first: Row, gates: Row, stack: Row,
    literal: Row, made: Row, choice: Row,
) -> None:  # fmt: skip
    """The best cut and circuit for a net, in ``choice``."""
    many = refs[v]
    for c in range(cuts[v]):
        at = (v * CUTS + c) * WORDS
        size = cut[at + LEAVES] >> 16
        alive = True
        for i in range(size):
            if refs[cut[at + i]] == 0:
                alive = False
        if not alive:
            continue
        for i in range(size):
            refs[cut[at + i]] += 1
        refs[v] = 1
        freed = release(v, left, right, refs, stack, state)
        _try(
            aig, v, c, freed, left, right, xor, refs, slots, state, cut, group, order, start,
            first, gates, literal, made, choice,
        )  # fmt: skip
        acquire(v, left, right, refs, stack, state)
        refs[v] = many
        for i in range(size):
            refs[cut[at + i]] -= 1


def _build(
    aig: int, v: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row,
    cuts: Row, merged: Row, spread: Row, group: Row, order: Row, sign: Row, first: Row,
    output: Row, gates: Row, literal: Row, choice: Row,
) -> int:  # fmt: skip
    """The literal of the circuit chosen."""
    option = choice[OPTION]
    if option <= CONSTANTS:
        return CONSTANTS - option
    row = group[cut[(v * CUTS + choice[CUT]) * WORDS + LEAVES] & 0xFFFF] & 1023
    _place(v, choice[CUT], row, literal, cut, order)
    for g in range(first[option], first[option + 1]):
        a = literal[gates[3 * g + 1] >> 1] ^ (gates[3 * g + 1] & 1)
        b = literal[gates[3 * g + 2] >> 1] ^ (gates[3 * g + 2] & 1)
        literal[LEAVES + g - first[option]] = _make(
            aig, gates[3 * g], a, b, left, right, xor, refs, slots, state, cut, cuts, merged,
            spread,
        )  # fmt: skip
    return literal[output[option] >> 1] ^ (output[option] & 1) ^ sign[row]


@loop(
    slot_of, simple, find, release, acquire, union, widen, enumerate_cuts, _gate, _make, _price,
    _candidate, _place, _try, _choose, _build,
)  # fmt: skip
def _rewrite(
    aig: int, least: int, room: int, table: Row, fanin: Row, kinds: Row, literals: Row, uses: Row,
    left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row, cuts: Row,
    spread: Row, group: Row, order: Row, sign: Row, start: Row, first: Row, output: Row,
    gates: Row, stack: Row, merged: Row, literal: Row, made: Row, choice: Row,
) -> None:  # fmt: skip
    """Copy all gates, replacing where that gains ``least`` or more and ``room`` nets are left.

    ``uses`` are the readers of each old net; ``literals`` come out, what each has become.
    """
    inputs = state[INPUTS]
    for g in range(len(table)):
        old = inputs + g
        base = 4 * table[g]
        kind = kinds[base]
        a, b = literals[fanin[2 * g]], literals[fanin[2 * g + 1]]
        lit, newest = 0, state[TOP]
        if kind == WIRE:
            lit = b if kinds[base + 1] else a
        elif kind > WIRE:
            lit = _make(
                aig, kind == EITHER, a ^ kinds[base + 1], b ^ kinds[base + 2], left, right, xor,
                refs, slots, state, cut, cuts, merged, spread,
            )  # fmt: skip
        # the copy takes over the readers of the old gate, and reads what it needs itself
        v = lit >> 1
        if uses[old] > 0:
            acquire(v, left, right, refs, stack, state)
            refs[v] += uses[old] - 1
        release(a >> 1, left, right, refs, stack, state)
        release(b >> 1, left, right, refs, stack, state)
        spare = len(left) - state[TOP] - 3 * (len(table) - g)
        if v >= newest and refs[v] > 0 and spare > room:  # nothing reads it yet
            choice[OPTION], choice[GAIN] = MISSING, least - 1
            _choose(
                aig, v, left, right, xor, refs, slots, state, cut, cuts, group, order, start,
                first, gates, stack, literal, made, choice,
            )  # fmt: skip
            if choice[OPTION] != MISSING:
                new = _build(
                    aig, v, left, right, xor, refs, slots, state, cut, cuts, merged, spread,
                    group, order, sign, first, output, gates, literal, choice,
                )  # fmt: skip
                if new >> 1 != v:
                    many = refs[v]
                    acquire(new >> 1, left, right, refs, stack, state)
                    refs[new >> 1] += many - 1
                    refs[v] = 1
                    release(v, left, right, refs, stack, state)
                    lit = new ^ (lit & 1)
        literals[old] = lit ^ kinds[base + 3]


def rewrite(net: Netlist, cost: str = "gates", rounds: int = 30, seed: int = 1) -> Netlist:
    """The same function in fewer gates of two fan-ins; each round goes over all of them.

    Args:
        net: gates of two fan-ins.
        cost: ``gates``, every gate counts 1, or ``aig``, gates are made of ANDs and only these
            count; the result then has no XOR.
        rounds: at most; a large netlist gets fewer, and `PATIENCE` rounds without gain are the end.
        seed: of the choice among equal gains.
    """
    best = net
    if cost == "aig":
        best, least = _round(net, cost, 0, seed)
    else:
        best = sweep(net, share=True)
        least = best.gates
    now, idle = best, 0
    for turn in range(min(rounds, max(2, EFFORT // max(1, best.gates)))):
        now, spent = _round(now, cost, 1, seed + turn * STEP)
        idle += 1
        if spent < least:
            best, least, idle = now, spent, 0
        if idle == PATIENCE:
            break
    return best


def _round(net: Netlist, cost: str, replace: int, seed: int) -> tuple[Netlist, int]:
    """One pass over all gates, or a plain copy: the new netlist and its gates."""
    aig = cost == "aig"
    inputs, gates = net.inputs, net.gates
    capacity = inputs + (6 if aig else 2) * gates + 4 * ROOM
    uses = np.bincount(net.fanin.ravel(), minlength=net.nets)
    uses += np.bincount(net.outputs, minlength=net.nets)
    left, right, xor, refs = (np.zeros(capacity, np.int64) for _ in range(4))
    refs[1 : inputs + 1] = uses[:inputs]
    refs[0] = 1  # the constant is never freed
    literals = np.zeros(net.nets, np.int64)
    literals[:inputs] = 2 * np.arange(1, inputs + 1)
    slots = np.zeros(1 << (2 * capacity).bit_length(), np.int64)
    state = np.array([inputs + 1, inputs, seed], np.int64)
    _rewrite(
        gates * 3000, aig, 0, ROOM if replace else capacity, net.table.astype(np.int64),
        net.fanin.astype(np.int64).ravel(), KINDS.ravel(), literals, uses, left, right, xor, refs,
        slots, state, np.zeros(capacity * CUTS * WORDS, np.int64), np.zeros(capacity, np.int64),
        spread_rows(), *_transforms(), *library(cost), np.zeros(2 * capacity, np.int64),
        np.zeros(LEAVES + 1, np.int64), np.zeros(ROOM, np.int64), np.zeros(1, np.int64),
        np.zeros(3, np.int64),
    )  # fmt: skip
    alive = np.flatnonzero(refs[inputs + 1 : state[TOP]] > 0) + inputs + 1
    made = assemble(inputs, left[alive], right[alive], xor[alive], alive, literals[net.outputs])
    return made, made.gates
