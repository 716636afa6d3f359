"""Don't-cares: what cannot occur, or is never seen, makes gates superfluous.

Random vectors that can occur say which nets may be alike; windows (see `lgc.window_proofs`) prove
it, one gate after another, each in the circuit as it then is. A gate becomes a constant, or its
readers read another net, complemented or not. What no window proves stays as it is: nets that are
equal for reasons that lie further apart are left to satisfiability.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import tables
from .facts import Facts
from .loops import Loop, Row, loop
from .netlist import Netlist
from .sharing import sweep
from .surgery import keep, live_gates
from .window_proofs import BLOCK, HELPERS, LEAVES, MEMBERS, readers, replaceable

Ints = NDArray[np.int64]

WORDS, PIECE = 64, 16
"""Random vectors that tell nets apart, in words of 64, and how many words are held at once."""

WATCHED = 32
"""Words of random vectors on which it is looked for who sees a gate; at most BLOCK."""

TRIES = 4
"""A gate is compared with so many nets that look like it, besides those it reads."""

ROUNDS = 20
"""A gate that goes makes other windows smaller, so the search is repeated until it finds nothing;
two rounds find all but a few."""

STEPS = 20_000
"""About what one candidate costs."""


def simplify(net: Netlist, facts: Facts, leaves: int, depth: int, seed: int = 0) -> Netlist:
    """The netlist without gates that windows show to be superfluous; itself where there are none.

    Args:
        facts: about its inputs.
        leaves: most leaves of a window, up to `window_proofs.LEAVES`; one more takes twice as long.
        depth: up to which distance readers of a gate are asked whether they see it; 0: none.
        seed: of the random vectors.
    """
    for _ in range(ROUNDS):
        before = net
        net = _round(net, facts, leaves, 0, seed)
        if depth:
            net = _round(net, facts, leaves, depth, seed)
        if net is before:
            break
    return net


def _round(net: Netlist, facts: Facts, leaves: int, depth: int, seed: int) -> Netlist:
    if not net.gates:
        return net
    work = _Work(net, facts)
    random = np.random.default_rng(seed)
    if depth == 0:
        kind, phase = _alike(net, facts, random)
        chain = [np.full(net.nets + 1, -1, np.int64) for _ in range(3)]
        work.run(_merge, int((kind >= 0).sum()), leaves, kind, phase, *chain)
    else:
        wish = work.wishes(facts, random)
        work.run(_hide, int((wish > 0).sum()), leaves, depth, wish)
    return work.finish()


class _Work:
    """The arrays that loops over windows share; `lgc.window_proofs` explains their names."""

    def __init__(self, net: Netlist, facts: Facts) -> None:
        self.net, nets, k = net, net.nets, net.k
        fanin = net.fanin.astype(np.int64).ravel()
        owner = np.repeat(np.arange(net.inputs, nets), k)
        start = np.concatenate([[0], np.cumsum(np.bincount(fanin, minlength=nets))])
        self.to, self.flip = _known_inputs(net, facts)
        states = facts.states
        marks = [np.zeros(nets + 1, np.int64) for _ in range(5)]
        values = [np.zeros((2 + LEAVES + 2 * MEMBERS) * BLOCK, np.int64) for _ in range(2)]
        rows = [np.zeros(LEAVES + k + 1, np.int64) for _ in range(4)]
        self.graph: tuple[Any, ...] = (
            net.inputs, k, net.table.view(np.int64), fanin, self.to, self.flip,
            start, owner[np.argsort(fanin, kind="stable")],
            np.bincount(net.outputs, minlength=nets),
        )  # fmt: skip
        self.window: tuple[Any, ...] = (
            states.variable, states.low, states.high, states.size, np.zeros(1, np.int64), *marks,
            rows[0], np.zeros(2 * MEMBERS, np.int64), *rows[1:], np.zeros(2 * LEAVES + 2, np.int64),
            _PATTERN, *values,
        )  # fmt: skip

    def run(self, settle: Loop, candidates: int, leaves: int, *more: Any) -> None:
        settle(candidates * STEPS, *self.graph, *self.window, leaves, *more)

    def wishes(self, facts: Facts, random: np.random.Generator) -> Ints:
        """What each gate might become as far as random vectors tell, see `_watch`."""
        net = self.net
        wish = np.zeros(net.nets, np.int64)
        value = _all_nets(net).evaluate(facts.planes(WATCHED, random)).view(np.int64).ravel()
        scratch = self.window[4:10] + self.window[11:12] + self.window[-1:]
        _watch(
            net.gates * WATCHED * 20, *self.graph, *scratch, WATCHED, value,
            np.zeros(WATCHED, np.int64), wish,
        )  # fmt: skip
        return wish

    def finish(self) -> Netlist:
        """The netlist with what loops have settled; itself where that is nothing."""
        net, k = self.net, self.net.k
        table, fanin = net.table, net.fanin.copy()
        gone = self.to[: net.nets] != np.arange(net.nets)
        read = np.stack([tables.depends(table, k, i) for i in range(k)], axis=1)
        if not gone[net.inputs :].any() and not (gone[fanin] & read).any():
            return net
        for i in range(k):
            f = fanin[:, i]
            table = np.where(self.flip[f] > 0, tables.flip(table, k, i), table)
            constant = self.to[f] == net.nets
            table = np.where(constant, tables.cofactor(table, k, i, 0), table)
            fanin[:, i] = np.where(constant, 0, self.to[f])
        own = np.arange(net.inputs, net.nets)[gone[net.inputs :]]  # outputs still name them
        wire, phase = self.to[own], self.flip[own] > 0
        word = np.where(wire == net.nets, np.uint64(0), tables.variable(k, 0))
        table[own - net.inputs] = np.where(phase, word ^ tables.ones(k), word)
        fanin[own - net.inputs] = np.where(wire == net.nets, 0, wire)[:, None]
        swept = sweep(Netlist(net.inputs, table, fanin, net.outputs), share=True)
        made = keep(swept, live_gates(swept))
        return net if made == net else made  # inverters of outputs are found every time


_PATTERN = np.array(
    [sum(1 << s for s in range(64) if s >> p & 1) for p in range(6)], np.uint64
).view(np.int64)
"""Bit p of the number of each of 64 vectors."""


def _all_nets(net: Netlist) -> Netlist:
    return Netlist(net.inputs, net.table, net.fanin, np.arange(net.nets))


def _known_inputs(net: Netlist, facts: Facts) -> tuple[Ints, Ints]:
    """What inputs are by the facts alone: constants, or equal to an earlier one or its complement.

    Both are int64 ``(nets + 1,)``, the last place for the constant.
    """
    states, n = facts.states, net.inputs
    size = states.size[states.variable]
    constant = (states.low >= states.high) | ((states.low == 0) & (states.high == size))
    turned = (states.low == 0) & ~constant  # the complement of 0 ≤ s < h is h ≤ s < size
    low = np.where(turned, states.high, states.low)
    high = np.where(turned, size, states.high)
    key = np.stack([states.variable, low, high], axis=1)
    _, first, name = np.unique(key, axis=0, return_index=True, return_inverse=True)
    to, flip = np.arange(net.nets + 1), np.zeros(net.nets + 1, np.int64)
    to[:n] = first[name.reshape(-1)]
    flip[:n] = turned ^ turned[to[:n]]
    to[:n][constant], flip[:n][constant] = net.nets, (states.low < states.high)[constant]
    return to, flip


def _alike(net: Netlist, facts: Facts, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Nets that random vectors do not tell apart: int64 ``(nets,)``, a number for each class.

    0 is the class of constants, -1 a net without others like it. The second row says which nets
    are complements of what their class has in common.
    """
    every, mark = _all_nets(net), np.zeros((2, net.nets), np.uint64)
    phase = np.zeros(0, np.bool_)
    for _ in range(0, WORDS, PIECE):
        value = every.evaluate(facts.planes(PIECE, random))
        phase = phase if len(phase) else (value[:, 0] & np.uint64(1)).astype(np.bool_)
        value[phase] = ~value[phase]
        for row in mark:  # a random linear function, modulo 2**64
            row += value @ (
                random.integers(0, 1 << 63, PIECE, np.uint64) * np.uint64(2) + np.uint64(1)
            )
    order = np.lexsort((mark[0], mark[1]))
    ordered = mark[:, order]
    fresh = np.append(True, (ordered[:, 1:] != ordered[:, :-1]).any(axis=0))
    name = np.empty(net.nets, np.int64)
    name[order] = np.cumsum(fresh)
    alone = np.bincount(name)[name] == 1
    constant = ~mark.any(axis=0)
    return np.where(constant, 0, np.where(alone, -1, name)), phase.astype(np.int64)


