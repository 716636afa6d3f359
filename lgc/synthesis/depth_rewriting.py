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
from lgc.loops import Row, loop
from lgc.metrics import depth
from lgc.netlist import Netlist
from lgc.sharing import sweep

from .balancing import balance
from .classes import classes
from .copying import COPYING, Copy, hand_over, supersede, transcribe
from .gates import assemble
from .growing import INPUTS, MISSING, TOP
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
    let_go,
    library,
    place_leaves,
    take_back,
    transforms,
)
from .rewriting import EFFORT, PATIENCE, ROOM, STEP
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
    gates: Row, literal: Row, made: Row, choice: Row, level: Row, deep: Row,
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
        freed = let_go(v, c, left, right, refs, stack, state, cut)
        if freed != MISSING:
            try_levels(
                v, c, freed, required, left, right, xor, refs, slots, state, cut, group, order,
                start, first, output, gates, literal, made, choice, level, deep,
            )  # fmt: skip
            take_back(v, c, many, left, right, refs, stack, state, cut)


@loop(*REPLACING, *COPYING, level_of, try_levels, soonest)
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
        newest = state[TOP]
        lit = transcribe(
            0, g, table, fanin, kinds, literals, left, right, xor, refs, slots, state, cut, cuts,
            merged, spread,
        )  # fmt: skip
        v = lit >> 1
        hand_over(v, g, fanin, literals, uses, left, right, refs, stack, state)
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
                supersede(v, new >> 1, left, right, refs, stack, state)
                lit = new ^ (lit & 1)
        for u in range(leveled, state[TOP]):
            level[u] = max(level[left[u] >> 1], level[right[u] >> 1]) + 1
        leveled = state[TOP]
        literals[inputs + g] = lit ^ kinds[4 * table[g] + 3]


@loop()
def _require(inputs: int, fanin: Row, required: Row) -> None:
    """From the outputs down: what a gate reads is required a level sooner."""
    for g in range(len(fanin) // 2 - 1, -1, -1):
        for i in range(2):
            u = fanin[2 * g + i]
            required[u] = min(required[u], required[inputs + g] - 1)


def copy(net: Netlist, target: int, seed: int) -> Netlist:
    """One pass over all gates, for outputs that come by a level."""
    gates = net.gates
    capacity = net.inputs + 2 * gates + 4 * ROOM
    made = Copy(net, capacity, seed)
    table, fanin, kinds = made.old
    required = np.full(net.nets, target)
    _require(gates * 10, net.inputs, fanin, required)

    def row(size: int) -> Ints:
        return np.zeros(size, np.int64)

    _copy(
        gates * 3000, 1, table, fanin, required[net.inputs :], kinds, made.literals, made.uses,
        *made.new, row(capacity * CUTS * WORDS), row(capacity), spread_rows(), *transforms(),
        *all_circuits(), row(2 * capacity), row(LEAVES + 1), row(ROOM), row(1), row(4),
        row(capacity), row(ROOM),
    )  # fmt: skip
    return assemble(made.gates())


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
