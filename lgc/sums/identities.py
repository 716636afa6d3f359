"""Identities that only sums see: gates over one pair of nets as fewer terms.

Over numbers every gate of two nets is f = c + p·a + q·b + r·ab, so all terms of a class over one
pair, a and b among them, add up to one such expression. It is written again in the fewest bits:

    a∧b + a∨b = a + b        a⊕b + 2(a∧b) = a + b        a − a∧b = a∧¬b
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from .. import tables
from ..netlist import Netlist
from ..surgery import arity
from .terms import Terms, merged

Pair = tuple[int, int]
BIT = 2
"""Cost of a bit in a sum, in gates: a full adder takes away one."""

_BOTH = [t for t in range(16) if all(tables.depends(np.uint64(t), 2, i) for i in range(2))]
"""Tables that depend on both fan-ins."""


def simplify(net: Netlist, terms: Terms) -> tuple[Netlist, Terms]:
    """Fewer terms, or terms of fewer bits, with the same sums; gates may be appended.

    Args:
        net: tidy.
    """
    gates = _Pairs(net)
    sums: list[dict[int, int]] = [{} for _ in terms.offset]
    for one, group, weight in zip(terms.net.tolist(), terms.group.tolist(), terms.weight.tolist()):
        sums[group][one] = weight
    offset = terms.offset.tolist()
    for group, weights in enumerate(sums):
        changed = True
        while changed:
            changed = False
            for pair in gates.shared(weights):
                gain = _rewrite(gates, weights, pair)
                changed |= gain is not None
                offset[group] += gain or 0
    rows = [(one, group, weight) for group, row in enumerate(sums) for one, weight in row.items()]
    table = np.array(rows, np.int64).reshape(-1, 3)
    result = merged(table[:, 0], table[:, 1], table[:, 2], np.array(offset, np.int64))
    return gates.netlist(), result


class _Pairs:
    """The gates of two fan-ins by what they read; grows by gates that identities need."""

    def __init__(self, net: Netlist) -> None:
        self.net = net
        small = np.flatnonzero(arity(net) == 2)
        table = tables.narrow(net.table[small], net.k, 2)
        first, second = net.fanin[small, 0], net.fanin[small, min(1, net.k - 1)]
        turned = np.where(first > second, tables.swap(table, 2, 0, 1), table)
        pairs = zip(np.minimum(first, second).tolist(), np.maximum(first, second).tolist())
        self.gate = dict(zip((small + net.inputs).tolist(), zip(turned.tolist(), pairs)))
        self.found = {key: gate for gate, key in self.gate.items()}
        self.over: defaultdict[Pair, list[int]] = defaultdict(list)
        for gate, (_, pair) in self.gate.items():
            self.over[pair].append(gate)
        self.added: list[tuple[int, Pair]] = []

    def shared(self, weights: dict[int, int]) -> list[Pair]:
        """Pairs over which a class has at least two terms, of which one is a gate."""
        count: dict[Pair, int] = defaultdict(int)
        for net in weights:
            if net in self.gate:
                count[self.gate[net][1]] += 1
        return sorted(
            pair
            for pair, gates in count.items()
            if gates + (pair[0] in weights) + (pair[1] in weights) > 1
        )

    def net_of(self, table: int, pair: Pair) -> int:
        """The gate that computes a table of a pair."""
        key = (table, pair)
        if key not in self.found:
            new = self.net.nets + len(self.added)
            self.added.append(key)
            self.found[key], self.gate[new] = new, key
            self.over[pair].append(new)
        return self.found[key]

    def netlist(self) -> Netlist:
        net = self.net
        if not self.added:
            return net
        table = tables.widen(np.array([one for one, _ in self.added], np.uint64), 2, net.k)
        fanin = np.array([pair for _, pair in self.added], np.int32)
        fanin = np.concatenate([fanin, np.repeat(fanin[:, :1], net.k - 2, axis=1)], axis=1)
        return Netlist(
            net.inputs,
            np.concatenate([net.table, table]),
            np.concatenate([net.fanin, fanin]),
            net.outputs,
        )


@cache
def _polynomial(table: int) -> tuple[int, int, int, int]:
    """Coefficients of 1, a, b and ab."""
    none, b, a, both = (table >> place & 1 for place in (3, 2, 1, 0))
    return none, a - none, b - none, both - a - b + none


def _rewrite(gates: _Pairs, weights: dict[int, int], pair: Pair) -> int | None:
    """Write the terms of a pair again if that is cheaper; what the offset gains, or None."""
    first, second = pair
    old = {net: weights[net] for net in gates.over[pair] if net in weights}
    total = [0, weights.get(first, 0), weights.get(second, 0), 0]
    for net, weight in old.items():
        for place, value in enumerate(_polynomial(gates.gate[net][0])):
            total[place] += weight * value
    before = _cost([weights.get(first, 0), weights.get(second, 0)], list(old.values()))
    choices: list[tuple[int, bool, int, int]] = []
    for table in _BOTH if total[3] else []:
        own = _polynomial(table)
        if total[3] % own[3] == 0:
            times = total[3] // own[3]
            rest = [total[place] - times * own[place] for place in (1, 2)]
            new = (table, pair) not in gates.found
            choices.append((_cost(rest, [times]), new, table, times))
    if not total[3]:
        choices.append((_cost(total[1:3], []), False, -1, 0))
    after, _, table, times = min(choices)
    if after >= before:
        return None
    for net in old:
        del weights[net]
    constant = total[0]
    rest = total[1:3]
    if table >= 0:
        own = _polynomial(table)
        weights[gates.net_of(table, pair)] = times
        constant -= times * own[0]
        rest = [total[place] - times * own[place] for place in (1, 2)]
    for net, weight in zip(pair, rest):
        weights.pop(net, None)
        if weight:
            weights[net] = weight
    return constant


def _cost(wires: list[int], gates: list[int]) -> int:
    """Of terms with these weights."""
    return BIT * sum(abs(weight).bit_count() for weight in wires + gates) + len(gates)