def _try(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, start: Row, reader: Row,
    leaving: Row, variable: Row, low: Row, high: Row, size: Row, stamp: Row, seen: Row,
    inner: Row, beyond: Row, level: Row, slot: Row, leaves: Row, members: Row, place: Row,
    bits: Row, digits: Row, breaks: Row, pattern: Row, value: Row, other: Row,
    g: int, r: int, phase: int, depth: int, most: int,
) -> int:  # fmt: skip
    """Replaces g by r if that is proved, in windows of more and more leaves."""
    limit = min(8, most)
    while True:
        proved = replaceable(
            inputs, k, table, fanin, to, flip, start, reader, leaving, variable, low, high, size,
            stamp, seen, inner, beyond, level, slot, leaves, members, place, bits, digits, breaks,
            pattern, value, other, g, r, phase, depth, limit,
        )  # fmt: skip
        if proved == 1:
            to[g], flip[g] = r, phase
            return 1
        if limit == most or (proved < 0 and depth == 0):
            return 0
        limit = min(limit + 4, most)


@loop(*HELPERS, _try)
def _merge(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, start: Row, reader: Row,
    leaving: Row, variable: Row, low: Row, high: Row, size: Row, stamp: Row, seen: Row,
    inner: Row, beyond: Row, level: Row, slot: Row, leaves: Row, members: Row, place: Row,
    bits: Row, digits: Row, breaks: Row, pattern: Row, value: Row, other: Row,
    most: int, kind: Row, phase: Row, first: Row, last: Row, after: Row,
) -> None:  # fmt: skip
    """Merges nets that are alike; ``first``, ``last``, ``after`` list what stays of a class."""
    nets = len(kind)
    for v in range(nets):
        c = kind[v]
        if c < 0 or to[v] != v:
            continue
        done = 0
        if v >= inputs and c == 0:
            done = _try(
                inputs, k, table, fanin, to, flip, start, reader, leaving, variable, low, high,
                size, stamp, seen, inner, beyond, level, slot, leaves, members, place, bits,
                digits, breaks, pattern, value, other, v, nets, phase[v], 0, most,
            )  # fmt: skip
        # what it reads first, then the others
        u = first[c]
        tries = 0
        while v >= inputs and not done and tries < k + TRIES:
            r = u
            if tries < k:
                r = to[fanin[(v - inputs) * k + tries]]
                if r == nets or kind[r] != c:
                    r = -1
            elif u >= 0:
                u = after[u]
            if r >= 0:
                done = _try(
                    inputs, k, table, fanin, to, flip, start, reader, leaving, variable, low,
                    high, size, stamp, seen, inner, beyond, level, slot, leaves, members, place,
                    bits, digits, breaks, pattern, value, other, v, r, phase[v] ^ phase[r], 0,
                    most,
                )  # fmt: skip
            tries += 1
        if not done:
            if first[c] < 0:
                first[c] = v
            else:
                after[last[c]] = v
            last[c] = v


