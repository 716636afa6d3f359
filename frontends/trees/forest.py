"""Forests: decision trees whose leaves are added up, whatever library they come from.

A split is a step function of one number: it is ``first`` below its levels and for a NaN, and
changes at each level that the number exceeds; 1 goes to the right. A threshold where a NaN goes to
the left is ``first = 0`` and one level. Where a NaN goes to the right it is ``first = 1`` and the
levels −∞ and the threshold: minus infinity then goes where a NaN goes, and libraries that send a
NaN to the right refuse infinities, but for LightGBM. A set of categories changes at its borders.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Levels = NDArray[np.float32]

MOST_FEATURES = 1 << 24

Step = tuple[Sequence[float], bool]
"""Levels in rising order, each a float32, and the value below them."""


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree; node 0 is the root.

    Attributes:
        left, right: int64 ``(nodes,)``, children, -1 at leaves.
        feature: int64 ``(nodes,)``.
        level: float32 ``(nodes,)``; what is above it goes to the right.
        missing_right: bool ``(nodes,)``, where a NaN goes.
        value: float64 ``(nodes, columns)``, what a leaf adds to scores; all trees of a forest have
            equally many columns.
        group: int64 ``(columns,)``, the score of each column.
        steps: the splits of some nodes, where a level is not enough.
    """

    left: Ints
    right: Ints
    feature: Ints
    level: Levels
    missing_right: NDArray[np.bool_]
    value: Floats
    group: Ints
    steps: Mapping[int, Step] = field(default_factory=dict[int, Step])


@dataclass(frozen=True, eq=False)
class Forest:
    """A classifier.

    Attributes:
        features: numbers in a sample.
        trees: at least one.
        base: float64 ``(scores,)``, what the scores start from.
        tie: with one score, the class of a score of 0; a positive one is class 1.
        kind: the library and class it comes from.
        divisor: of the scores: the number of trees where they are averaged.
        labels: names of the classes, where the file has some.
    """

    features: int
    trees: Sequence[Tree]
    base: Floats
    kind: str
    tie: int = 0
    divisor: float = 1.0
    labels: Sequence[str] = ()

    @property
    def classes(self) -> int:
        return max(2, len(self.base))


def above(level: NDArray[np.float64]) -> Levels:
    """The float32 for ``x > level`` with float64 levels and float32 numbers: rounded down."""
    with np.errstate(over="ignore"):
        nearest = level.astype(np.float32)
    return np.where(nearest > level, np.nextafter(nearest, np.float32(-np.inf)), nearest)


def at_least(level: Levels) -> Levels:
    """The float32 for ``x >= level``: x > its neighbour below."""
    return np.nextafter(level, np.float32(-np.inf))


def category_step(members: Ints, *, right: bool, missing_right: bool, below: float) -> Step:
    """The split by a set of whole numbers, to which the integral part of a number is compared.

    Args:
        members: the set, not empty; from 0 to 2**24, where float32 is still exact.
        right: its members go to the right, all else to the left; or the other way.
        missing_right: where a NaN goes.
        below: numbers above this one, up to 1, count as 0.

    Raises:
        ValueError: members are outside of the range.
    """
    chosen = np.unique(members)
    if not len(chosen) or chosen[0] < 0 or chosen[-1] >= 1 << 24:
        raise ValueError
    starts = chosen[np.diff(chosen, prepend=-2) > 1]
    ends = chosen[np.diff(chosen, append=chosen[-1] + 2) > 1] + 1
    border = at_least(np.stack([starts, ends], axis=1).ravel().astype(np.float32)).tolist()
    if chosen[0] == 0:
        border[0] = below
    if missing_right == right:  # not where all other numbers below the set go
        border.insert(0, -np.inf)
    return border, missing_right


@dataclass(frozen=True, eq=False)
class Nodes:
    """All nodes of a forest, in one row, checked.

    Attributes:
        root: int64 ``(trees,)``.
        tree: int64 ``(nodes,)``.
        left, right: int64 ``(nodes,)``.
        layers: nodes that can be reached, by their depth.
        level_of, split: float32 and int64 ``(levels,)``: the levels of all splits, and the node of
            each; those of a node stand together, rising.
        feature: int64 ``(nodes,)``.
        first: bool ``(nodes,)``.
        value, group: those of all trees, ``(nodes, columns)`` and ``(trees, columns)``.
    """

    root: Ints
    tree: Ints
    left: Ints
    right: Ints
    layers: Sequence[Ints]
    feature: Ints
    first: NDArray[np.bool_]
    level_of: Levels
    split: Ints
    value: Floats
    group: Ints

    @property
    def inner(self) -> NDArray[np.bool_]:
        return self.left >= 0

    @property
    def leaves(self) -> Ints:
        """Those that can be reached, by number."""
        seen = np.zeros(len(self.left), np.bool_)
        seen[np.concatenate(self.layers)] = True
        return np.flatnonzero(seen & ~self.inner)

    def decided(self, base: Floats) -> Nodes:
        """The same with 1 for the class that a leaf decides for: of one tree with all classes."""
        classes = (self.value + base[self.group]).argmax(axis=1)
        return dataclasses.replace(
            self, value=np.eye(len(base))[classes], group=np.sort(self.group)
        )


