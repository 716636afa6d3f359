"""LogicClassifier: scikit-learn's own checks, data of its own, and what its kernel says."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import UsageError

sklearn = pytest.importorskip("sklearn", reason="scikit-learn is not installed")
pytest.importorskip("torch", reason="torch is not installed")

from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_iris  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, train_test_split  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from lgc.estimator.choosing import (  # noqa: E402
    Facts,
    chosen_arch,
    chosen_batch,
    chosen_epochs,
    chosen_input,
    chosen_lr,
    chosen_tau,
)

SMALL: dict[str, Any] = {"arch": "60,30", "epochs": 3, "random_state": 0}


@parametrize_with_checks([lgc.LogicClassifier()])
def test_what_scikit_learn_asks_of_estimators(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def iris() -> tuple[Any, Any, Any]:
    """A classifier of flowers by name, and rows it has not seen."""
    x, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"], object)[y]
    x, held, names, wanted = train_test_split(x, names, stratify=y, random_state=0)
    return lgc.LogicClassifier(random_state=0).fit(x, names), held, wanted


def test_learns_flowers(iris: tuple[Any, Any, Any]) -> None:
    found, held, wanted = iris
    assert found.score(held, wanted) >= 0.92
    assert found.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert (found.recipe_.arch, found.recipe_.input) == ("2x300", "distributive:8")


def test_learns_tumours() -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x, held, y, wanted = train_test_split(x, y, stratify=y, random_state=0)
    found = lgc.LogicClassifier("2x400", random_state=0).fit(x, y)
    assert found.score(held, wanted) >= 0.93


def test_learns_what_bits_say() -> None:
    x = np.random.default_rng(0).integers(0, 2, (400, 8))
    y = x[:, 2] ^ (x[:, 5] & x[:, 1])
    found = lgc.LogicClassifier(random_state=0).fit(x, y)
    assert found.recipe_.input == "bool"
    assert found.score(x, y) >= 0.95


def test_answers_with_its_kernel(iris: tuple[Any, Any, Any]) -> None:
    found, held, _ = iris
    assert np.array_equal(found.predict(held), found.classes_[found.kernel_.predict(held)])
    scores = found.decision_function(held)
    assert np.array_equal(scores, found.kernel_(held))
    proba = found.predict_proba(held)
    assert np.allclose(proba.sum(1), 1)
    assert np.allclose(np.log(proba), found.predict_log_proba(held))
    assert np.allclose(np.diff(np.log(proba)), np.diff(scores))
    assert found.n_gates_ == found.model_.gates > 0
    evaluated = found.model_.evaluate(held.astype(np.float32))
    assert np.array_equal(evaluated.classes, found.kernel_.predict(held))


def test_one_seed_gives_one_network(iris: tuple[Any, Any, Any]) -> None:
    _, held, wanted = iris
    first, again, other = (
        lgc.LogicClassifier(**{**SMALL, "random_state": seed}).fit(held, wanted)
        for seed in (0, 0, 1)
    )
    assert str(first.model_) == str(again.model_) != str(other.model_)


def test_in_a_pipeline_and_a_search(iris: tuple[Any, Any, Any]) -> None:
    _, held, wanted = iris
    pipe = make_pipeline(StandardScaler(), lgc.LogicClassifier(**SMALL))
    grid = {"logicclassifier__lr": [0.05, 0.1], "logicclassifier__tau": [3.0]}
    search = GridSearchCV(pipe, grid, cv=2).fit(held, wanted)
    best = search.best_estimator_[-1]
    assert best.recipe_.tau == 3.0
    again = clone(best)
    assert again.get_params() == best.get_params()
    assert not hasattr(again, "kernel_")


def test_pickles_and_answers_elsewhere(iris: tuple[Any, Any, Any]) -> None:
    found, held, _ = iris
    code = (
        "import pickle, sys; found, x = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(pickle.dumps((found.predict(x), 'torch' in sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps((found, held)),
        capture_output=True,
        check=True,
    )
    answers, _ = pickle.loads(done.stdout)
    assert np.array_equal(answers, found.predict(held))


def test_verbose_tells_of_every_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = load_iris(return_X_y=True)
    lgc.LogicClassifier(**SMALL, verbose=1).fit(x, y)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["epoch 1", "epoch 2", "epoch 3"]


def test_patience_ends_a_training() -> None:
    x, y = load_iris(return_X_y=True)
    found = lgc.LogicClassifier(
        "60,30", epochs=500, validation=0.2, patience=2, random_state=0
    ).fit(x, y)
    assert len(found.history_) < 500


def test_what_does_not_suit_is_refused() -> None:
    x, y = load_iris(return_X_y=True)
    with pytest.raises(UsageError, match="the last layer has 40 gates"):
        lgc.LogicClassifier("40").fit(x, y)
    with pytest.raises(UsageError, match="recipe: epochs is 0, it is at least 1"):
        lgc.LogicClassifier(epochs=0).fit(x, y)
    with pytest.raises(UsageError, match="recipe: batch is 0, it is at least 1"):
        lgc.LogicClassifier(batch=0).fit(x, y)
    with pytest.raises(ValueError, match="all 150 rows are of one class"):
        lgc.LogicClassifier().fit(x, 0 * y)
    with pytest.raises(NotFittedError):
        lgc.LogicClassifier().model_  # noqa: B018


def test_choices() -> None:
    digits = Facts(1437, 64, 10, bits=False)
    assert (chosen_input(digits), chosen_arch(digits)) == ("distributive:8", "2x4000")
    assert (chosen_tau("2x4000", 10), chosen_batch(digits)) == (10.0, 64)
    assert (chosen_epochs(digits, 64), chosen_lr(digits, 64, 60)) == (60, 0.05)
    tiny = Facts(20, 2, 2, bits=True)
    assert (chosen_input(tiny), chosen_arch(tiny), chosen_epochs(tiny, 32)) == ("bool", "2x200", 60)
    assert chosen_lr(tiny, 32, 60) == 0.15
    large = Facts(60_000, 784, 10, bits=False)
    assert (chosen_input(large), chosen_arch(large)) == ("distributive:3", "4x8000")
    assert (chosen_batch(large), chosen_epochs(large, 128)) == (128, 20)
    many = Facts(60_000, 784, 1000, bits=False)
    assert chosen_arch(many) == "4x20000"


def test_importing_lgc_imports_no_scikit_learn() -> None:
    code = "import lgc, sys; sys.exit(bool({'sklearn', 'torch'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