@loop(*HELPERS, _try)
def _hide(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, start: Row, reader: Row,
    leaving: Row, variable: Row, low: Row, high: Row, size: Row, stamp: Row, seen: Row,
    inner: Row, beyond: Row, level: Row, slot: Row, leaves: Row, members: Row, place: Row,
    bits: Row, digits: Row, breaks: Row, pattern: Row, value: Row, other: Row,
    most: int, depth: int, wish: Row,
) -> None:  # fmt: skip
    """Fulfils wishes that nobody sees."""
    nets = len(wish)
    for v in range(inputs, nets):
        done = 0
        for choice in range(2 + 2 * k):
            if wish[v] >> choice & 1:
                r = nets
                if choice >= 2:
                    r = to[fanin[(v - inputs) * k + (choice - 2) // 2]]
                    if r == nets:
                        continue
                turned = choice & 1
                if choice >= 2:
                    turned ^= flip[fanin[(v - inputs) * k + (choice - 2) // 2]]
                for far in range(1, depth + 1):
                    if not done:
                        done = _try(
                            inputs, k, table, fanin, to, flip, start, reader, leaving, variable,
                            low, high, size, stamp, seen, inner, beyond, level, slot, leaves,
                            members, place, bits, digits, breaks, pattern, value, other, v, r,
                            turned, far, most,
                        )  # fmt: skip


@loop(readers)
def _watch(
    inputs: int, k: int, table: Row, fanin: Row, to: Row, flip: Row, start: Row, reader: Row,
    leaving: Row, stamp: Row, seen: Row, inner: Row, beyond: Row, level: Row, slot: Row,
    members: Row, other: Row, words: int, value: Row, care: Row, wish: Row,
) -> None:  # fmt: skip
    """Which outputs see a gate, on some vectors: bit 0 and 1 of ``wish``: it might be constant 0
    or 1; then two bits for each fan-in: that net, its complement."""
    entries = 1 << k
    for g in range(inputs, len(wish)):
        stamp[0] += 1
        mark = stamp[0]
        members[0] = g
        count = readers(
            inputs, k, fanin, to, start, reader, seen, inner, beyond, level, members, mark, g,
            len(wish),
        )  # fmt: skip
        if count == 0:
            continue
        for w in range(words):
            other[w] = ~value[g * words + w]
            care[w] = -1 if leaving[g] else 0
        slot[g] = 0
        for i in range(1, count):
            v = members[i]
            slot[v] = i
            for w in range(words):
                word = 0
                for entry in range(entries):
                    if table[v - inputs] >> (entries - 1 - entry) & 1:
                        term = -1
                        for j in range(k):
                            u = fanin[(v - inputs) * k + j]
                            bit = value[u * words + w]
                            if beyond[u] == mark:
                                bit = other[slot[u] * words + w]
                            term &= bit if entry >> (k - 1 - j) & 1 else ~bit
                        word |= term
                other[i * words + w] = word
                if leaving[v]:
                    care[w] |= word ^ value[v * words + w]
        wished = 0
        for choice in range(2 + 2 * k):
            wrong = 0
            for w in range(words):
                word = 0
                if choice >= 2:
                    word = value[fanin[(g - inputs) * k + (choice - 2) // 2] * words + w]
                wrong |= care[w] & (value[g * words + w] ^ word ^ -(choice & 1))
                if wrong != 0:
                    break
            if wrong == 0:
                wished |= 1 << choice
        wish[g] = wished
