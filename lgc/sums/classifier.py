"""The whole classifier as one circuit: gates, class sums and the comparison of scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..netlist import Netlist
from ..sharing import sweep
from ..surgery import arity, narrow, restrict, tidy, widen
from .adders import Ints, add_up
from .arithmetic import Gates, Number, argmax, raised
from .terms import Terms, Weights, collect

What = OneOf["scores", "class"]


@dataclass(frozen=True, eq=False)
class Classifier:
    """A circuit that ends in numbers.

    Attributes:
        net: its outputs are the bits of the numbers, the least significant first: per class those
            of the score, or those of the class.
        sizes: bits of each number.
        signed: the numbers are two's complement, all of one size.
    """

    net: Netlist
    sizes: tuple[int, ...]
    signed: bool = False

    @property
    def weight(self) -> Ints:
        """What each output counts in its number, int64: a power of two, that of a sign negative."""
        weight = 1 << np.concatenate([np.arange(size) for size in self.sizes])
        if self.signed:
            weight[np.cumsum(self.sizes) - 1] *= -1
        return weight


def classifier(net: Netlist, sums: Weights, what: What, length: int = 0) -> Classifier:
    """Class sums, and for ``class`` the first class with the largest score, as gates.

    Args:
        net: the gates behind the sums.
        sums: over its outputs.
        what: ``scores`` or ``class``.
        length: see `lgc.sums.adders.add_up`.

    Returns:
        A circuit of three fan-ins, or as many as a gate behind the sums depends on, without twins
        or dead gates; a class is a number of
        ``(classes - 1).bit_length()`` bits, at least one.
    """
    net = tidy(widen(net, 3)) if net.k <= 3 else narrow(net, 3) or tidy(net)
    terms = collect(net, sums)
    literal, weight, offset = terms.positive
    table, fanin, nets = list[tables.Tables](), list[NDArray[np.int32]](), net.nets
    size = _size(terms, offset) if what == "scores" and offset.min() < 0 else 0
    if what == "class":
        offset = offset - offset.min()
    pairing = _Pairing(net, terms)
    scores: list[Number] = []
    for group, more in enumerate(np.maximum(offset, 0).tolist()):
        own = terms.group == group
        added = add_up(nets, literal[own], weight[own], more, pairing.order, length)
        table.append(added.table.astype(np.uint64))
        fanin.append(added.fanin.astype(np.int32))
        scores.append(added.number)
        nets += len(added.table)
    gates = Gates(nets)
    if what == "class":
        scores = [argmax(gates, scores) or [None]]
    elif size:
        lower = np.minimum(offset, 0).tolist()
        scores = [raised(gates, score, less, size) for score, less in zip(scores, lower)]
    if not any(scores):
        scores[0] = [None]
    last = gates.netlist([bit for score in scores for bit in score])
    adders = tables.widen(np.concatenate([*table, last.table]), 3, net.k)
    reads = np.concatenate([*fanin, last.fanin])
    reads = np.concatenate([reads, np.repeat(reads[:, :1], net.k - 3, axis=1)], axis=1)
    every = np.concatenate([net.table, adders]), np.concatenate([net.fanin, reads])
    made = sweep(Netlist(net.inputs, *every, last.outputs), share=True)
    return Classifier(restrict(made, made.outputs), tuple(map(len, scores)), size > 0)


def _size(terms: Terms, least: Ints) -> int:
    """Bits in two's complement of numbers from ``least`` up, all weights added."""
    more = np.bincount(terms.group, np.abs(terms.weight), len(least)).astype(np.int64)
    return 1 + max(int((least + more).max()).bit_length(), int(~least.min()).bit_length())


class _Pairing:
    """Which bits are paired: x, whose gate stays, with y, whose gate p = x ⊕ y may absorb."""

    def __init__(self, net: Netlist, terms: Terms) -> None:
        reads = arity(net)
        used = np.arange(net.k) < reads[:, None]
        uses = np.bincount(net.fanin[used], minlength=net.nets)
        uses += np.bincount(terms.net, minlength=net.nets)
        small = np.concatenate([np.zeros(net.inputs, np.bool_), reads == 2])
        alone = small & (uses == 1)
        inside = np.where(used, alone[net.fanin], False).sum(axis=1)
        cost = np.full(net.nets, net.k + 1)  # of being y: gates that could no longer be absorbed
        cost[net.inputs :] = np.where(alone[net.inputs :], inside, net.k + 1)
        self.cost = cost

    def order(self, bits: Ints) -> Ints:
        """Bits in an order in which pairs stand together, x before y; an odd one comes first."""
        cost = self.cost[np.minimum(bits >> 1, len(self.cost) - 1)]  # a constant is a new gate
        ranked = bits[np.lexsort((bits, cost))]
        half, odd = len(bits) // 2, len(bits) % 2
        rest = ranked[half:]
        return np.concatenate([rest[:odd], np.stack([rest[odd:], ranked[:half]], axis=1).ravel()])
