"""Forests: what real libraries predict, NaN and all; integer forests bit by bit; every complaint."""

from __future__ import annotations

import dataclasses
import json
import warnings
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc.errors import InputError, LgcError, LgcWarning, UnsupportedError, UsageError
from lgc.frontends.trees import Trees, module_of
from lgc.frontends.trees.forest import (
    Forest,
    Tree,
    above,
    at_least,
    category_step,
    gather,
    real_scores,
)
from lgc.reading import LoadOptions
from lgc.reference import run
from tests.frontends.fuzzing import fuzz
from tests.support import ROOT

FOLDER = ROOT / "tests" / "frontends" / "fixtures" / "trees"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".npz")


@cache
def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / name) as found:
        return {key: found[key] for key in found.files}


def quiet(name: str, **options: Any) -> lgc.Model:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        return lgc.load(FOLDER / name, **options)


def compare(model: lgc.Model, x: np.ndarray, score: np.ndarray, label: np.ndarray) -> None:
    """Scores within the stated error, and classes the same wherever that error cannot matter."""
    outcome = model.evaluate(x)
    assert outcome.counts is not None
    sums = model.chain.group_sum
    assert sums is not None
    stated = str(model.module.attributes["lgc.quantisation"].data)
    error = 0.0 if stated == "exact" else float(stated.rpartition(" ")[2])
    mine = outcome.counts / sums.tau.value.data
    if score.ndim == 1:
        mine, gap = mine[:, 1], np.abs(score)
    else:
        ranked = np.sort(score, axis=1)
        gap = ranked[:, -1] - ranked[:, -2]
    if "one tree" not in stated:
        assert np.abs(mine - score).max() <= error * 1.01 + 2e-6
    sure = gap > 2 * error
    assert sure.mean() > 0.9
    assert (outcome.classes[sure] == label[sure]).all()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("precision", [None, "8", "error=0.001"])
def test_real_models(name: str, precision: str | None) -> None:
    golden = arrays("golden.npz")
    rows = (golden[f"{name}.{key}"] for key in ("x", "score", "class"))
    compare(quiet(name, quantise=precision), *rows)


@pytest.mark.parametrize("name", ["xgboost_cancer.json", "lightgbm_digits.txt"])
def test_kernels(name: str) -> None:
    x = arrays("golden.npz")[f"{name}.x"]
    model = quiet(name)
    kernel = lgc.compile(model)
    assert np.array_equal(kernel.counts(x), model.evaluate(x).counts)
    for dtype in (np.float64, np.float32):
        assert np.array_equal(kernel.predict(x.astype(dtype)), model.evaluate(x).classes)
    assert lgc.check(model, kernel)


def test_minus_infinity_as_a_level_reads_whole_numbers_too() -> None:
    """Numbers of these types are never missing."""
    name = "lightgbm_digits_zeros.txt"
    x = arrays("golden.npz")[f"{name}.x"]
    kernel, expected = lgc.compile(quiet(name)), arrays("golden.npz")[f"{name}.class"]
    assert x.dtype == np.uint8
    for dtype in (np.uint8, np.int32, np.int64, np.float32):
        assert (kernel.predict(x.astype(dtype)) == expected).mean() > 0.98


SCIKIT = {
    "DecisionTreeClassifier": "sklearn.tree._classes",
    "RandomForestClassifier": "sklearn.ensemble._forest",
    "ExtraTreesClassifier": "sklearn.ensemble._forest",
    "GradientBoostingClassifier": "sklearn.ensemble._gb",
    "HistGradientBoostingClassifier": "sklearn.ensemble._hist_gradient_boosting.gradient_boosting",
}


def estimator(name: str) -> Any:
    """What looks like a fitted estimator, with the arrays of a real one."""
    found = arrays("scikit.npz")
    parts: dict[int, dict[str, np.ndarray]] = {}
    for key, value in found.items():
        owner, number, *rest = key.split(".")
        if owner == name and number.isdigit():
            parts.setdefault(int(number), {})[rest[0]] = value
    trees = [SimpleNamespace(tree_=SimpleNamespace(**parts[number])) for number in sorted(parts)]
    fields: dict[str, Any] = {
        "classes_": found[f"{name}.classes"],
        "n_features_in_": found[f"{name}.x"].shape[1],
    }
    base = found.get(f"{name}.base")
    if name == "DecisionTreeClassifier":
        fields["tree_"] = trees[0].tree_
    elif name == "HistGradientBoostingClassifier":
        nodes = [SimpleNamespace(**parts[number]) for number in sorted(parts)]
        fields |= {"_predictors": [[one] for one in nodes], "_baseline_prediction": base}
        fields["is_categorical_"] = None
    elif name == "GradientBoostingClassifier":
        fields |= {"estimators_": [[one] for one in trees], "learning_rate": 0.1}
        fields |= {"init_": "zero", "_raw_predict_init": lambda self, x: base}
    else:
        fields["estimators_"] = trees
    return type(name, (), {"__module__": SCIKIT[name], **fields})()


