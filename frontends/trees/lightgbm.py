"""LightGBM: the text that ``save_model`` writes, and live models.

A number goes to the left where it is at most the threshold, in float64, or belongs to the
categories of the split. What a NaN is depends on the split: 0, or missing, and then goes the
default way; a split may call zeros missing too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UnsupportedError

from .forest import Floats, Forest, Ints, Step, Tree, above, at_least, category_step

CATEGORICAL, DEFAULT_LEFT = 1, 2
NO_MISSING, ZERO_MISSING, NAN_MISSING = 0, 1, 2
"""Bits of ``decision_type``, and the values of the two bits above them."""
ZERO = np.float32(1e-35)
"""Numbers up to this are zeros."""
OBJECTIVES = ("binary", "multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr")


def is_model(start: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return start.startswith((b"tree\n", b"tree\r\n"))


def recognises(model: object) -> bool:
    """Whether a live object is one."""
    return type(model).__module__.partition(".")[0] == "lightgbm" and (
        hasattr(model, "model_to_string") or hasattr(model, "booster_")
    )


def read_live(model: Any, where: str) -> Forest:
    """The forest of a ``Booster`` or ``LGBMClassifier``."""
    booster = model if hasattr(model, "model_to_string") else model.booster_
    return read(booster.model_to_string().encode(), where)


def read(data: bytes, where: str) -> Forest:
    """The forest in a file.

    Raises:
        InputError: it is damaged.
        UnsupportedError: it is no classifier, or has parts that have no gates.
    """
    try:
        return _forest(data.decode("utf-8"), where)
    except (KeyError, ValueError, IndexError, OverflowError):
        raise InputError(
            "the LightGBM model is damaged, or of a version that lgc does not know", where=where
        ) from None


def _forest(text: str, where: str) -> Forest:
    whole, end, _ = text.partition("\nend of trees")
    if not end:
        raise InputError("the file ends before its trees do", where=where, hint="copy it again")
    top, *parts = whole.split("\nTree=")
    known = _fields(top)
    objective = known.get("objective", "none").split(" ")[0]
    if objective not in OBJECTIVES:
        raise UnsupportedError(
            f"the objective {objective} gives no class",
            where=where,
            hint="classifiers are binary, multiclass and multiclassova",
        )
    scores = int(known["num_tree_per_iteration"])
    if not parts or scores < 1 or len(parts) % scores:
        raise InputError(f"{len(parts)} trees for {scores} classes", where=where)
    trees = [_tree(_fields(part), number % scores, where) for number, part in enumerate(parts)]
    features = int(known["max_feature_idx"]) + 1
    return Forest(features, trees, np.zeros(scores), f"LightGBM model, {objective}")


def _fields(text: str) -> dict[str, str]:
    lines = (line.rstrip("\r").partition("=") for line in text.split("\n"))
    return {key: value for key, _, value in lines}


def _row(fields: dict[str, str], name: str) -> Floats:
    return np.array(fields.get(name, "").split(), np.float64)


def _whole(fields: dict[str, str], name: str) -> Ints:
    return np.array(fields.get(name, "").split(), np.int64)


def _tree(fields: dict[str, str], group: int, where: str) -> Tree:
    """Inner nodes come first, then the leaves, whose numbers LightGBM gives as −1 − leaf."""
    if int(fields.get("is_linear", "0")):
        raise UnsupportedError("a tree with linear models in its leaves", where=where)
    leaves = int(fields["num_leaves"])
    value = _row(fields, "leaf_value")
    inner = leaves - 1
    if leaves < 1 or len(value) != leaves:
        raise ValueError
    rows = [_whole(fields, name) for name in ("left_child", "right_child", "split_feature")]
    kind, threshold = _whole(fields, "decision_type"), _row(fields, "threshold")
    if inner and any(len(row) != inner for row in (*rows, kind, threshold)):
        raise ValueError
    left, right, feature = (row[:inner] for row in rows)
    kind, threshold = kind[:inner], threshold[:inner]
    nothing = np.full(leaves, -1)
    zeros = np.zeros(leaves, np.int64)
    missing = kind >> 2 & 3
    default_left = kind & DEFAULT_LEFT > 0
    # where nothing is missing a NaN is a zero
    missing_right = np.where(missing == NO_MISSING, threshold < 0, ~default_left)
    return Tree(
        np.concatenate([np.where(left < 0, inner - 1 - left, left), nothing]),
        np.concatenate([np.where(right < 0, inner - 1 - right, right), nothing]),
        np.concatenate([feature, zeros]),
        np.concatenate([above(threshold), zeros.astype(np.float32)]),
        np.concatenate([missing_right, zeros > 0]),
        np.concatenate([np.zeros(inner), value])[:, None],
        np.array([group]),
        _steps(fields, kind, missing, threshold, default_left),
    )


def _steps(
    fields: dict[str, str],
    kind: Ints,
    missing: Ints,
    threshold: Floats,
    default_left: NDArray[np.bool_],
) -> dict[int, Step]:
    """The splits by categories, and those that call zeros missing."""
    steps: dict[int, Step] = {}
    borders, words = _whole(fields, "cat_boundaries"), _whole(fields, "cat_threshold")
    for node in np.flatnonzero(kind & CATEGORICAL).tolist():
        number = int(threshold[node])
        begin, end = borders[number : number + 2].tolist()
        own = words[begin:end]
        bits = own[:, None] >> np.arange(32) & 1
        steps[node] = category_step(
            np.flatnonzero(bits.ravel()), right=False, missing_right=True, below=-1.0
        )
    for node in np.flatnonzero((missing == ZERO_MISSING) & ~(kind & CATEGORICAL > 0)).tolist():
        steps[node] = _zero_step(above(threshold[node : node + 1]).item(), bool(default_left[node]))
    return steps


def _zero_step(level: float, default_left: bool) -> Step:
    """Numbers about 0, and a NaN, go the default way, the others by the level."""
    low, high = at_least(np.array([-ZERO])).item(), ZERO.item()
    # from −∞ on: above each border, whether to the right
    borders = sorted({-np.inf, min(level, low), low, high, max(level, high)})
    right = [(not default_left) if low <= border < high else border >= level for border in borders]
    levels: list[float] = []
    before = not default_left
    for border, now in zip(borders, right):
        if now != before:
            levels.append(border)
            before = now
    return levels, not default_left
