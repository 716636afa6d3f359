"""Pairs of nets that differ on few samples: found by sorting some words of their planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes
from ..netlist import Netlist
from ..surgery import arity

Ints = NDArray[np.int64]

LOOKED_AT = 24
"""Words of 64 samples on which nets that agree become a pair: those that differ on 1 % of samples
agree on a word with a probability of 53 %."""

SAMPLED = 16
"""Words on which pairs are compared before all of them are."""

AT_ONCE = 1 << 21
"""Words of pairs compared at once."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Gates, and nets or constants that might stand for them, the most alike first.

    Attributes:
        gate, net: int64 ``(pairs,)``, as nets; ``net`` is smaller, or the number of nets for the
            constant 0.
        phase: int64 ``(pairs,)``, 1 where it is the complement that is alike.
        distance: int64 ``(pairs,)``, samples on which they differ.
    """

    gate: Ints
    net: Ints
    phase: Ints
    distance: Ints


def pairs_alike(net: Netlist, value: Planes, samples: int, most: int, seed: int = 0) -> Pairs:
    """Pairs that differ on at most ``most`` samples.

    Args:
        value: planes of all nets and, last, of the constant 0; uint64 ``(nets + 1, words)``; bits
            behind the last sample are 0 in all of them.
        seed: of the choice of words.
    """
    gates = np.arange(net.inputs, net.nets)
    found = [np.stack([gates, np.full(net.gates, net.nets)])]
    reads = arity(net)
    for i in range(net.k):
        real = reads > i
        found.append(np.stack([gates[real], net.fanin[real, i].astype(np.int64)]))
    random = np.random.default_rng(seed)
    words = value.shape[1]
    for w in random.permutation(words)[:LOOKED_AT].tolist():
        found += _neighbours(value[:-1, w])
    pair = np.unique(np.concatenate(found, axis=1), axis=1)
    pair = pair[:, pair[0] >= net.inputs]
    some = random.permutation(words)[:SAMPLED]
    rough, _ = _distance(value[:, some], pair, 64 * len(some))
    pair = pair[:, rough <= 2 * most * len(some) / words + 8]
    distance, phase = _distance(value, pair, samples)
    near = np.flatnonzero(distance <= most)
    near = near[np.lexsort((pair[1, near], pair[0, near], distance[near]))]
    return Pairs(pair[0, near], pair[1, near], phase[near], distance[near])


def _neighbours(word: NDArray[np.uint64]) -> list[Ints]:
    """Pairs of nets with the same word, or its complement: with the one before, and the first."""
    word = np.where(word & np.uint64(1) != 0, ~word, word)
    order = np.argsort(word, kind="stable")
    fresh = np.append(True, word[order][1:] != word[order][:-1])
    first = order[np.flatnonzero(fresh)[np.cumsum(fresh) - 1]]
    later = ~fresh
    before = np.append(0, order[:-1])
    return [np.stack([order[later], other[later]]) for other in (first, before)]


def _distance(value: Planes, pair: Ints, samples: int) -> tuple[Ints, Ints]:
    """Samples on which the nets of each pair differ, and whether that counts the complement."""
    count = np.empty(pair.shape[1], np.int64)
    step = max(1, AT_ONCE // value.shape[1])
    for at in range(0, len(count), step):
        one, other = pair[:, at : at + step]
        count[at : at + step] = np.bitwise_count(value[one] ^ value[other]).sum(axis=1, dtype=int)
    return np.minimum(count, samples - count), (2 * count > samples).astype(np.int64)