@pytest.mark.parametrize("name", SCIKIT)
def test_estimators(name: str) -> None:
    found = arrays("scikit.npz")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        model = lgc.from_sklearn(estimator(name))
    x, score, label = (found[f"{name}.{key}"] for key in ("x", "score", "class"))
    if name == "DecisionTreeClassifier":
        assert (model.evaluate(x).classes == label).all()
        assert "lgc.quantisation" in model.module.attributes
    else:
        compare(model, x, score, label)


def test_real_estimators() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason="scikit-learn is not installed")
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    x, y = datasets.load_breast_cancer(return_X_y=True)
    x = x.astype(np.float32)
    forest = ensemble.RandomForestClassifier(10, random_state=0).fit(x[:400], y[:400])
    kernel = lgc.compile(forest)
    assert (kernel.predict(x) == forest.predict(x)).all()


# Forests with whole values, bit by bit.


def random_tree(random: np.random.Generator, scores: int, features: int) -> Tree:
    inner = int(random.integers(0, 12))
    left, right = np.full(2 * inner + 1, -1), np.full(2 * inner + 1, -1)
    open_nodes, made = [0], 1
    for _ in range(inner):
        node = open_nodes.pop(int(random.integers(len(open_nodes))))
        left[node], right[node] = made, made + 1
        open_nodes += [made, made + 1]
        made += 2
    steps = {
        int(node): category_step(
            random.integers(0, 6, int(random.integers(1, 4))),
            right=bool(random.integers(2)),
            missing_right=bool(random.integers(2)),
            below=-1.0,
        )
        for node in np.flatnonzero((left >= 0) & (random.random(len(left)) < 0.2))
    }
    return Tree(
        left,
        right,
        random.integers(0, features, len(left)),
        random.integers(0, 5, len(left)).astype(np.float32),
        random.random(len(left)) < 0.5,
        random.integers(-9, 9, (len(left), 2)).astype(float),
        random.integers(0, scores, 2),
        steps,
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_whole_values_are_exact(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores, tie = int(random.integers(1, 4)), int(random.integers(2))
    trees = [random_tree(random, scores, 4) for _ in range(int(random.integers(1, 6)))]
    forest = Forest(4, trees, random.integers(-5, 5, scores).astype(float), "random", tie=tie)
    module = module_of(forest, LoadOptions(quantise="12"), "random", {})
    x = random.integers(-2, 7, (200, 4)).astype(np.float32)
    x[random.random(x.shape) < 0.2] = np.nan
    real = real_scores(forest.base, gather(forest, "random"), x)
    outcome = run(module, x)
    model = lgc.Model(module)
    assert outcome.counts is not None
    tau = model.chain.group_sum.tau.value.data
    if scores > 1:
        assert np.array_equal(outcome.counts / tau, real)
    else:
        assert np.array_equal(outcome.counts[:, 1] / tau, real[:, 0])
        above_zero = real[:, 0] >= 0 if tie else real[:, 0] > 0
        assert np.array_equal(outcome.classes, above_zero)


@given(st.floats(allow_nan=False), st.floats(width=32, allow_nan=False))
def test_levels_compare_as_float64_does(level: float, x: float) -> None:
    single = np.float32(x)
    assert (single > above(np.array([level]))[0]) == (np.float64(single) > level)


@given(
    st.floats(width=32, allow_nan=False), st.floats(width=32, allow_nan=False, allow_infinity=False)
)
def test_at_least_is_the_neighbour_below(level: float, x: float) -> None:
    assert (np.float32(x) > at_least(np.array([level], np.float32))[0]) == (x >= level)


def test_where_numbers_are_never_missing_a_split_is_one_level(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"format": "trees", "missing": "never"}')
    name = "xgboost_cancer.json"
    whole, less = quiet(name), quiet(name, description=tmp_path / "d.json")
    assert less.chain.bits < whole.chain.bits
    assert less.gates < whole.gates
    x = np.nan_to_num(arrays("golden.npz")[f"{name}.x"])
    assert np.array_equal(less.evaluate(x).counts, whole.evaluate(x).counts)
    (tmp_path / "d.json").write_text('{"missing": "sometimes"}')
    with pytest.raises(InputError, match="missing is 'sometimes', not one of anywhere, never"):
        quiet(name, description=tmp_path / "d.json")


def test_the_error_is_told_and_what_it_does_to_data(tmp_path: Path) -> None:
    name = "xgboost_cancer.json"
    np.save(tmp_path / "x.npy", arrays("golden.npz")[f"{name}.x"])
    with pytest.warns(LgcWarning) as caught:
        lgc.load(FOLDER / name, quantise=f"1,data={tmp_path / 'x.npy'}")
    text = str(caught[0].message)
    assert text.startswith(f"{name}: leaf values are rounded to steps of ")
    assert "predictions change; --quantise chooses" in text
    changed = int(text.split("on x.npy, ")[1].split(" ")[0])
    real = arrays("golden.npz")[f"{name}.class"]
    assert (
        changed
        == (quiet(name, quantise="1").evaluate(np.load(tmp_path / "x.npy")).classes != real).sum()
    )
    assert changed > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "--quantise: '0' is no precision; bits are 1 to 24"),
        ("25", "--quantise: '25' is no precision; bits are 1 to 24"),
        ("error=-1", "--quantise: 'error=-1' is no precision; bits are 1 to 24"),
        ("error=x", "--quantise: 'error=x' is no precision; bits are 1 to 24"),
        ("8,file=x", "--quantise: 'file=x' is not data=FILE"),
    ],
)
def test_precisions(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        quiet("xgboost_cancer.json", quantise=text)
    assert str(caught.value) == (
        f"{message}\n  hint: it takes bits (8) or the largest error of a score (error=0.01), "
        "then ,data=FILE if you like"
    )


def test_errors_that_no_step_reaches() -> None:
    with pytest.raises(
        UsageError, match=r"24 bits still leave an error of .*\n  hint: a score is a sum"
    ):
        quiet("xgboost_cancer.json", quantise="error=1e-30")


@pytest.mark.parametrize("name", ["wiring", "tau", "input", "parametrisation"])
def test_options_without_use(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.load(FOLDER / "lightgbm_cancer.txt", **{name: 1.0 if name == "tau" else "bool"})
    assert str(caught.value) == (
        f"lightgbm_cancer.txt: a forest has no use for --{name}\n  hint: leave it out"
    )


def test_options_that_contradict() -> None:
    with pytest.raises(InputError) as caught:
        lgc.load(FOLDER / "lightgbm_cancer.txt", classes=3)
    assert str(caught.value) == (
        "lightgbm_cancer.txt: the model has 2 classes, not 3\n"
        "  hint: leave --classes out: the model says it"
    )


def changed(folder: Path, **values: Any) -> Path:
    """The XGBoost model with other values; a key names the way to each."""
    content = json.loads((FOLDER / "xgboost_cancer.json").read_text())
    for way, value in values.items():
        *keys, last = way.split("__")
        place = content["learner"]
        for key in keys:
            place = place[int(key) if key.isdigit() else key]
        place[int(last) if last.isdigit() else last] = value
    (folder / "m.json").write_text(json.dumps(content))
    return folder / "m.json"


TREE = "gradient_booster__model__trees__0__"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"objective__name": "reg:squarederror"},
            "m.json: the objective reg:squarederror gives no class\n  hint: classifiers are "
            "binary:logistic, binary:logitraw, binary:hinge, multi:softmax, multi:softprob",
        ),
        ({"gradient_booster__name": "gblinear"}, "m.json: a linear booster has no trees"),
        ({"learner_model_param__base_score": "2"}, "m.json: the base score 2.0 is no probability"),
        ({"learner_model_param__base_score": "[1,2]"}, "m.json: 2 base scores for 1 classes"),
        (
            {"learner_model_param__num_feature": "99999999999"},
            "m.json: a sample of 99999999999 numbers",
        ),
        (
            {"learner_model_param__num_class": "9", "objective__name": "multi:softmax"},
            "m.json: a tree belongs to a class that is not there",
        ),
        ({"learner_model_param__num_class": "3"}, "m.json: binary:logistic with 3 scores"),
        (
            {"gradient_booster__model__tree_info": [0, 0, 0, 7]},
            "m.json: a tree belongs to a class that is not there",
        ),
        (
            {"gradient_booster__model__tree_info": [0]},
            "m.json: the trees and their classes do not fit together",
        ),
        (
            {TREE + "tree_param__size_leaf_vector": "3"},
            "m.json: trees with a row of values in a leaf",
        ),
        ({TREE + "split_indices": [0]}, "m.json: the rows of a tree do not have one length"),
        ({TREE + "left_children__0": 99}, "m.json: a node names a child that is not there"),
        ({TREE + "left_children__1": 0}, "m.json: nodes form a circle, or one has two parents"),
        ({TREE + "split_indices__0": 99}, "m.json: a split compares number 99 of 30 with "),
        ({TREE + "split_conditions__0": float("nan")}, "of 30 with nan"),
        ({TREE + "split_type__0": 1}, "m.json: the XGBoost model is damaged, or of a version"),
        (
            {TREE + "split_conditions": [float("inf")] * 15},
            "m.json: values that are NaN, infinite or huge are added up",
        ),
    ],
)
def test_refused_models(tmp_path: Path, values: dict[str, Any], message: str) -> None:
    size = len(
        json.loads((FOLDER / "xgboost_cancer.json").read_text())["learner"]["gradient_booster"][
            "model"
        ]["trees"][0]["split_type"]
    )
    values = {k: v[:1] * size if k.endswith("split_conditions") else v for k, v in values.items()}
    with pytest.raises(LgcError) as caught:
        lgc.load(changed(tmp_path, **values))
    assert message in str(caught.value)


