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

import numpy as np
from numpy.typing import NDArray

from lgc.deadlines import NEVER, Deadline
from lgc.levels import levels
from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.sharing import sweep
from lgc.tables import variable

from .copying import COPYING, Copy, hand_over, supersede, transcribe
from .divisors import CONE, MOST
from .divisors import ROOM as PLACE
from .factoring import MOST_CUBES, MOST_GATES, SCRATCH
from .gates import Gates, assemble
from .growing import INPUTS, MISSING, SEED, TOP, draw
from .replacing import GAIN, OPTION, REPLACING, build, choose, library, transforms
from .resubstitution import PAIRS, RESUBSTITUTION, link, resubstitute, write_recipe
from .small_cuts import CUTS, LEAVES, WORDS, spread_rows

Ints = NDArray[np.int64]

ROOM = 64
"""Nets that one step may add, and to spare."""

EFFORT = 4_000_000
"""Gates looked at in all rounds together."""

WINDOWS = 2
"""How much longer a round with windows takes."""

PATIENCE = 6
"""Rounds without gain after which most searches may end: later gains are few."""

STEP = 7919
"""Between the seeds of two rounds."""

SIDEWAYS = 10
"""Percent of the windows in which a gate is also written anew where that saves nothing."""

PATTERN = np.array([variable(6, i) for i in range(5, -1, -1)], np.uint64).view(np.int64)
"""The tables of six leaves, 64 bits each."""


@loop(*REPLACING, *COPYING, *RESUBSTITUTION)
def _copy(
    aig: int, leaves: int, need: int, table: Row, fanin: Row, kinds: Row, literals: Row, uses: Row,
    left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row, cuts: Row,
    spread: Row, group: Row, order: Row, sign: Row, start: Row, first: Row, output: Row,
    gates: Row, stack: Row, merged: Row, literal: Row, made: Row, choice: Row,
    pattern: Row, head: Row, behind: Row, member: Row, place: Row, value: Row, frame: Row,
    usable: Row, cover: Row, pairs: Row, recipe: Row, scratch: Row, cubes: Row, program: Row,
    tally: Row,
) -> None:  # fmt: skip
    """Copy all gates, replacing where that loses nothing and nets are left.

    A gate needs up to ``need`` nets. Without rows for cuts nothing is replaced.

    Windows have at most ``leaves`` leaves; with 0 there are none.

    ``uses`` are the readers of each old net; ``literals`` come out, what each has become.
    """
    inputs = state[INPUTS]
    linked = inputs + 1
    for g in range(len(table)):
        newest = state[TOP]
        lit = transcribe(
            aig, g, table, fanin, kinds, literals, left, right, xor, refs, slots, state, cut, cuts,
            merged, spread,
        )  # fmt: skip
        v = lit >> 1
        hand_over(v, g, fanin, literals, uses, left, right, refs, stack, state)
        spare = len(left) - state[TOP] - need * (len(table) - g)
        if v >= newest and refs[v] > 0 and len(cuts) and spare > ROOM:  # unread
            choice[OPTION], choice[GAIN] = MISSING, -1
            choose(
                aig, v, left, right, xor, refs, slots, state, cut, cuts, group, order, start,
                first, gates, stack, literal, made, choice,
            )  # fmt: skip
            new = 2 * v
            for u in range(linked, state[TOP] if leaves else 0):
                link(u, left, right, head, behind)
            linked = state[TOP]
            least = 0 if draw(state, SEED) % 100 < SIDEWAYS else 1
            if leaves and choice[GAIN] < 1 and resubstitute(
                aig, v, least, leaves, pattern, left, right, xor, refs, state, stack, head, behind,
                member, place, value, frame, usable, cover, pairs, recipe, slots, scratch, cubes,
                program, tally, literal, made,
            ):  # fmt: skip
                new = write_recipe(
                    aig, v, left, right, xor, refs, slots, state, cut, cuts, merged, spread,
                    member, recipe, program, literal,
                )  # fmt: skip
            elif choice[OPTION] != MISSING:
                new = build(
                    aig, v, left, right, xor, refs, slots, state, cut, cuts, merged, spread,
                    group, order, sign, first, output, gates, literal, choice,
                )  # fmt: skip
            if new >> 1 != v:
                supersede(v, new >> 1, left, right, refs, stack, state)
                lit = new ^ (lit & 1)
        literals[inputs + g] = lit ^ kinds[4 * table[g] + 3]


