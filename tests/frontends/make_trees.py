"""Makes the files in fixtures/trees: small forests of real libraries, and what these predict.

    pip install scikit-learn xgboost-cpu lightgbm pandas && python tests/frontends/make_trees.py

Half a minute on one core. Made with scikit-learn 1.9.1, XGBoost 3.4.1, LightGBM 4.7.0. The golden
file holds, for each model, rows it was not trained on, its classes and its raw scores for them.
Fitted scikit-learn estimators have no safe file, so the arrays of their trees are kept instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas
import xgboost
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

FOLDER = Path(__file__).parent / "fixtures" / "trees"
ROWS = 100
"""Golden ones."""


def holes(x: np.ndarray, share: float) -> np.ndarray:
    """The same rows with some numbers missing."""
    random = np.random.default_rng(1)
    return np.where(random.random(x.shape) < share, np.nan, x).astype(np.float32)


def categories() -> tuple[np.ndarray, np.ndarray]:
    """Rows of a category and a number; some categories make a class."""
    random = np.random.default_rng(2)
    category, number = random.integers(0, 40, 800), random.random(800)
    label = np.isin(category, [0, 3, 4, 5, 11, 12, 33, 39]) ^ (number > 0.8)
    return np.stack([category, number], axis=1).astype(np.float32), label.astype(int)


def samples(name: str) -> tuple[np.ndarray, np.ndarray]:
    if "digits" in name:
        return load_digits(return_X_y=True)
    if "categories" in name:
        return categories()
    x, y = load_breast_cancer(return_X_y=True)
    return (x if "whole" in name else holes(x, 0.1)), y


def boosted() -> dict[str, Any]:
    """Models by the name of their file."""
    quick = {"n_jobs": 1, "n_estimators": 4}
    categorical = {"enable_categorical": True, "max_cat_to_onehot": 1}
    return {
        "xgboost_digits.ubj": xgboost.XGBClassifier(max_depth=3, **quick),
        "xgboost_cancer.json": xgboost.XGBClassifier(max_depth=3, **quick),
        "xgboost_cancer_dart.ubj": xgboost.XGBClassifier(
            max_depth=2, booster="dart", rate_drop=0.5, **quick
        ),
        "xgboost_categories.ubj": xgboost.XGBClassifier(max_depth=3, **categorical, **quick),
        "lightgbm_digits.txt": lightgbm.LGBMClassifier(num_leaves=6, verbose=-1, **quick),
        "lightgbm_cancer.txt": lightgbm.LGBMClassifier(num_leaves=7, verbose=-1, **quick),
        "lightgbm_whole_cancer.txt": lightgbm.LGBMClassifier(num_leaves=7, verbose=-1, **quick),
        "lightgbm_digits_zeros.txt": lightgbm.LGBMClassifier(
            num_leaves=6, verbose=-1, zero_as_missing=True, n_jobs=1, n_estimators=2
        ),
        "lightgbm_categories.txt": lightgbm.LGBMClassifier(
            num_leaves=6,
            verbose=-1,
            min_data_per_group=1,
            cat_smooth=0,
            max_cat_to_onehot=1,
            **quick,
        ),
    }


def fit(name: str, model: Any, x: np.ndarray, y: np.ndarray) -> None:
    if "categories" not in name:
        model.fit(x, y)
        return
    frame = pandas.DataFrame({"category": x[:, 0].astype(int), "number": x[:, 1]})
    if name.startswith("lightgbm"):
        model.fit(frame, y, categorical_feature=["category"])
    else:
        model.fit(frame.astype({"category": "category"}), y)


def raw(name: str, model: Any, x: np.ndarray) -> np.ndarray:
    if name.startswith("lightgbm"):
        return model.predict(x, raw_score=True)
    if "categories" not in name:
        return model.predict(x, output_margin=True)
    matrix = xgboost.DMatrix(x, feature_types=["c", "q"])
    return model.get_booster().predict(matrix, output_margin=True, validate_features=False)


def tree_arrays(tree: Any) -> dict[str, np.ndarray]:
    names = (
        "children_left",
        "children_right",
        "feature",
        "threshold",
        "value",
        "missing_go_to_left",
    )
    return {name: getattr(tree, name) for name in names}


def scikit_arrays() -> dict[str, np.ndarray]:
    """For each class: classes, constants, the arrays of its trees, golden predictions."""
    models = {
        "DecisionTreeClassifier": (DecisionTreeClassifier(max_depth=7, random_state=0), "digits"),
        "RandomForestClassifier": (RandomForestClassifier(4, max_depth=6, random_state=0), "cancer"),
        "ExtraTreesClassifier": (ExtraTreesClassifier(3, max_depth=4, random_state=0), "digits"),
        "GradientBoostingClassifier": (GradientBoostingClassifier(n_estimators=4), "whole cancer"),
        "HistGradientBoostingClassifier": (
            HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=6), "cancer",
        ),
    }  # fmt: skip
    result: dict[str, np.ndarray] = {}
    for name, (model, data) in models.items():
        x, y = samples(data)
        model.fit(x[:-ROWS], y[:-ROWS])
        trees: list[dict[str, np.ndarray]] = []
        if name == "HistGradientBoostingClassifier":
            trees = [{"nodes": one.nodes} for row in model._predictors for one in row]
            result[f"{name}.base"] = model._baseline_prediction
        elif name == "GradientBoostingClassifier":
            trees = [tree_arrays(one.tree_) for one in model.estimators_.ravel()]
            result[f"{name}.base"] = model._raw_predict_init(np.zeros((1, x.shape[1])))
        else:
            trees = [tree_arrays(one.tree_) for one in getattr(model, "estimators_", [model])]
        for number, arrays in enumerate(trees):
            result |= {f"{name}.{number}.{key}": value for key, value in arrays.items()}
        test = x[-ROWS:].astype(np.float32)
        score = getattr(
            model, "decision_function", model.predict_proba if data != "whole cancer" else None
        )
        result |= {
            f"{name}.classes": model.classes_,
            f"{name}.x": test,
            f"{name}.class": model.predict(test),
            f"{name}.score": score(test),
        }
    return result


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    golden: dict[str, np.ndarray] = {}
    for name, model in boosted().items():
        x, y = samples(name)
        fit(name, model, x[:-ROWS], y[:-ROWS])
        saver = model.booster_ if name.startswith("lightgbm") else model
        saver.save_model(str(FOLDER / name))
        test = x[-ROWS:].astype(np.float32)
        if "categories" in name:  # unknown, missing, negative and broken ones too
            test[:8, 0] = [40, 57, np.nan, -1, -0.5, 3.7, 31, 32]
        score = raw(name, model, test)
        label = score.argmax(axis=1) if score.ndim > 1 else (score > 0).astype(int)
        golden |= {f"{name}.x": test, f"{name}.score": score, f"{name}.class": label}
        print(name, "accuracy", (label == y[-ROWS:]).mean())
    small = {
        key: value.astype(np.uint8) if key.endswith(".x") and "digits" in key else value
        for key, value in golden.items()
    }
    np.savez_compressed(FOLDER / "golden.npz", **small)
    np.savez_compressed(FOLDER / "scikit.npz", **scikit_arrays())


if __name__ == "__main__":
    main()
