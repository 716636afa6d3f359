"""scikit-learn: fitted classifiers of decision trees, known by the names of their classes.

Trees compare float32 numbers with float64 thresholds, those of HistGradientBoosting float64 ones; a
number at most the threshold goes to the left, a NaN where the node says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lgc.errors import InputError, UnsupportedError

from .forest import Floats, Forest, Ints, Tree, above


def recognises(model: object) -> bool:
    """Whether a live object is a tree or an ensemble of scikit-learn."""
    module = type(model).__module__
    return module.startswith("sklearn.") and (
        module.split(".")[1] == "tree"
        or hasattr(model, "estimators_")
        or "Boosting" in type(model).__name__
    )


def read_live(model: Any, where: str) -> Forest:
    """The forest of a fitted classifier.

    Raises:
        InputError: it is not fitted.
        UnsupportedError: it is no classifier, of several outputs, or of a class not known.
    """
    if where not in _READERS:
        raise UnsupportedError(
            f"a {where} is not read",
            where="scikit-learn",
            hint=f"classifiers are {', '.join(_READERS)}",
        )
    if not hasattr(model, "classes_"):
        raise InputError("the estimator is not fitted", where=where, hint="call fit first")
    if getattr(model, "n_outputs_", 1) != 1:
        raise UnsupportedError("several outputs", where=where)
    return _READERS[where](model, where)


def _decision_tree(model: Any, where: str) -> Forest:
    return _averaged(model, [model], where)


def _forest(model: Any, where: str) -> Forest:
    return _averaged(model, list(model.estimators_), where)


def _averaged(model: Any, estimators: list[Any], where: str) -> Forest:
    """The class with the largest mean of the shares that it has in the leaves."""
    classes = len(model.classes_)
    trees: list[Tree] = []
    for estimator in estimators:
        shares: Floats = np.asarray(estimator.tree_.value, np.float64)[:, 0, :]
        total = shares.sum(axis=1, keepdims=True)
        shares = shares / np.where(total > 0, total, 1)
        trees.append(_tree(estimator.tree_, shares, np.arange(classes)))
    return Forest(
        int(model.n_features_in_),
        trees,
        np.zeros(classes),
        f"scikit-learn {where}",
        divisor=float(len(estimators)),
        labels=_labels(model),
    )


def _gradient_boosting(model: Any, where: str) -> Forest:
    features = int(model.n_features_in_)
    if model.init_ != "zero" and type(model.init_).__name__ != "DummyClassifier":
        raise UnsupportedError(
            f"it starts from a {type(model.init_).__name__}, which is no constant", where=where
        )
    base = model._raw_predict_init(np.zeros((1, features), np.float32)).ravel()
    trees = [
        _tree(
            stage.tree_,
            model.learning_rate * np.asarray(stage.tree_.value)[:, 0, :],
            np.array([score]),
        )
        for row in model.estimators_
        for score, stage in enumerate(row)
    ]
    kind = f"scikit-learn {where}"
    return Forest(features, trees, base, kind, tie=1, labels=_labels(model))


def _hist_gradient_boosting(model: Any, where: str) -> Forest:
    if model.is_categorical_ is not None and np.any(model.is_categorical_):
        raise UnsupportedError(
            "categorical features", where=where, hint="encode them one-hot before the estimator"
        )
    trees: list[Tree] = []
    for row in model._predictors:
        for score, predictor in enumerate(row):
            nodes = predictor.nodes
            leaf = nodes["is_leaf"] > 0
            trees.append(
                Tree(
                    np.where(leaf, -1, nodes["left"].astype(np.int64)),
                    np.where(leaf, -1, nodes["right"].astype(np.int64)),
                    nodes["feature_idx"].astype(np.int64),
                    above(nodes["num_threshold"]),
                    nodes["missing_go_to_left"] == 0,
                    nodes["value"][:, None],
                    np.array([score]),
                )
            )
    base = np.asarray(model._baseline_prediction, np.float64).ravel()
    kind = f"scikit-learn {where}"
    return Forest(int(model.n_features_in_), trees, base, kind, labels=_labels(model))


def _tree(tree: Any, value: Floats, group: Ints) -> Tree:
    left = np.asarray(tree.children_left, np.int64)
    return Tree(
        left,
        np.asarray(tree.children_right, np.int64),
        np.asarray(tree.feature, np.int64),
        above(np.asarray(tree.threshold, np.float64)),
        np.asarray(tree.missing_go_to_left) == 0
        if hasattr(tree, "missing_go_to_left")
        else left < -1,
        value,
        group,
    )


def _labels(model: Any) -> list[str]:
    return [str(label) for label in model.classes_.tolist()]


_READERS: Mapping[str, Callable[[Any, str], Forest]] = {
    "DecisionTreeClassifier": _decision_tree,
    "ExtraTreeClassifier": _decision_tree,
    "RandomForestClassifier": _forest,
    "ExtraTreesClassifier": _forest,
    "GradientBoostingClassifier": _gradient_boosting,
    "HistGradientBoostingClassifier": _hist_gradient_boosting,
}
