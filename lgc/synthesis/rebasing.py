"""Rewriting into a basis: every gate of the result is a gate of the basis, inverters included.

Gates of more than two fan-ins are split first, constants and wires folded and twins merged; the
rest is covered by programs of the basis (see `lgc.synthesis.phases`). Constant outputs are made,
once, from the basis' own constants, or else from input 0.
"""

from __future__ import annotations

import numpy as np

from .. import tables
from ..cuts import Ints
from ..loops import Row, loop
from ..netlist import Netlist
from .bases import Basis
from .phases import Choice, choose
from .programs import CONSTANT, FIRST, NETS, ONES, VARIABLES, Programs, programs
from .subjects import read_phases
from .twins import merge

TURNS = 4
"""Coverings at most, each of what the one before has found."""


def rebase(net: Netlist, basis: Basis, rounds: int) -> Netlist:
    """The same function in gates of the basis.

    What was found is covered again, since its own structure has other cuts; the smallest stays.

    Args:
        net: of any width.
        basis: gates of up to three fan-ins.
        rounds: of exact area at most, each time.
    """
    found = programs(basis)
    best: Netlist | None = None
    for turn in range(TURNS):
        subject, nodes = read_phases(net if best is None else best, share=True)
        choice = choose(subject, nodes[nodes >= 0], found, rounds, seed=1 + turn)
        made = merge(_build(subject, nodes, basis, found, choice))
        if best is None or made.gates <= best.gates:
            best = made
    assert best is not None
    return best


def _build(net: Netlist, nodes: Ints, basis: Basis, found: Programs, choice: Choice) -> Netlist:
    """All programs in use, one after another; the gates of constants come first."""
    owner = np.flatnonzero(choice.used > 0)
    owner = owner[(owner >= 2 * net.inputs) | (owner % 2 == 1)]
    owner = owner[np.argsort(owner // 2 * 2 + choice.inverted[owner], kind="stable")]
    program = choice.program[owner]
    literals = np.zeros((len(owner), CONSTANT), np.int64)  # nodes by operand
    direct = choice.inverted[owner] == 0
    leaves = choice.cuts.leaves[choice.cut[owner[direct]]]
    literals[direct, ::2], literals[direct, 1::2] = 2 * leaves, 2 * leaves + 1
    literals[~direct, 0] = owner[~direct] ^ 1
    program[~direct] = found.cheapest(VARIABLES[0] ^ ONES, 1)
    # Constant outputs that the basis does not hold are programs of input 0.
    wanted = [c for c in range(2) if (nodes == -1 - c).any() and c not in basis.constants]
    made = np.array([found.cheapest(ONES * c, 1) for c in wanted], np.int64)
    owner = np.concatenate([owner, 2 * net.nets + np.array(wanted, np.int64)])
    program = np.concatenate([program, made])
    literals = np.concatenate([literals, np.zeros((len(wanted), CONSTANT), np.int64)])

    constants = np.array(basis.constants, np.int64)
    number = np.full(2 * net.nets + 2, -1, np.int64)  # two more: the constants
    number[: 2 * net.inputs : 2] = np.arange(net.inputs)
    number[2 * net.nets + constants] = net.inputs + np.arange(len(constants))
    gate = np.zeros(int(found.price[program].sum()), np.int64)
    fanin = np.zeros((len(gate), NETS), np.int64)
    _emit(
        len(gate) * 20, net.inputs + len(constants), 2 * net.nets, int(found.start[1]), owner,
        program, literals.ravel(), found.reads, found.first, found.steps.ravel(), number, gate,
        fanin.ravel(),
    )  # fmt: skip
    k, proper = basis.k, basis.proper
    width = np.array([one.k for one in proper])
    wide = np.array([tables.widen(np.uint64(one.table), one.k, k) for one in proper])
    fanin = np.where(np.arange(k) < width[gate][:, None], fanin[:, :k], fanin[:, :1])
    outputs = number[np.where(nodes < 0, 2 * net.nets - 1 - nodes, nodes)]
    return Netlist(
        net.inputs,
        np.concatenate([np.where(constants, tables.ones(k), np.uint64(0)), wide[gate]]),
        np.concatenate([np.zeros((len(constants), k), np.int64), fanin]),
        outputs,
    )


@loop()
def _emit(
    net: int, constants: int, ones: int, owner: Row, program: Row, literals: Row, reads: Row,
    first: Row, steps: Row, number: Row, gate: Row, fanin: Row,
) -> None:  # fmt: skip
    """Write the programs of the nodes ``owner``, from net ``net`` on; ``number`` gets their nets.

    The nodes ``constants`` and the next are the constants; programs from ``ones`` on are not of
    the constant 0.
    """
    row = 0
    for i in range(len(owner)):
        begin = net + row
        one = program[i]
        if first[one] == first[one + 1]:  # a literal or a constant by itself
            node = constants + (one >= ones)
            for j in range(CONSTANT):
                if reads[one] >> j & 1:
                    node = literals[i * CONSTANT + j]
            number[owner[i]] = number[node]
            continue
        for step in range(first[one], first[one + 1]):
            gate[row] = steps[step * 4]
            for j in range(NETS):
                operand = steps[step * 4 + 1 + j]
                if operand < CONSTANT:
                    read = number[literals[i * CONSTANT + operand]]
                elif operand < FIRST:
                    read = number[constants + operand - CONSTANT]
                else:
                    read = begin + operand - FIRST
                fanin[row * NETS + j] = read
            row += 1
        number[owner[i]] = net + row - 1
