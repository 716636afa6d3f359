"""Restructuring: a search that gets out of the optimum in which replacing small parts ends.

A turn covers the gates with LUTs, which forgets how each was built, writes what LUTs share once
(see `lgc.synthesis.extraction`) and rewrites the result. That is often larger at first; a turn
that ends a little above the best goes on from where it is. Covers and choices are drawn at random,
so no turn is like another.
"""

from __future__ import annotations

from lgc.covering import cover
from lgc.deadlines import NEVER, Deadline
from lgc.netlist import Netlist

from .extraction import extract
from .rewriting import rewrite

WIDTHS = (3, 4, 3, 5, 3, 4, 3, 6)
"""Inputs of the LUTs, turn by turn: the fewer, the nearer to what was there."""

COVERING = 8
"""Rounds of covering: a good cover is not what is sought."""

SLACK = 500
"""A turn may end above the best by one gate in so many."""

EFFORT = 1_000_000
"""Gates in all turns together; a netlist that is larger gets one turn."""

ROUNDS, IDLE = 100, 15
"""Of rewriting in a turn: at most, and without gain."""

PATIENCE = len(WIDTHS)
"""Turns without gain after which the search ends."""


def restructure(
    net: Netlist,
    cost: str = "gates",
    turns: int = 40,
    seed: int = 1,
    deadline: Deadline = NEVER,
) -> Netlist:
    """The same function in fewer gates of two fan-ins, if the search finds any.

    Args:
        net: gates of two fan-ins.
        cost: ``gates`` or ``aig``, see `rewrite`.
        turns: at most; a large netlist gets fewer, and `PATIENCE` turns without gain are the end.
        seed: of all random choices.
        deadline: after which no turn begins.
    """

    def settle(start: Netlist, turn: int) -> Netlist:
        return rewrite(start, cost, ROUNDS, seed=seed + turn, deadline=deadline, patience=IDLE)

    best = now = settle(net, 0)
    idle = 0
    for turn in range(min(turns, max(1, EFFORT // max(1, best.gates)))):
        if idle == PATIENCE or deadline.passed():
            break
        luts = cover(now, WIDTHS[turn % len(WIDTHS)], COVERING, seed=seed + turn)
        made = settle(extract(luts, cost, seed + turn), turn)
        if made.gates <= best.gates + best.gates // SLACK:
            now = made
        idle += 1
        if made.gates < best.gates:
            best, idle = made, 0
    return best
