"""XGBoost: what ``save_model`` writes, as JSON or UBJSON, and live models.

A number goes to the left where it is below the condition, in float32, or belongs to no category
of the split; a NaN goes the default way. The score of a class is its base plus leaves.
"""

from __future__ import annotations

import json
import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, LgcWarning, UnsupportedError
from lgc.guards import is_dict, is_list

from .forest import Floats, Forest, Step, Tree, at_least, category_step
from .ubjson import read_ubjson

BINARY = {
    "binary:logistic": True,
    "binary:logitraw": False,
    "binary:hinge": False,
}
"""Objectives with one score, and whether their base is a probability."""
BELOW_ZERO = float(at_least(np.zeros(1, np.float32))[0])
"""No negative number is a category."""
MULTI = ("multi:softmax", "multi:softprob")


def is_model(start: bytes) -> bool:
    """Whether a file with these first bytes is one."""
    return start.lstrip()[:1] == b"{" and b"learner" in start[:64]


def recognises(model: object) -> bool:
    """Whether a live object is one."""
    return type(model).__module__.partition(".")[0] == "xgboost" and (
        hasattr(model, "save_raw") or hasattr(model, "get_booster")
    )


def read_live(model: Any, where: str) -> Forest:
    """The forest of a ``Booster`` or ``XGBClassifier``."""
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    return read(bytes(booster.save_raw("ubj")), where)


def read(data: bytes, where: str) -> Forest:
    """The forest in a file.

    Raises:
        InputError: it is damaged.
        UnsupportedError: it is no classifier, or has parts that have no gates.
    """
    try:
        return _forest(_content(data, where), where)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        raise InputError(
            "the XGBoost model is damaged, or of a version that lgc does not know", where=where
        ) from None


def _content(data: bytes, where: str) -> Any:
    if not data.lstrip()[1:].lstrip().startswith((b'"', b"}")):
        return read_ubjson(data, where)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InputError("this is not JSON", where=where, hint="copy the file again") from None


def _forest(content: Any, where: str) -> Forest:
    learner = content["learner"]
    booster, known = learner["gradient_booster"], learner["learner_model_param"]
    objective = str(learner["objective"]["name"])
    if booster.get("name") == "gblinear":
        raise UnsupportedError("a linear booster has no trees", where=where)
    if objective not in BINARY and objective not in MULTI:
        raise UnsupportedError(
            f"the objective {objective} gives no class",
            where=where,
            hint=f"classifiers are {', '.join((*BINARY, *MULTI))}",
        )
    dart = booster.get("gbtree", booster)
    model = dart["model"]
    drop = booster.get("weight_drop", model.get("weight_drop"))
    trees, groups = model["trees"], model["tree_info"]
    weights = np.ones(len(trees)) if not drop else np.array(drop, np.float64)
    scores = max(1, int(known["num_class"]))
    if not (is_list(trees) and trees and len(trees) == len(groups) == len(weights)):
        raise InputError("the trees and their classes do not fit together", where=where)
    if scores > len(trees) or not all(0 <= int(group) < scores for group in groups):
        raise InputError("a tree belongs to a class that is not there", where=where)
    if objective in BINARY and scores != 1:
        raise UnsupportedError(f"{objective} with {scores} scores", where=where)
    _tell_best(learner, model, where)
    return Forest(
        int(known["num_feature"]),
        [
            _tree(tree, int(group), float(weight), where)
            for tree, group, weight in zip(trees, groups, weights)
        ],
        _base(str(known["base_score"]), objective, scores, where),
        f"XGBoost model, {objective}",
    )


def _base(text: str, objective: str, scores: int, where: str) -> Floats:
    """``5E-1`` or, since version 3.1, ``[0.1,-0.2]``."""
    numbers = [float(part) for part in text.strip("[]").split(",")]
    if len(numbers) == 1:
        numbers *= scores
    if len(numbers) != scores:
        raise InputError(f"{len(numbers)} base scores for {scores} classes", where=where)
    if BINARY.get(objective):
        if not 0 < numbers[0] < 1:
            raise InputError(f"the base score {numbers[0]} is no probability", where=where)
        numbers = [math.log(numbers[0] / (1 - numbers[0]))]
    return np.array(numbers)


def _tell_best(learner: Any, model: Any, where: str) -> None:
    """With early stopping, ``predict`` of a classifier leaves out the rounds after the best."""
    attributes = learner.get("attributes")
    best = attributes.get("best_iteration") if is_dict(attributes) else None
    rounds = len(model.get("iteration_indptr", ())) - 1
    if best is not None and int(best) + 1 < rounds:
        warnings.warn(
            f"{where}: round {int(best) + 1} of {rounds} was the best, all are read; "
            "booster[: best_iteration + 1].save_model(path) saves those that predict uses",
            LgcWarning,
            stacklevel=2,
        )


def _tree(tree: Any, group: int, weight: float, where: str) -> Tree:
    if int(tree["tree_param"].get("size_leaf_vector", 1)) > 1:
        raise UnsupportedError("trees with a row of values in a leaf", where=where)
    left, right = _ints(tree["left_children"]), _ints(tree["right_children"])
    condition = np.array(tree["split_conditions"], np.float64)
    feature, default_left = _ints(tree["split_indices"]), _ints(tree["default_left"])
    rows = (left, right, condition, feature, default_left)
    if not len(left) or any(row.shape != left.shape for row in rows):
        raise InputError("the rows of a tree do not have one length", where=where)
    with np.errstate(over="ignore"):
        single = condition.astype(np.float32)
    return Tree(
        np.where(left < 0, -1, left),
        right,
        feature,
        at_least(single),
        default_left == 0,
        weight * single[:, None].astype(np.float64),
        np.array([group]),
        _categories(tree, left >= 0, default_left == 0),
    )


def _categories(
    tree: Any, inner: NDArray[np.bool_], missing_right: NDArray[np.bool_]
) -> dict[int, Step]:
    """The splits by a set: its members go to the right, all else to the left."""
    nodes, members = _ints(tree.get("categories_nodes", ())), _ints(tree.get("categories", ()))
    kinds = _ints(tree.get("split_type", ()))
    if len(kinds) and not np.isin(np.flatnonzero((kinds == 1) & inner), nodes).all():
        raise ValueError
    steps: dict[int, Step] = {}
    starts, sizes = tree.get("categories_segments", ()), tree.get("categories_sizes", ())
    for node, start, size in zip(nodes.tolist(), starts, sizes):
        chosen = members[int(start) : int(start) + int(size)]
        steps[node] = category_step(
            chosen, right=True, missing_right=bool(missing_right[node]), below=BELOW_ZERO
        )
    return steps


def _ints(values: Any) -> NDArray[np.int64]:
    return np.array(values, np.int64).reshape(-1)