def gather(forest: Forest, where: str, *, missing: bool = True) -> Nodes:
    """Put all trees into one row.

    Args:
        missing: numbers may be NaN; otherwise thresholds alone decide.

    Raises:
        InputError: they are no trees, or read features that are not there.
    """
    if not 0 < forest.features <= MOST_FEATURES:
        raise InputError(f"a sample of {forest.features} numbers", where=where)
    sizes = np.array([len(tree.left) for tree in forest.trees])
    start = np.cumsum(sizes) - sizes
    shift, end = np.repeat(start, sizes), np.repeat(start + sizes, sizes)

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(tree, name) for tree in forest.trees])

    left, right = joined("left"), joined("right")
    inner = left >= 0
    left, right = np.where(inner, left + shift, -1), np.where(inner, right + shift, -1)
    broken = inner & ((left >= end) | (right >= end) | (right < shift))
    feature, level = joined("feature"), joined("level").astype(np.float32)
    strange = inner & ((feature < 0) | (feature >= forest.features) | np.isnan(level))
    if broken.any():
        raise InputError("a node names a child that is not there", where=where)
    if strange.any():
        node = int(strange.argmax())
        raise InputError(
            f"a split compares number {feature[node]} of {forest.features} with {level[node]}",
            where=where,
        )
    layers = _layers(start, left, right, where)
    first, level_of, split = _levels(forest, start, inner, level, missing)
    tree = np.repeat(np.arange(len(sizes)), sizes)
    group = np.stack([one.group for one in forest.trees])
    value = joined("value")
    return Nodes(start, tree, left, right, layers, feature, first, level_of, split, value, group)


def _layers(root: Ints, left: Ints, right: Ints, where: str) -> list[Ints]:
    seen = np.zeros(len(left), np.bool_)
    layers: list[Ints] = []
    here = root
    while len(here):
        layers.append(here)
        if seen[here].any() or len(np.unique(here)) < len(here):
            raise InputError("nodes form a circle, or one has two parents", where=where)
        seen[here] = True
        inner = here[left[here] >= 0]
        here = np.concatenate([left[inner], right[inner]])
    return layers


def _levels(
    forest: Forest,
    start: Ints,
    inner: NDArray[np.bool_],
    level: Levels,
    missing: bool,
) -> tuple[NDArray[np.bool_], Levels, Ints]:
    first = np.concatenate([tree.missing_right for tree in forest.trees]) & inner & missing
    plain = inner.copy()
    values, nodes = [np.zeros(0, np.float32)], [np.zeros(0, np.int64)]
    for begin, tree in zip(start.tolist(), forest.trees):
        for node, (levels, below) in tree.steps.items():
            plain[begin + node], first[begin + node] = False, below
            values.append(np.array(levels, np.float32))
            nodes.append(np.full(len(levels), begin + node))
    both = np.flatnonzero(plain & first)
    values += [np.full(len(both), -np.inf, np.float32), level[plain]]
    nodes += [both, np.flatnonzero(plain)]
    split = np.concatenate(nodes)
    order = np.argsort(split, kind="stable")
    return first, np.concatenate(values)[order], split[order]


AT_ONCE = 1 << 26
"""Most splits decided at once, a byte each."""


def real_scores(base: Floats, nodes: Nodes, x: NDArray[np.float32]) -> Floats:
    """Scores with the values as they are, float64 ``(samples, scores)``, of float32 samples."""
    scores = np.tile(base, (len(x), 1))
    rows = max(1, AT_ONCE // len(nodes.left))
    for start in range(0, len(x), rows):
        _add_up(scores[start : start + rows], nodes, x[start : start + rows])
    return scores


def _add_up(scores: Floats, nodes: Nodes, x: NDArray[np.float32]) -> None:
    right = np.tile(nodes.first, (len(x), 1))
    for level, node in zip(nodes.level_of, nodes.split.tolist()):
        right[:, node] ^= x[:, nodes.feature[node]] > level
    rows = np.arange(len(x))
    for root, group in zip(nodes.root.tolist(), nodes.group):
        at = np.full(len(x), root)
        while nodes.inner[at].any():
            after = np.where(right[rows, at], nodes.right[at], nodes.left[at])
            at = np.where(nodes.inner[at], after, at)
        np.add.at(scores.T, group, nodes.value[at].T)
