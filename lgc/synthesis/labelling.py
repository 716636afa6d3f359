"""Labelling: the phase each net is stored in, so that few nets are read in both.

A net with its readers is a hyperedge; it is cut, and costs its weight, unless the phase in which it
is stored is the one that all of them want. An AND or OR gate stored in the other phase wants both
fan-ins in the other phase; of what an XOR gate stores and wants, any two may change together.
"""

from __future__ import annotations

import numpy as np

from ..cuts import Ints
from ..loops import Row, loop
from ..netlist import Netlist

ROUNDS = 200
"""Rounds in which single gates are turned."""

EFFORT = 60_000_000
"""Gates turned in all rounds together: a large netlist gets fewer rounds."""

HEAT = 100
"""Largest random amount, in the first round; an inverter costs 64."""

SWEEPS = 20
"""Sweeps over all trees at most, each while it gains something."""


def label(net: Netlist, nodes: Ints, weight: Ints, rounds: int, seed: int = 1) -> tuple[Ints, Ints]:
    """Choose phases.

    Args:
        net: tidy, of gates that depend on two fan-ins.
        nodes: what outputs want, 2·v for net v as it is, 2·v + 1 for its complement.
        weight: int64 ``(nets,)``, cost of an inverter at each net.
        rounds: of single gates; trees are solved in any case.
        seed: of the random amounts.

    Returns:
        The phase of each net, int64 ``(nets,)``, 1 for complemented, 0 for inputs; and the phase
        in which each gate wants its first fan-in, int64 ``(n,)``.
    """
    table = net.table.astype(np.int64)
    is_xor = np.isin(table, (6, 9)).astype(np.int64)
    first = np.where(is_xor, 0, np.isin(table, (4, 8, 13, 14))).astype(np.int64)
    second = np.where(is_xor, table == 9, np.isin(table, (2, 8, 11, 14))).astype(np.int64)
    fanin = net.fanin.astype(np.int64)
    size = np.bincount(fanin.ravel(), minlength=net.nets)
    gates = np.arange(net.gates)
    reader = np.full(net.nets, -1, np.int64)
    for i in range(2):
        reader[fanin[:, i]] = gates
    size += np.bincount(nodes // 2, minlength=net.nets)
    ones = np.bincount(nodes // 2, nodes % 2, minlength=net.nets).astype(np.int64)
    reader[nodes // 2] = -1
    reader[size != 1] = -1
    phase, want = np.zeros(net.nets, np.int64), first.copy()
    rounds = min(rounds, EFFORT // max(1, net.gates))
    root = gates.copy()
    _label(
        net.gates * (rounds + 10) * 30, net.inputs, rounds, seed, HEAT, int(weight.max(initial=1)),
        fanin[:, 0].copy(), fanin[:, 1].copy(), is_xor, first, second, reader, weight, size, ones,
        phase, want, root, np.zeros(net.gates + 1, np.int64), np.zeros(net.gates, np.int64),
        np.zeros(2 * net.gates, np.int64), np.zeros(net.gates, np.int64),
        np.zeros(net.nets, np.int64),
    )  # fmt: skip
    return phase, want


def _cut(v: int, weight: Row, size: Row, ones: Row, phase: Row) -> int:
    """What a net costs now."""
    wanted = size[v] if phase[v] else 0
    return 0 if ones[v] == wanted else weight[v]


def _read(
    g: int, by: int, inputs: int, first: Row, second: Row, is_xor: Row, a: Row, b: Row,
    size: Row, ones: Row, phase: Row, want: Row,
) -> None:  # fmt: skip
    """Add what a gate wants of its fan-ins, or take it back."""
    own = phase[inputs + g]
    if not is_xor[g]:
        want[g] = first[g] ^ own
    other = second[g] ^ own
    if is_xor[g]:
        other ^= want[g]
    size[a[g]] += by
    size[b[g]] += by
    ones[a[g]] += by * want[g]
    ones[b[g]] += by * other


def _edge(
    u: int, wanted: int, tree: int, inputs: int, root: Row, weight: Row, size: Row, ones: Row,
    phase: Row, cost: Row,
) -> int:  # fmt: skip
    """The least that net u costs a tree that wants a phase of it, the rest being as it is."""
    if u >= inputs and root[u - inputs] == tree:
        here = 2 * (u - inputs)
        return min(cost[here + wanted], cost[here + 1 - wanted] + weight[u])
    if wanted == phase[u] or _cut(u, weight, size, ones, phase) > 0:
        return 0
    return weight[u]


def _around(
    begin: int, end: int, inputs: int, a: Row, b: Row, member: Row, weight: Row, size: Row,
    ones: Row, phase: Row, mark: Row, stamp: int,
) -> int:  # fmt: skip
    """What the nets of a tree and those it reads cost now, a net once."""
    total = _cut(inputs + member[end - 1], weight, size, ones, phase)
    for at in range(begin, end):
        for side in range(2):
            u = b[member[at]] if side else a[member[at]]
            if mark[u] != stamp:
                mark[u] = stamp
                total += _cut(u, weight, size, ones, phase)
    return total


@loop(_cut, _read, _edge, _around)
def _label(
    inputs: int, rounds: int, seed: int, heat: int, heavy: int, a: Row, b: Row, is_xor: Row,
    first: Row, second: Row, reader: Row, weight: Row, size: Row, ones: Row,
    phase: Row, want: Row, root: Row, start: Row, member: Row, cost: Row, old: Row,
    mark: Row,
) -> None:  # fmt: skip
    """``size`` counts all that read a net, ``ones`` those that want its complement; outputs are
    in both at the start, of gates the number only."""
    gates = len(a)
    for g in range(gates):
        size[a[g]] -= 1
        size[b[g]] -= 1
    for g in range(gates):
        _read(g, 1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
    # the members of each tree, in ascending order
    for g in range(gates - 1, -1, -1):
        if reader[inputs + g] >= 0:
            root[g] = root[reader[inputs + g]]
        start[root[g] + 1] += 1
    for g in range(gates):
        start[g + 1] += start[g]
    for g in range(gates):
        member[start[root[g]]] = g
        start[root[g]] += 1
    for g in range(gates, 0, -1):
        start[g] = start[g - 1]
    start[0] = 0
    # single gates
    for turn in range(rounds):
        noise = heat * heavy * (rounds - 1 - turn) // rounds
        for g in range(gates):
            v = inputs + g
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            kind = (seed >> 16) % 3 if is_xor[g] else 0
            gain = _cut(v, weight, size, ones, phase)
            gain += _cut(a[g], weight, size, ones, phase) + _cut(b[g], weight, size, ones, phase)
            for attempt in range(2):
                _read(g, -1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
                # of an XOR gate: what it stores and wants first, what it stores and wants
                # second, what it wants of both
                if kind != 2:
                    phase[v] ^= 1
                if is_xor[g] and kind != 1:
                    want[g] ^= 1
                _read(g, 1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
                if attempt == 1:
                    break
                gain -= _cut(v, weight, size, ones, phase)
                gain -= _cut(a[g], weight, size, ones, phase)
                gain -= _cut(b[g], weight, size, ones, phase)
                seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
                if gain * 64 + (seed >> 8) % (noise + 1) >= 0:
                    break
    # whole trees
    stamp = 0
    for _ in range(SWEEPS):
        won = 0
        for tree in range(gates):
            begin, end = start[tree], start[tree + 1]
            if begin == end:
                continue
            stamp += 2
            before = _around(
                begin, end, inputs, a, b, member, weight, size, ones, phase, mark, stamp,
            )  # fmt: skip
            for at in range(begin, end):
                g = member[at]
                old[g] = 2 * phase[inputs + g] + want[g]
                _read(g, -1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
            for at in range(begin, end):
                g = member[at]
                for own in range(2):
                    for option in range(2 if is_xor[g] else 1):
                        one, other = first[g] ^ own, second[g] ^ own
                        if is_xor[g]:
                            one, other = option, second[g] ^ own ^ option
                        found = _edge(
                            a[g], one, tree, inputs, root, weight, size, ones, phase, cost
                        ) + _edge(
                            b[g], other, tree, inputs, root, weight, size, ones, phase, cost
                        )  # fmt: skip
                        if option == 0 or found < cost[2 * g + own]:
                            cost[2 * g + own] = found
            # the root's own readers, then down the tree: each node the cheaper phase
            v = inputs + tree
            held = phase[v]
            phase[v] = 0
            zero = cost[2 * tree] + _cut(v, weight, size, ones, phase)
            phase[v] = 1
            one = cost[2 * tree + 1] + _cut(v, weight, size, ones, phase)
            if zero != one:
                held = one < zero
            phase[v] = held
            for at in range(end - 1, begin - 1, -1):
                g = member[at]
                own = phase[inputs + g]
                if is_xor[g]:
                    least = -1
                    for option in range(2):
                        found = _edge(
                            a[g], option, tree, inputs, root, weight, size, ones, phase, cost
                        ) + _edge(
                            b[g], second[g] ^ own ^ option, tree, inputs, root, weight, size, ones,
                            phase, cost,
                        )  # fmt: skip
                        if least < 0 or found < least:
                            least, want[g] = found, option
                    other = second[g] ^ own ^ want[g]
                else:
                    want[g] = first[g] ^ own
                    other = second[g] ^ own
                for side in range(2):
                    u = b[g] if side else a[g]
                    wanted = other if side else want[g]
                    if u >= inputs and root[u - inputs] == tree:
                        here = 2 * (u - inputs)
                        cheaper = cost[here + wanted] <= cost[here + 1 - wanted] + weight[u]
                        phase[u] = wanted if cheaper else 1 - wanted
            for at in range(begin, end):
                _read(member[at], 1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
            after = _around(
                begin, end, inputs, a, b, member, weight, size, ones, phase, mark, stamp + 1,
            )  # fmt: skip
            won += before - after
            if after > before:
                # some net is read by two of its gates: what each of them was told did not add up
                won -= before - after
                for at in range(begin, end):
                    g = member[at]
                    _read(g, -1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
                for at in range(begin, end):
                    g = member[at]
                    phase[inputs + g], want[g] = old[g] >> 1, old[g] & 1
                for at in range(begin, end):
                    g = member[at]
                    _read(g, 1, inputs, first, second, is_xor, a, b, size, ones, phase, want)
        if won == 0:
            break