def rewrite(
    net: Netlist,
    cost: str = "gates",
    rounds: int = 40,
    leaves: int = 10,
    seed: int = 1,
    deadline: Deadline = NEVER,
    patience: int = PATIENCE,
) -> Netlist:
    """The same function in fewer gates of two fan-ins; each round goes over all of them.

    Args:
        net: gates of two fan-ins.
        cost: ``gates``, every gate counts 1, or ``aig``, gates are made of ANDs and only these
            count; the result then has no XOR.
        rounds: at most; a large netlist gets fewer.
        leaves: of the windows; with 0 there are none.
        seed: of the choice among equal gains.
        deadline: after which no round begins.
        patience: rounds without gain after which the search ends.
    """
    if cost == "aig":
        best = copy(net, cost, replace=False)
    else:
        best = sweep(net, share=True)
    now, idle, effort = best, 0, 0
    for turn in range(rounds):
        effort += best.gates * (WINDOWS if leaves else 1)
        if idle == patience or (effort > EFFORT and turn > 1) or deadline.passed():
            break
        now = copy(shuffle(now, seed + turn), cost, seed=seed + turn * STEP, leaves=leaves)
        idle += 1
        if now.gates < best.gates:
            best, idle = now, 0
    return best


def shuffle(net: Netlist, seed: int) -> Netlist:
    """The gates by level, in random order within each.

    A gate then stands behind every other that can do without it, and may be written with them all.
    """
    random = np.random.default_rng(seed).random(net.gates)
    order = np.lexsort((random, levels(net.inputs, net.fanin)))
    number = np.arange(net.nets)
    number[net.inputs + order] = net.inputs + np.arange(net.gates)
    return Netlist(net.inputs, net.table[order], number[net.fanin[order]], number[net.outputs])


def copy(
    net: Netlist, cost: str, *, replace: bool = True, leaves: int = 0, seed: int = 1
) -> Netlist:
    """One pass over all gates; without ``replace`` they stay as they are."""
    return assemble(_gates(net, cost, replace, leaves, seed))


def split(net: Netlist) -> Gates:
    """The gates of a netlist as literals, dead ones gone."""
    return _gates(net, "gates", replace=False, leaves=0, seed=1)


def _gates(net: Netlist, cost: str, replace: bool, leaves: int, seed: int) -> Gates:
    aig, gates = cost == "aig", net.gates
    need = 3 if aig and np.isin(net.table, (6, 9)).any() else 1
    capacity = net.inputs + need * gates + gates + 4 * ROOM
    cuts, links = capacity if replace else 0, capacity if leaves else 0
    made = Copy(net, capacity, seed)

    def row(size: int) -> Ints:
        return np.zeros(size, np.int64)

    _copy(
        gates * 3000, aig, leaves, need, *made.old, made.literals, made.uses, *made.new,
        row(cuts * CUTS * WORDS), row(cuts), spread_rows(), *transforms(), *library(cost),
        row(2 * capacity), row(LEAVES + 1), row(ROOM), row(1), row(3), PATTERN,
        row(links) - 1, row(2 * links) - 1, row(MOST + CONE + 1), row(links),
        row((MOST + CONE + 1) * PLACE), row(4), row(MOST), row(2 * MOST), row(3 * PAIRS), row(6),
        row(SCRATCH), row(MOST_CUBES), row(3 * MOST_GATES), row(3),
    )  # fmt: skip
    return made.gates()
