"""Merging pairs of nets one after another, each tried on the class scores of all samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..evaluation import Planes, unpack_planes
from ..loops import Row, loop
from ..netlist import Netlist
from ..surgery import arity
from ..words import BIT, DE_BRUIJN, POSITIVE
from .candidates import Ints, Pairs

CHANGED = 128
"""Most gates that may change with one; with more it stays."""


@dataclass(frozen=True, eq=False)
class Task:
    """What class scores are made of, and what they should be.

    Attributes:
        group, weight: class and weight of each output of the netlist, int64 ``(outputs,)``.
        offset: score of each class when all outputs are 0, int64 ``(classes,)``.
        label: right class of each sample, int64 ``(samples,)``.
    """

    group: Ints
    weight: Ints
    offset: Ints
    label: Ints

    @property
    def classes(self) -> int:
        return len(self.offset)

    def scores(self, outputs: Planes) -> Ints:
        """Class scores from planes of the outputs, int64 ``(samples, classes)``."""
        scores = np.tile(self.offset, (len(self.label), 1))
        for number in range(self.classes):
            own = np.flatnonzero(self.group == number)
            for at in range(0, len(own), 64):
                some = own[at : at + 64]
                bits = unpack_planes(outputs[some], len(self.label))
                scores[:, number] += bits.astype(np.int32) @ self.weight[some].astype(np.int32)
        return scores

    def lacks(self, scores: Ints, margin: int) -> Ints:
        """What the right class of each sample lacks to lead by ``margin``, int64 ``(samples,)``."""
        every = np.arange(len(self.label))
        lead = scores[every, self.label][:, None] - scores
        lead -= np.arange(self.classes) < self.label[:, None]  # the first of equal scores wins
        lead[every, self.label] = margin
        return np.maximum(margin - lead.min(axis=1, initial=margin), 0)


def merge(net: Netlist, value: Planes, task: Task, pairs: Pairs, margin: int) -> Netlist:
    """The netlist with those pairs merged that cost nothing, tried in their order.

    A sample costs what its right class lacks to lead all others by ``margin``; a merge may cost
    some samples what it saves others. The result is not swept.

    Args:
        value: as for `pairs_alike`; it is changed to what the result gives.
    """
    k, edges = net.k, net.gates * net.k
    source = np.concatenate([net.fanin.ravel(), net.outputs]).astype(np.int64)
    idle = (np.arange(k) >= arity(net)[:, None]).ravel()
    flip = np.zeros(len(source), np.int64)
    head, after = _lists(source, np.append(~idle, np.ones(len(net.outputs), np.bool_)), net.nets)
    used = np.bincount(source[:edges][~idle], minlength=net.nets + 1)
    used += np.bincount(net.outputs, minlength=net.nets + 1)
    used[: net.inputs] += 1
    used[net.nets] = 1
    words, samples, n = value.shape[1], len(task.label), net.nets + 1
    scores = task.scores(value[net.outputs])
    _greedy(
        len(pairs.gate) * words * 50, net.inputs, k, words, task.classes, margin,
        net.table.view(np.int64), idle.astype(np.int64), source, flip, head, after, used,
        value.view(np.int64).reshape(-1), task.group, task.weight, task.label, scores.ravel(),
        pairs.gate, pairs.net, pairs.phase,
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros((CHANGED + 2) * words, np.int64),
        np.zeros(8 * CHANGED, np.int64), np.zeros(samples * task.classes, np.int64),
        *(np.zeros(samples, np.int64) for _ in range(3)), task.lacks(scores, margin),
        np.zeros(net.nets, np.int64),
        BIT,
    )  # fmt: skip
    return _rebuilt(net, source, flip)


def _lists(source: Ints, real: NDArray[np.bool_], nets: int) -> tuple[Ints, Ints]:
    """Linked lists of the edges that read each net: the first of each, and what follows each."""
    order = np.flatnonzero(real)[np.argsort(source[real], kind="stable")]
    ordered = source[order]
    fresh = np.append(True, ordered[1:] != ordered[:-1]) if len(order) else np.zeros(0, np.bool_)
    head, after = np.full(nets + 1, -1, np.int64), np.full(len(source), -1, np.int64)
    head[ordered[fresh]] = order[fresh]
    after[order[:-1][~fresh[1:]]] = order[1:][~fresh[1:]]
    return head, after


def _rebuilt(net: Netlist, source: Ints, flip: Ints) -> Netlist:
    """The netlist with its edges as they are now; outputs get wires where they need them."""
    k, edges = net.k, net.gates * net.k
    fanin, turned = source[:edges].reshape(-1, k), flip[:edges].reshape(-1, k)
    table = net.table
    for i in range(k):
        table = np.where(turned[:, i] > 0, tables.flip(table, k, i), table)
        table = np.where(fanin[:, i] == net.nets, tables.cofactor(table, k, i, 0), table)
    fanin = np.where(fanin == net.nets, 0, fanin)
    outputs, turned = source[edges:], flip[edges:] > 0
    special = np.flatnonzero(turned | (outputs == net.nets))
    constant = outputs[special] == net.nets
    word = np.where(constant, np.uint64(0), tables.variable(k, 0))
    word = np.where(turned[special], word ^ tables.ones(k), word)
    wires = np.repeat(np.where(constant, 0, outputs[special])[:, None], k, axis=1)
    outputs[special] = net.nets + np.arange(len(special))
    return Netlist(
        net.inputs, np.concatenate([table, word]), np.concatenate([fanin, wires]), outputs
    )


def _cost(score: Row, delta: Row, label: Row, s: int, classes: int, margin: int) -> int:
    """What the right class of a sample would lack; the first class of equal scores wins."""
    right = label[s]
    base = s * classes
    own = score[base + right] + delta[base + right]
    lacks = 0
    for c in range(classes):
        if c != right:
            lead = own - score[base + c] - delta[base + c]
            if c < right:
                lead -= 1
            lacks = max(lacks, margin - lead)
    return lacks


def _release(inputs: int, k: int, source: Row, idle: Row, used: Row, stack: Row, net: int) -> None:
    """One reader less of a net; gates that nobody reads let go of what they read."""
    used[net] -= 1
    stack[0] = net
    top = 1 if used[net] == 0 and net >= inputs else 0
    while top > 0:
        top -= 1
        g = stack[top] - inputs
        for e in range(g * k, g * k + k):
            u = source[e]
            if not idle[e]:
                used[u] -= 1
                if used[u] == 0 and u >= inputs:
                    stack[top] = u
                    top += 1


@loop(_cost, _release)
def _greedy(
    inputs: int, k: int, words: int, classes: int, margin: int,
    table: Row, idle: Row, source: Row, flip: Row, head: Row, after: Row, used: Row, value: Row,
    group: Row, weight: Row, label: Row, score: Row, gate: Row, other: Row, phase: Row,
    mark: Row, slot: Row, changed: Row, todo: Row, delta: Row, touched: Row, sample: Row,
    fresh: Row, lack: Row, stack: Row, bit: Row,
) -> None:  # fmt: skip
    """``changed`` holds the new planes of nets, ``todo`` gates that read one, rising; ``lack`` what
    each sample costs, ``fresh`` what those would cost that a merge touches."""
    edges = len(table) * k
    samples = len(label)
    entries = 1 << k
    for number in range(len(gate)):
        v, r = gate[number], other[number]
        if used[v] == 0 or used[r] == 0:
            continue
        now = number + 1
        mark[v] = now
        slot[v] = 0
        for w in range(words):
            changed[w] = value[r * words + w] ^ -phase[number]
        # padding stays 0
        if samples & 63 and phase[number]:
            changed[words - 1] &= (1 << (samples & 63)) - 1
        count, waiting, at, fits = 1, 0, 0, 1
        touches = 0
        x = v
        while True:
            # x has changed: who reads it?
            e = head[x]
            while e >= 0:
                if e < edges:
                    g = inputs + e // k
                    place = waiting
                    while place > at and todo[place - 1] > g:
                        place -= 1
                    if used[g] > 0 and not (place > at and todo[place - 1] == g):
                        if waiting == len(todo):
                            fits = 0
                            break
                        for i in range(waiting, place, -1):
                            todo[i] = todo[i - 1]
                        todo[place] = g
                        waiting += 1
                else:
                    o = e - edges
                    for w in range(words):
                        new = changed[slot[x] * words + w]
                        diff = new ^ value[x * words + w]
                        while diff != 0:
                            b = 63
                            if diff > 0:
                                low = diff & -diff
                                diff ^= low
                                b = bit[low * DE_BRUIJN >> 58 & 63]
                            else:
                                diff &= POSITIVE
                            s = w * 64 + b
                            if touched[s] != now:
                                touched[s] = now
                                sample[touches] = s
                                touches += 1
                            up = (new >> b & 1) ^ flip[e]
                            d = s * classes + group[o]
                            delta[d] += weight[o] if up else -weight[o]
                e = after[e]
            # the next gate that reads a change, and changes itself
            moved = 0
            while at < waiting and moved == 0 and fits:
                g = todo[at] - inputs
                at += 1
                if count > CHANGED:
                    fits = 0
                    break
                base = count * words
                for w in range(words):
                    word = 0
                    for entry in range(entries):
                        if table[g] >> (entries - 1 - entry) & 1:
                            term = -1
                            for j in range(k):
                                e = g * k + j
                                u = source[e]
                                y = value[u * words + w]
                                if mark[u] == now:
                                    y = changed[slot[u] * words + w]
                                y ^= -flip[e]
                                term &= y if entry >> (k - 1 - j) & 1 else ~y
                            word |= term
                    changed[base + w] = word
                if samples & 63:
                    changed[base + words - 1] &= (1 << (samples & 63)) - 1
                for w in range(words):
                    moved |= changed[base + w] ^ value[(inputs + g) * words + w]
                if moved != 0:
                    x = inputs + g
                    mark[x] = now
                    slot[x] = count
                    count += 1
            if moved == 0 or not fits:
                break
        cost = 0
        if fits:
            for i in range(touches):
                fresh[i] = _cost(score, delta, label, sample[i], classes, margin)
                cost += fresh[i] - lack[sample[i]]
        take = fits and cost <= 0
        for i in range(touches):
            base = sample[i] * classes
            if take:
                lack[sample[i]] = fresh[i]
            for c in range(classes):
                if take:
                    score[base + c] += delta[base + c]
                delta[base + c] = 0
        if not take:
            continue
        for i in range(at):
            if mark[todo[i]] == now:
                for w in range(words):
                    value[todo[i] * words + w] = changed[slot[todo[i]] * words + w]
        # all that read v read r now
        e = head[v]
        last = -1
        while e >= 0:
            source[e] = r
            flip[e] ^= phase[number]
            if e >= edges or used[inputs + e // k] > 0:
                used[r] += 1
            last = e
            e = after[e]
        if last >= 0:
            after[last] = head[r]
            head[r] = head[v]
            head[v] = -1
        used[v] = 1
        _release(inputs, k, source, idle, used, stack, v)
