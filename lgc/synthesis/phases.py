"""Covering with phases: a netlist as programs of a basis, each net built in the phases it is read.

A net's cut of up to three leaves is a function of them, and each of its programs reads some phases
of the leaves (see `lgc.synthesis.programs`). A phase of a net is built by a program or by an
inverter from the other phase, which its readers then share. As in `lgc.covering`, the first choice
is by area flow; rounds of exact area with falling noise follow, in which every net takes the
programs for both its phases, or one program and the inverter, that add the fewest gates given all
other choices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cuts import Cuts, Ints
from ..loops import Row, loop
from ..netlist import Netlist
from .choices import find_choices
from .programs import NETS, ONES, VARIABLES, Programs

GATE = 64
"""Cost of a gate in units of a literal read."""

HEAT = 70
"""Largest random amount, in the first round."""

KEPT = 8
"""Cuts kept a net."""

EFFORT = 30_000_000
"""Programs tried in all rounds together: a large netlist gets fewer rounds."""


@dataclass(frozen=True, eq=False)
class Choice:
    """How each node is built; node 2·v is net v, node 2·v + 1 its complement.

    Attributes:
        cuts: of the netlist.
        used: int64 ``(nodes,)``, how many readers a node has; 0: it is not built.
        cut, program: int64 ``(nodes,)``; -1 for inputs.
        inverted: int64 ``(nodes,)``, 1 where the node is the inverter of the other phase.
    """

    cuts: Cuts
    used: Ints
    cut: Ints
    program: Ints
    inverted: Ints


def choose(net: Netlist, nodes: Ints, programs: Programs, rounds: int, seed: int = 1) -> Choice:
    """Choose cuts and programs for the nodes read from outside, ``nodes``.

    ``net`` is tidy, of gates of at most two fan-ins that depend on both.
    """
    cuts, table = find_choices(net, KEPT)
    price = GATE * programs.price + np.bitwise_count(programs.reads)
    inverter = int(programs.price[programs.cheapest(VARIABLES[0] ^ ONES, 1)]) * GATE + 1
    tried = 2 * int(np.diff(programs.start)[table].sum()) + 1
    rounds = min(rounds, max(2, EFFORT // tried))
    used = np.bincount(nodes, minlength=2 * net.nets)
    fanout = np.bincount(net.fanin.ravel(), minlength=net.nets) + used[::2] + used[1::2]
    cut, program = (np.full(2 * net.nets, -1, np.int64) for _ in range(2))
    inverted = np.zeros(2 * net.nets, np.int64)
    inverted[1 : 2 * net.inputs : 2] = 1
    _choose(
        tried * rounds * 4, net.inputs, inverter, HEAT, rounds, seed, cuts.leaves.ravel(),
        cuts.start, table, programs.start, programs.reads, price, np.maximum(fanout, 1),
        cut, program, inverted, used, np.zeros(2 * net.nets, np.int64),
        np.zeros(12 * net.nets + 12, np.int64),
    )  # fmt: skip
    return Choice(cuts, used, cut, program, inverted)


def _push(cut: int, literals: int, top: int, leaves: Row, stack: Row) -> int:
    """Put the nodes that a program of a cut reads on the stack; the new height."""
    for i in range(NETS):
        if literals >> (2 * i) & 1:
            stack[top] = 2 * leaves[cut * NETS + i]
            top += 1
        if literals >> (2 * i + 1) & 1:
            stack[top] = 2 * leaves[cut * NETS + i] + 1
            top += 1
    return top


def _refer(
    cut: int, program: int, take: bool, inputs: int, inverter: int, leaves: Row, reads: Row,
    price: Row, cuts: Row, programs: Row, inverted: Row, used: Row, stack: Row,
) -> int:  # fmt: skip
    """Take a program, or let go of it: the cost of all that is built, or no longer, with it."""
    cost = price[program]
    top = _push(cut, reads[program], 0, leaves, stack)
    while top > 0:
        top -= 1
        node = stack[top]
        if take:
            used[node] += 1
        if used[node] == 1 and (node >= 2 * inputs or node % 2 == 1):
            if inverted[node]:
                cost += inverter
                stack[top] = node ^ 1
                top += 1
            else:
                cost += price[programs[node]]
                top = _push(cuts[node], reads[programs[node]], top, leaves, stack)
        if not take:
            used[node] -= 1
    return cost


@loop(_push, _refer)
def _choose(
    inputs: int, inverter: int, heat: int, rounds: int, seed: int, leaves: Row, start: Row,
    table: Row, first: Row, reads: Row, price: Row, fanout: Row,
    cuts: Row, programs: Row, inverted: Row, used: Row, flow: Row, stack: Row,
) -> None:  # fmt: skip
    nets = len(fanout)
    # area flow
    for v in range(inputs):
        flow[2 * v + 1] = inverter // fanout[v]
    for v in range(inputs, nets):
        for phase in range(2):
            node, least = 2 * v + phase, -1
            for cut in range(start[v], start[v + 1]):
                function = table[cut] ^ (ONES * phase)
                for program in range(first[function], first[function + 1]):
                    cost = price[program]
                    top = _push(cut, reads[program], 0, leaves, stack)
                    for i in range(top):
                        cost += flow[stack[i]]
                    if least < 0 or cost < least:
                        least, cuts[node], programs[node] = cost, cut, program
            flow[node] = least
        a, b = 2 * v, 2 * v + 1
        if flow[b] >= flow[a] + inverter:
            inverted[b], flow[b] = 1, flow[a] + inverter
        elif flow[a] >= flow[b] + inverter:
            inverted[a], flow[a] = 1, flow[b] + inverter
        flow[a], flow[b] = flow[a] // fanout[v], flow[b] // fanout[v]
    for v in range(nets - 1, -1, -1):
        for phase in range(2):
            if inverted[2 * v + phase] and used[2 * v + phase] > 0:
                used[2 * v + 1 - phase] += 1
        if v >= inputs:
            for node in range(2 * v, 2 * v + 2):
                if used[node] > 0 and not inverted[node]:
                    top = _push(cuts[node], reads[programs[node]], 0, leaves, stack)
                    for i in range(top):
                        used[stack[i]] += 1
    # exact area
    for turn in range(rounds):
        noise = heat * (rounds - 1 - turn) // rounds
        for v in range(inputs, nets):
            a, b = 2 * v, 2 * v + 1
            if used[a] == 0 and used[b] == 0:
                continue
            for node in range(a, b + 1):
                if used[node] > 0 and not inverted[node]:
                    _refer(
                        cuts[node], programs[node], False, inputs, inverter, leaves, reads, price,
                        cuts, programs, inverted, used, stack,
                    )  # fmt: skip
            if inverted[b] and used[b] > 0:
                used[a] -= 1
            elif inverted[a] and used[a] > 0:
                used[b] -= 1
            both = used[a] > 0 and used[b] > 0
            # the best program of each phase on its own, then of the second beside the first
            cost_a, cost_b, cost_both, cut_b, program_b = -1, -1, -1, 0, 0
            for step in range(3 if both else 2):
                node, beside = b, 0
                if step == 0:
                    node = a
                elif step == 2:
                    beside = _refer(
                        cuts[a], programs[a], True, inputs, inverter, leaves, reads, price,
                        cuts, programs, inverted, used, stack,
                    )  # fmt: skip
                least, best_cut, best_program = -1, 0, 0
                for cut in range(start[v], start[v + 1]):
                    function = table[cut] ^ (ONES * (node & 1))
                    for program in range(first[function], first[function + 1]):
                        if least >= 0 and price[program] >= least:
                            break
                        cost = _refer(
                            cut, program, True, inputs, inverter, leaves, reads, price,
                            cuts, programs, inverted, used, stack,
                        )  # fmt: skip
                        _refer(
                            cut, program, False, inputs, inverter, leaves, reads, price,
                            cuts, programs, inverted, used, stack,
                        )  # fmt: skip
                        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
                        cost += (seed >> 8) % (noise + 1)
                        if least < 0 or cost < least:
                            least, best_cut, best_program = cost, cut, program
                if step == 0:
                    cost_a, cuts[a], programs[a] = least, best_cut, best_program
                elif step == 1:
                    cost_b, cut_b, program_b = least, best_cut, best_program
                else:
                    cost_both = least + beside
                    _refer(
                        cuts[a], programs[a], False, inputs, inverter, leaves, reads, price,
                        cuts, programs, inverted, used, stack,
                    )  # fmt: skip
                    one = min(cost_a, cost_b) + inverter
                    if cost_both < one:
                        cut_b, program_b = best_cut, best_program
            cuts[b], programs[b] = cut_b, program_b
            inverted[a], inverted[b] = 0, 0
            if both:
                if cost_both >= min(cost_a, cost_b) + inverter:
                    inverted[a], inverted[b] = cost_b < cost_a, cost_b >= cost_a
            elif used[a] > 0:
                inverted[a], inverted[b] = cost_b + inverter < cost_a, cost_b + inverter >= cost_a
            else:
                inverted[a], inverted[b] = cost_a + inverter >= cost_b, cost_a + inverter < cost_b
            if inverted[b] and used[b] > 0:
                used[a] += 1
            elif inverted[a] and used[a] > 0:
                used[b] += 1
            for node in range(a, b + 1):
                if used[node] > 0 and not inverted[node]:
                    _refer(
                        cuts[node], programs[node], True, inputs, inverter, leaves, reads, price,
                        cuts, programs, inverted, used, stack,
                    )  # fmt: skip
