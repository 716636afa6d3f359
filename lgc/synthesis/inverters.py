"""Inverters: where a circuit of AND, OR and XOR needs them, and fewer of them by De Morgan's laws.

Netlists have no inverter nodes as such; this is what counts as one. A gate is printed as AND, OR or
XOR of its fan-ins, some of them complemented:

    AND: a&b, a&~b, ~a&b, ~(a|b) = ~a&~b      OR: a|b, a|~b, ~a|b, ~(a&b) = ~a|~b
    XOR: a^b, ~(a^b) = ~a^b                   ~a is a complemented; constants and wires have none

An inverter is a net that some gate reads complemented, counted once however many gates do: they
share it. Any net may be stored complemented: ¬(a ∧ b) = ¬a ∨ ¬b turns an AND into an OR with other
complements. With s(v) = 1 where v is stored complemented, each AND or OR gate wants its fan-ins in
phases that s decides, each XOR gate in phases whose sum s decides, an output wants s = 0; a net
costs an inverter unless all that read it want the phase it is stored in.

Choosing s is the problem of the fewest cut hyperedges, a net with its readers being one. It is
solved exactly in each tree of gates with one reader, by dynamic programming from its leaves, given
the rest; before that single gates are turned at random, less and less, as in simulated annealing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..cuts import Ints
from ..errors import UnsupportedError
from ..netlist import Netlist
from ..splitting import split
from ..surgery import arity, tidy
from .labelling import ROUNDS, label
from .subjects import read_phases

Direction = Literal["inputs", "outputs", "fewest"]

HEAVY = 1000
"""Cost of an inverter where the direction does not want it, when one elsewhere costs 1."""

COMPLEMENTED = np.array([[t in (4, 8, 9, 12, 13, 14), t in (2, 8, 10, 11, 14)] for t in range(16)])
"""Which of its two fan-ins each table reads complemented."""


def complemented(net: Netlist) -> NDArray[np.bool_]:
    """Which nets need an inverter, bool ``(nets,)``.

    Raises:
        UnsupportedError: a gate depends on more than two fan-ins.
    """
    two = _of_two(net)
    if two is None:
        raise UnsupportedError(
            "inverters are counted in gates of two fan-ins",
            where=f"netlist of {net.k} fan-ins",
            hint="to-basis{basis=xag} makes such a netlist",
        )
    found = np.zeros(two.nets, np.bool_)
    found[two.fanin[COMPLEMENTED[two.table.astype(np.int64)]]] = True
    return found


def inverters(net: Netlist) -> int:
    """How many inverters a circuit of AND, OR and XOR needs for these tables."""
    return int(complemented(net).sum())


def fewer_inverters(net: Netlist, direction: Direction) -> Netlist:
    """The same function with other phases stored, or ``net`` itself if that gains nothing.

    What costs an inverter depends on the direction: ``fewest``, all alike; ``inputs``, rather many
    at inputs than one elsewhere; ``outputs``, rather many at nets that leave. No gate is built
    twice. An inverter at an output becomes a gate of its own, as do those that are one already.
    Gates that reach no output go. Gates of more than two fan-ins: ``net`` itself.
    """
    if _of_two(net) is None:
        return net
    subject, nodes = read_phases(net, share=False)
    weight = np.ones(subject.nets, np.int64)
    if direction == "inputs":
        weight[subject.inputs :] = HEAVY
    elif direction == "outputs":
        weight[:] = HEAVY
        weight[nodes[nodes >= 0] // 2] = 1
        weight[: subject.inputs] = HEAVY
    best, least = net, _cost(net, direction)
    for rounds in (0, ROUNDS):
        phase, want = label(subject, nodes[nodes >= 0], weight, rounds)
        made = _stored(subject, nodes, phase, want)
        cost = _cost(made, direction)
        if cost < least:
            best, least = made, cost
    return best


def _of_two(net: Netlist) -> Netlist | None:
    """The same gates, tidy and of two fan-ins; none where one depends on more."""
    net = tidy(net)
    return split(net, 2) if arity(net).max(initial=0) <= 2 else None


def _cost(net: Netlist, direction: Direction) -> int:
    """All inverters, those that the direction does not want at their weight."""
    found = np.flatnonzero(complemented(net))
    if direction == "fewest":
        return len(found)
    light = np.zeros(net.nets, np.bool_)
    if direction == "inputs":
        light[: net.inputs] = True
    else:
        leaves = np.unique(net.outputs)
        gates = tidy(net)
        alone = leaves[leaves >= net.inputs]
        alone = alone[arity(gates)[alone - net.inputs] == 1]  # inverters stand for what they read
        light[np.concatenate([leaves, gates.fanin[alone - net.inputs, 0]])] = True
        light[: net.inputs] = False
    return int(np.where(light[found], 1, HEAVY).sum())


def _stored(net: Netlist, nodes: Ints, phase: Ints, want: Ints) -> Netlist:
    """The netlist with the nets stored in these phases; ``want`` is the phase in which each gate
    reads its first fan-in."""
    own = phase[net.inputs :] > 0
    table = np.where(own, net.table ^ tables.ones(2), net.table)
    for i in range(2):
        table = np.where(phase[net.fanin[:, i]] > 0, tables.flip(table, 2, i), table)
    # ~(a^b) reads its first fan-in complemented
    second = (table == 9) & (want == phase[net.fanin[:, 0]])
    fanin = np.where(second[:, None], net.fanin[:, ::-1], net.fanin)
    real = nodes >= 0
    net_of = np.maximum(nodes, 0) // 2
    inverted = np.unique(net_of[real & (nodes % 2 != phase[net_of])])
    constants = np.unique(nodes[~real])
    number = np.zeros(net.nets, np.int64)
    number[inverted] = net.nets + np.arange(len(inverted))
    ends = [15 if node == -2 else 0 for node in constants.tolist()]
    outputs = np.where(nodes % 2 == phase[net_of], net_of, number[net_of])
    for place, node in enumerate(constants.tolist()):
        outputs[nodes == node] = net.nets + len(inverted) + place
    extra = np.zeros((len(inverted) + len(constants), 2), np.int64)
    extra[: len(inverted)] = inverted[:, None]
    return Netlist(
        net.inputs,
        np.concatenate([table, np.array([12] * len(inverted) + ends, np.uint64)]),
        np.concatenate([fanin, extra]),
        outputs,
    )
