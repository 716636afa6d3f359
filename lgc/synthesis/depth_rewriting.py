"""Rewriting for depth: as `lgc.synthesis.rewriting`, but levels count first, then gates.

Every net of the old circuit has a level by which it is required, if the outputs are to come at a
given level. A copy that would come later is replaced by the circuit that comes first, even if it
takes more gates; one that comes in time by the circuit that takes the fewest gates of those in
time. Nothing comes later than the gate it replaces was required or came, so the depth never grows.
Rounds ask for fewer levels than there are and, for fewer gates, for no more, in turn.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lgc.deadlines import NEVER, Deadline
from lgc.levels import levels
from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.sharing import sweep

from .balancing import balance
from .classes import classes
from .gates import EITHER, KINDS, WIRE, assemble
from .growing import INPUTS, MISSING, TOP, acquire, release
from .late_inputs import late_circuits
from .replacing import (
    CONSTANTS,
    CUT,
    FAR,
    GAIN,
    OPTION,
    REPLACING,
    build,
    candidate,
    library,
    make,
    place_leaves,
    transforms,
)
from .rewriting import EFFORT, PATIENCE, ROOM, STEP, collect
from .search import Circuit, Gate
from .small_cuts import CUTS, LEAVES, WORDS, spread_rows

Ints = NDArray[np.int64]

LEVEL = 3
"""Place in the row ``choice``, behind those of `lgc.synthesis.replacing`."""


HASTE = 8
"""Of so many levels a round asks for one less."""


@cache
def all_circuits() -> tuple[Ints, Ints, Ints, Ints]:
    """Circuits of least depth, for late inputs, and of fewest gates, class by class."""
    shallow, small = circuits_of("depth"), circuits_of("gates")
    first_of = [options[0] if options else None for options in shallow]
    start, first, output, gates = [0], [0], list[int](), list[Gate]()
    for number, table in enumerate(classes().smallest.tolist()):
        options = [*shallow[number], *small[number]]
        if table and len(options[0].gates):
            options += late_circuits(table, first_of)
        for circuit in dict.fromkeys(options):
            gates += circuit.gates
            first.append(len(gates))
            output.append(circuit.output)
        start.append(len(output))
    rows = np.array(gates, np.int64).ravel()
    one, two, three = (np.array(part, np.int64) for part in (start, first, output))
    return one, two, three, rows


def circuits_of(cost: str) -> list[list[Circuit]]:
    """The circuits of the data file by class."""
    start, first, output, gates = library(cost)
    rows: list[Gate] = [(kind, a, b) for kind, a, b in gates.reshape(-1, 3).tolist()]
    return [
        [Circuit(tuple(rows[first[c] : first[c + 1]]), int(output[c])) for c in range(begin, end)]
        for begin, end in pairwise(start)
    ]


def level_of(
    first: int, last: int, output: int, literal: Row, gates: Row, level: Row, deep: Row
) -> int:  # fmt: skip
    """The level of a circuit whose nets are in ``literal``, MISSING where they are not there."""
    for i in range(LEAVES):
        deep[i] = level[literal[i] >> 1]
    for g in range(first, last):
        at = LEAVES + g - first
        if literal[at] != MISSING:
            deep[at] = level[literal[at] >> 1]
        else:
            deep[at] = max(deep[gates[3 * g + 1] >> 1], deep[gates[3 * g + 2] >> 1]) + 1
    return deep[output >> 1]


def try_levels(
    v: int, c: int, freed: int, required: int, left: Row, right: Row, xor: Row, refs: Row,
    slots: Row, state: Row, cut: Row, group: Row, order: Row, start: Row, first: Row, output: Row,
    gates: Row,
    literal: Row, made: Row, choice: Row, level: Row, deep: Row,
) -> None:  # fmt: skip
    """All circuits for a cut whose own gates are free now: in time with most gain, else soonest."""
    function = cut[(v * CUTS + c) * WORDS + LEAVES] & 0xFFFF
    if function == 0 or function == 0xFFFF:
        choice[OPTION], choice[CUT], choice[GAIN] = CONSTANTS - (function & 1), c, FAR
        choice[LEVEL] = 0
        return
    row = group[function] & 1023
    number = group[function] >> 10
    for option in range(start[number], start[number + 1]):
        place_leaves(v, c, row, literal, cut, order)
        gain = freed - candidate(
            0, v, LEAVES, first[option], first[option + 1], FAR - 1, literal, gates, left, right,
            xor, refs, slots, made,
        )  # fmt: skip
        if gain < -LEAVES:
            continue  # too many gates, or it holds the net itself
        come = level_of(
            first[option], first[option + 1], output[option], literal, gates, level, deep
        )
        come, now = max(come, required), max(choice[LEVEL], required)
        if come < now or (come == now and gain > choice[GAIN]):
            choice[OPTION], choice[CUT], choice[GAIN], choice[LEVEL] = option, c, gain, come


def soonest(
    v: int, required: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row,
    cut: Row, cuts: Row, group: Row, order: Row, start: Row, first: Row, output: Row, gates: Row,
    stack: Row, literal: Row, made: Row, choice: Row, level: Row, deep: Row,
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
        try_levels(
            v, c, freed, required, left, right, xor, refs, slots, state, cut, group, order, start,
            first, output, gates, literal, made, choice, level, deep,
        )  # fmt: skip
        acquire(v, left, right, refs, stack, state)
        refs[v] = many
        for i in range(size):
            refs[cut[at + i]] -= 1


@loop(*REPLACING, level_of, try_levels, soonest)
def _copy(
    need: int, table: Row, fanin: Row, required: Row, kinds: Row, literals: Row, uses: Row,
    left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row, cuts: Row,
    spread: Row, group: Row, order: Row, sign: Row, start: Row, first: Row, output: Row,
    gates: Row, stack: Row, merged: Row, literal: Row, made: Row, choice: Row, level: Row,
    deep: Row,
) -> None:  # fmt: skip
    """Copy all gates, replacing where the copy comes sooner or takes fewer gates.

    ``required`` is by which level each gate is; ``literals`` come out, what each has become.
    """
    inputs = state[INPUTS]
    leveled = inputs + 1
    for g in range(len(table)):
        old = inputs + g
        base = 4 * table[g]
        kind = kinds[base]
        a, b = literals[fanin[2 * g]], literals[fanin[2 * g + 1]]
        lit, newest = 0, state[TOP]
        if kind == WIRE:
            lit = b if kinds[base + 1] else a
        elif kind > WIRE:
            lit = make(
                0, kind == EITHER, a ^ kinds[base + 1], b ^ kinds[base + 2], left, right, xor, refs,
                slots, state, cut, cuts, merged, spread,
            )  # fmt: skip
        v = lit >> 1
        if uses[old] > 0:
            acquire(v, left, right, refs, stack, state)
            refs[v] += uses[old] - 1
        release(a >> 1, left, right, refs, stack, state)
        release(b >> 1, left, right, refs, stack, state)
        for u in range(leveled, state[TOP]):
            level[u] = max(level[left[u] >> 1], level[right[u] >> 1]) + 1
        spare = len(left) - state[TOP] - need * (len(table) - g)
        if v >= newest and refs[v] > 0 and spare > ROOM:
            choice[OPTION], choice[GAIN], choice[LEVEL] = MISSING, 0, level[v]
            soonest(
                v, required[g], left, right, xor, refs, slots, state, cut, cuts, group, order,
                start, first, output, gates, stack, literal, made, choice, level, deep,
            )  # fmt: skip
            new = 2 * v
            if choice[OPTION] != MISSING:
                new = build(
                    0, v, left, right, xor, refs, slots, state, cut, cuts, merged, spread, group,
                    order, sign, first, output, gates, literal, choice,
                )  # fmt: skip
            if new >> 1 != v:
                many = refs[v]
                acquire(new >> 1, left, right, refs, stack, state)
                refs[new >> 1] += many - 1
                refs[v] = 1
                release(v, left, right, refs, stack, state)
                lit = new ^ (lit & 1)
        for u in range(leveled, state[TOP]):
            level[u] = max(level[left[u] >> 1], level[right[u] >> 1]) + 1
        leveled = state[TOP]
        literals[old] = lit ^ kinds[base + 3]


@loop()
def _require(inputs: int, fanin: Row, required: Row) -> None:
    """From the outputs down: what a gate reads is required a level sooner."""
    for g in range(len(fanin) // 2 - 1, -1, -1):
        for i in range(2):
            u = fanin[2 * g + i]
            required[u] = min(required[u], required[inputs + g] - 1)


def copy(net: Netlist, target: int, seed: int) -> Netlist:
    """One pass over all gates, for outputs that come by a level."""
    inputs, gates = net.inputs, net.gates
    capacity = inputs + 2 * gates + 4 * ROOM
    fanin = net.fanin.astype(np.int64).ravel()
    required = np.full(net.nets, target)
    _require(gates * 10, inputs, fanin, required)
    uses = np.bincount(fanin, minlength=net.nets) + np.bincount(net.outputs, minlength=net.nets)
    left, right, xor, refs = (np.zeros(capacity, np.int64) for _ in range(4))
    refs[1 : inputs + 1] = uses[:inputs]
    refs[0] = 1  # the constant is never freed
    literals = np.zeros(net.nets, np.int64)
    literals[:inputs] = 2 * np.arange(1, inputs + 1)
    slots = np.zeros(1 << (2 * capacity).bit_length(), np.int64)
    state = np.array([inputs + 1, inputs, seed], np.int64)

    def row(size: int) -> Ints:
        return np.zeros(size, np.int64)

    _copy(
        gates * 3000, 1, net.table.astype(np.int64), fanin, required[inputs:], KINDS.ravel(),
        literals, uses, left, right, xor, refs, slots, state, row(capacity * CUTS * WORDS),
        row(capacity), spread_rows(), *transforms(), *all_circuits(), row(2 * capacity),
        row(LEAVES + 1), row(ROOM), row(1), row(4), row(capacity), row(ROOM),
    )  # fmt: skip
    return assemble(collect(inputs, left, right, xor, refs, int(state[TOP]), literals[net.outputs]))


def rewrite_depth(
    net: Netlist, rounds: int = 40, seed: int = 1, deadline: Deadline = NEVER
) -> Netlist:
    """The same function in fewer levels of gates of two fan-ins, or in as many and fewer gates.

    Args:
        net: gates of two fan-ins.
        rounds: at most; a large netlist gets fewer, and `PATIENCE` rounds without gain are the end.
        seed: of the choice among equal circuits.
        deadline: after which no round begins.
    """
    best = now = sweep(net, share=True)
    idle, effort = 0, 0
    for turn in range(rounds):
        effort += now.gates
        if idle == PATIENCE or (effort > EFFORT and turn > 1) or deadline.passed():
            break
        if idle == PATIENCE // 2:
            now = best  # from here on for fewer gates only
        less = 0 if turn % 2 or idle >= PATIENCE // 2 else max(1, depth(now) // HASTE)
        now = balance(copy(now, depth(now) - less, seed + turn * STEP))
        idle += 1
        if (depth(now), now.gates) < (depth(best), best.gates):
            best, idle = now, 0
    return best


def depth(net: Netlist) -> int:
    """Gates on the longest path."""
    return int(levels(net.inputs, net.fanin).max(initial=0))
