"""Forests as circuits: splits become gates over thresholds, leaves products, values sums.

A leaf is a product of the splits above it. One leaf of a tree is reached, so bit i of the value
that a tree adds is the disjunction of the leaves whose value has bit i. Two children that both have
it are their parent. A tree then costs a class as many terms as its values have bits, however many
leaves there are. All trees are built at once, a layer of nodes in one step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.literals import AND, OR, Gates, Sum, weigh
from lgc.netlist import Netlist
from lgc.quantisation import Ints, Parts, Quantised

from .forest import Floats, Nodes

NONE = -1
"""Instead of a literal: never."""


@dataclass(frozen=True, eq=False)
class Circuit:
    """What reads the thresholds, and how its outputs count.

    Attributes:
        feature, level: the thresholds.
        net: reads one bit a threshold.
        sums: of its outputs, in their order.
    """

    feature: NDArray[np.int32]
    level: NDArray[np.float32]
    net: Netlist
    sums: Sum


def leaf_parts(base: Floats, nodes: Nodes) -> Parts:
    """What the scores add up: a part for each column of each tree, values leaf by leaf."""
    columns = nodes.group.shape[1]
    leaf = nodes.leaves
    part = (columns * nodes.tree[leaf])[:, None] + np.arange(columns, dtype=np.int64)
    return Parts(nodes.value[leaf].ravel(), part.ravel(), nodes.group.ravel(), base)


def build(nodes: Nodes, found: Quantised) -> Circuit:
    """The circuit of a forest whose leaves have integer values."""
    feature, level, bit = _thresholds(nodes)
    gates = Gates(len(feature))
    reached = _products(nodes, gates, _decisions(nodes, gates, bit))
    value = np.zeros((len(nodes.tree), nodes.group.shape[1]), np.int64)
    value[nodes.leaves] = found.level.reshape(-1, nodes.group.shape[1])
    terms = [np.zeros((3, 0), np.int64)]
    for column, group in zip(value.T, nodes.group.T):
        for place in range(int(column.max(initial=0)).bit_length()):
            literal = _disjunctions(nodes, gates, reached, column >> place & 1 > 0)[nodes.root]
            there = literal != NONE
            weight = np.full(int(there.sum()), 1 << place)
            terms.append(np.stack([literal[there], group[there], weight]))
    literal, group, weight = np.concatenate(terms, axis=1)
    sums = weigh(literal, group, weight, found.offset)
    return Circuit(feature, level, gates.netlist(sums.net), sums)


def _thresholds(nodes: Nodes) -> tuple[NDArray[np.int32], NDArray[np.float32], Ints]:
    """Each feature and level once, and the number of each level of a split."""
    feature = nodes.feature[nodes.split]
    level = nodes.level_of + np.float32(0)  # -0.0 becomes 0.0
    pairs = np.stack([feature.astype(np.float64), level.astype(np.float64)], axis=1)
    if not len(pairs):
        return np.zeros(1, np.int32), np.zeros(1, np.float32), np.zeros(0, np.int64)
    distinct, place = np.unique(pairs, axis=0, return_inverse=True)
    return distinct[:, 0].astype(np.int32), distinct[:, 1].astype(np.float32), place.reshape(-1)


def _decisions(nodes: Nodes, gates: Gates, bit: Ints) -> Ints:
    """The literal of each node that says: to the right.

    Bits of rising levels imply those below, so a step function that changes at each of them is
    b₁ ∧ ¬(b₂ ∧ ¬(b₃ ∧ …)).
    """
    decision = np.full(len(nodes.left), NONE, np.int64)
    last = np.flatnonzero(np.diff(nodes.split, append=-1))
    here = last
    decision[nodes.split[here]] = 2 * bit[here]
    while True:
        here = here[here > 0] - 1
        here = here[nodes.split[here] == nodes.split[here + 1]]
        if not len(here):
            return decision ^ nodes.first
        node = nodes.split[here]
        decision[node] = gates.add(AND, 2 * bit[here], decision[node] ^ 1)


def _products(nodes: Nodes, gates: Gates, decision: Ints) -> Ints:
    """The literal of each node that says: reached. That of a root is never read."""
    reached = np.full(len(nodes.left), NONE, np.int64)
    for depth, layer in enumerate(nodes.layers):
        inner = layer[nodes.inner[layer]]
        for child, way in (
            (nodes.left[inner], decision[inner] ^ 1),
            (nodes.right[inner], decision[inner]),
        ):
            reached[child] = gates.add(AND, reached[inner], way) if depth else way
    return reached


def _disjunctions(nodes: Nodes, gates: Gates, reached: Ints, marked: NDArray[np.bool_]) -> Ints:
    """For each node the literal: a marked leaf below is reached."""
    full = marked.copy()
    literal = np.where(marked, reached, NONE)
    for layer in reversed(nodes.layers):
        inner = layer[nodes.inner[layer]]
        left, right = nodes.left[inner], nodes.right[inner]
        a, b = literal[left], literal[right]
        whole = full[left] & full[right]
        full[inner] = whole
        # one that is NONE, −1, is the smaller
        literal[inner] = np.where(whole, reached[inner], np.maximum(a, b))
        both = (a != NONE) & (b != NONE) & ~whole
        literal[inner[both]] = gates.add(OR, a[both], b[both])
    return literal