def test_early_stopping_is_told(tmp_path: Path) -> None:
    with pytest.warns(LgcWarning) as caught:
        lgc.load(changed(tmp_path, attributes={"best_iteration": "1"}))
    assert str(caught[0].message) == (
        "m.json: round 2 of 4 was the best, all are read; booster[: best_iteration + 1]"
        ".save_model(path) saves those that predict uses"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("objective=binary", "objective=regression", "the objective regression gives no class"),
        ("end of trees", "end of", "the file ends before its trees do"),
        ("is_linear=0", "is_linear=1", "a tree with linear models in its leaves"),
        ("num_leaves=7", "num_leaves=8", "the LightGBM model is damaged, or of a version"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "4 trees for 3 classes"),
    ],
)
def test_refused_texts(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (FOLDER / "lightgbm_cancer.txt").read_text()
    assert old in text
    (tmp_path / "m.txt").write_text(text.replace(old, new, 1))
    with pytest.raises(LgcError, match=message):
        lgc.load(tmp_path / "m.txt")


def test_pickles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(b"\x80\x04\x95....sklearn.ensemble._forest")
    with pytest.raises(InputError) as caught:
        lgc.load(tmp_path / "m.joblib")
    assert str(caught.value) == (
        "m.joblib: a pickle of a model, which lgc never loads: loading one runs what is in it\n"
        "  hint: where you trust it, load it in Python and give lgc.compile the estimator, or save "
        "it as .json (XGBoost) or .txt (LightGBM) with save_model"
    )


def test_estimators_that_are_refused() -> None:
    def made(name: str, **fields: Any) -> Any:
        return type(name, (), {"__module__": "sklearn.tree._classes", **fields})()

    for model, message in (
        (
            made("DecisionTreeRegressor"),
            "scikit-learn: a DecisionTreeRegressor is not read\n  hint: classifiers are",
        ),
        (
            made("DecisionTreeClassifier"),
            "DecisionTreeClassifier: the estimator is not fitted\n  hint: call fit first",
        ),
        (
            made("DecisionTreeClassifier", classes_=[], n_outputs_=2),
            "DecisionTreeClassifier: several outputs",
        ),
    ):
        with pytest.raises((UnsupportedError, InputError)) as caught:
            lgc.compile(model)
        assert message in str(caught.value)


def test_inspection() -> None:
    found = Trees().inspect(FOLDER / "xgboost_digits.ubj", LoadOptions())
    assert found.kind == "XGBoost model, multi:softprob"
    assert dict(found.holds)["trees"] == "40"
    assert dict(found.holds)["classes"] == "10"


@pytest.mark.parametrize("name", FILES)
def test_mutations(name: str, tmp_path: Path) -> None:
    fuzz((FOLDER / name).read_bytes(), tmp_path / name, 40)


@pytest.mark.parametrize("scale", [1e-300, 1e-320, 1e140])
@pytest.mark.parametrize("precision", ["1", "24"])
def test_values_of_any_size(scale: float, precision: str) -> None:
    """Steps stay numbers, however small or large the values."""
    tree = random_tree(np.random.default_rng(0), 3, 4)
    grown = dataclasses.replace(tree, value=tree.value * scale)
    forest = Forest(4, [grown], np.zeros(3), "scaled")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        model = lgc.Model(module_of(forest, LoadOptions(quantise=precision), "scaled", {}))
    assert 0 < model.chain.group_sum.tau.value.data < np.inf
