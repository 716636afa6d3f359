"""Cuts: small sets of nets that a net is a function of, for every net of a netlist.

A cut of net v is a set of at most k nets, its leaves, such that every path from an input to v
passes one of them; v is then a function of its leaves, which one LUT of k inputs can hold. Cuts
are enumerated bottom-up by merging those of the fan-ins, the cheapest few kept (Mishchenko, Cho,
Chatterjee, Brayton, "Combinational and sequential mapping with priority cuts", ICCAD 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .loops import Row, loop
from .netlist import Netlist
from .surgery import arity

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cuts:
    """All cuts kept.

    Attributes:
        k: most leaves of a cut.
        leaves: int64 ``(cuts, k)``, ascending; -1 in the unused places.
        start: int64 ``(nets + 1,)``, where the cuts of each net begin, the cheapest first. An input
            has none, and the cut that is the net itself is left out.
    """

    k: int
    leaves: Ints
    start: Ints

    @property
    def owner(self) -> Ints:
        """The net of each cut, int64 ``(cuts,)``."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))


def enumerate_cuts(net: Netlist, k: int, kept: int) -> Cuts:
    """Cuts of at most ``k`` leaves, at most ``kept`` a net; the cheapest by area flow stay.

    ``net`` is tidy (see `surgery.tidy`). One of the cuts kept is the net itself.
    """
    reads = arity(net)
    used = np.arange(net.k) < reads[:, None]
    fanin = net.fanin.astype(np.int64)
    fanout = np.bincount(fanin[used], minlength=net.nets)
    fanout += np.bincount(net.outputs, minlength=net.nets)
    leaves = np.full(net.nets * kept * k, -1, np.int64)
    count = np.zeros(net.nets, np.int64)
    wide = kept**2
    _enumerate(
        net.gates * 50, net.inputs, net.k, fanin.ravel(), reads, np.maximum(fanout, 1), k, kept,
        leaves, count, np.zeros(net.nets, np.int64),
        np.zeros(wide * k, np.int64), np.zeros(wide, np.int64),
        np.zeros(wide * k, np.int64), np.zeros(wide, np.int64),
    )  # fmt: skip
    taken = np.arange(kept) < count[:, None]
    taken[:, 0] = False  # the net itself
    start = np.concatenate([[0], np.cumsum(count - 1)])
    return Cuts(k, leaves.reshape(net.nets, kept, k)[taken], start)


@loop()
def _enumerate(
    inputs: int, width: int, fanin: Row, reads: Row, fanout: Row, k: int, kept: int,
    leaves: Row, count: Row, flow: Row, old: Row, old_size: Row, new: Row, new_size: Row,
) -> None:  # fmt: skip
    """``old`` and ``new`` hold the cuts of one gate while its fan-ins are merged in turn;
    ``flow`` is the area flow of each net in units of 1/4096 LUT."""
    wide = kept * kept
    for v in range(inputs):
        leaves[v * kept * k] = v
        count[v] = 1
    for g in range(len(reads)):
        v = inputs + g
        olds = 1
        old_size[0] = 0
        for j in range(reads[g]):
            f = fanin[g * width + j]
            news = 0
            for p in range(olds):
                for q in range(count[f]):
                    if news == wide:
                        break
                    # the union of two ascending rows, in the next free place
                    base = (f * kept + q) * k
                    a, b, size, fits = 0, 0, 0, True
                    while True:
                        more_a = a < old_size[p]
                        more_b = b < k and leaves[base + b] >= 0
                        if not more_a and not more_b:
                            break
                        if size == k:
                            fits = False
                            break
                        if not more_b or (more_a and old[p * k + a] <= leaves[base + b]):
                            if more_b and old[p * k + a] == leaves[base + b]:
                                b += 1
                            new[news * k + size] = old[p * k + a]
                            a += 1
                        else:
                            new[news * k + size] = leaves[base + b]
                            b += 1
                        size += 1
                    if not fits:
                        continue
                    # one that holds all leaves of another is of no use
                    useful = True
                    for other in range(news):
                        if new_size[other] > size:
                            continue
                        a = 0
                        for b in range(size):
                            if a < new_size[other] and new[other * k + a] == new[news * k + b]:
                                a += 1
                        if a == new_size[other]:
                            useful = False
                            break
                    if useful:
                        new_size[news] = size
                        news += 1
            olds = news
            for p in range(news):
                old_size[p] = new_size[p]
                for i in range(k):
                    old[p * k + i] = new[p * k + i]
        # the cheapest stay, in rising order of area flow
        leaves[v * kept * k] = v
        placed = 1
        for p in range(olds):
            cost = 4096 + old_size[p]
            for i in range(old_size[p]):
                cost += flow[old[p * k + i]]
            place = placed
            while place > 1 and new_size[place - 1] > cost:
                place -= 1
            if place >= kept:
                continue
            last = placed if placed < kept else kept - 1
            for q in range(last, place, -1):
                new_size[q] = new_size[q - 1]
                for i in range(k):
                    leaves[(v * kept + q) * k + i] = leaves[(v * kept + q - 1) * k + i]
            new_size[place] = cost
            for i in range(k):
                taken = old[p * k + i] if i < old_size[p] else -1
                leaves[(v * kept + place) * k + i] = taken
            placed = last + 1
        count[v] = placed
        flow[v] = new_size[1] // fanout[v]
