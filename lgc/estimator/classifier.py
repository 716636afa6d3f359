"""The estimator: a network is trained on bits, compiled, and answers through its kernel.

Its scores are sums of bits, so that predictions do not depend on how rows are batched, and what
`predict` says is what the kernel says, bit for bit.
"""

from __future__ import annotations

import sys
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import driver
from ..extras import extra
from ..interfaces import Kernel
from ..model import Model
from ..training.datasets import DataSet
from ..training.recipe import Recipe
from ..training.trainer import Progress, train
from .choosing import (
    chosen_arch,
    chosen_batch,
    chosen_epochs,
    chosen_input,
    chosen_lr,
    chosen_tau,
    facts_of,
)

_base: Any = extra("sklearn.base", "train")
_validation: Any = extra("sklearn.utils.validation", "train")
_targets: Any = extra("sklearn.utils.multiclass", "train")
_utils: Any = extra("sklearn.utils", "train")

Auto = Literal["auto"]


class LogicClassifier(_base.ClassifierMixin, _base.BaseEstimator):
    """A network of logic gates that is trained, compiled and asked as any classifier.

    Numbers become bits by thresholds at their quantiles. ``"auto"`` is chosen by the rows, numbers
    and classes of the data.

    Attributes:
        classes_: labels, in order.
        kernel_: answers; it takes rows of ``n_features_in_`` numbers.
        model_: what was compiled, a `Model`: to look at, to write as Verilog, to prove things of.
        n_gates_: gates of the kernel's model.
        recipe_: all of what determined the training.
        history_: its evaluations, a `Progress` each.
        n_features_in_, feature_names_in_: as everywhere in scikit-learn.
    """

    def __init__(
        self,
        arch: str = "auto",
        *,
        tau: float | Auto = "auto",
        beta: float = 0.0,
        input: str = "auto",
        k: int = 2,
        logic: str = "product",
        parametrization: str = "softmax",
        connections: str = "random",
        weight_init: str = "residual",
        temperature: float = 1.0,
        epochs: int | Auto = "auto",
        batch: int | Auto = "auto",
        lr: float | Auto = "auto",
        schedule: str = "cosine",
        validation: float = 0.0,
        patience: int = 0,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        """Say how to train.

        Args:
            arch: widths of the layers, such as ``2x1000`` or ``400,200``; the last is a multiple
                of the number of classes.
            tau: divisor of the class sums in the softmax, and in `predict_proba`.
            input: how numbers become bits; see `lgc.training.building`.
            random_state: seed of weights, wires and the order of rows, or a
                `numpy.random.RandomState`.
            verbose: 1 prints a line for each evaluation to stderr.

        The others are those of `Recipe`.
        """
        self.arch = arch
        self.tau = tau
        self.beta = beta
        self.input = input
        self.k = k
        self.logic = logic
        self.parametrization = parametrization
        self.connections = connections
        self.weight_init = weight_init
        self.temperature = temperature
        self.epochs = epochs
        self.batch = batch
        self.lr = lr
        self.schedule = schedule
        self.validation = validation
        self.patience = patience
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> LogicClassifier:  # noqa: N803
        """Train a network and compile it.

        Args:
            X: rows of numbers, ``(n, features)``, compared as float32.
            y: labels ``(n,)`` of any kind.

        Raises:
            ValueError: rows or labels are not what scikit-learn takes, or of one class only.
            UsageError: a parameter is out of range, or does not suit the classes.
        """
        x, labels = _validation.validate_data(self, X, y, dtype=np.float32)
        _targets.check_classification_targets(labels)
        classes, numbers = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(
                f"LogicClassifier tells classes apart, and all {len(x)} rows are of one class"
            )
        recipe = self._recipe(x, len(classes))
        names = tuple(map(str, classes.tolist()))
        data = DataSet("X", x, numbers.astype(np.int64), x[:0], numbers[:0].astype(np.int64), names)
        trained = train(recipe, data, report=_print if self.verbose else None)
        self.classes_ = classes
        self.recipe_, self.history_ = trained.recipe, trained.history
        self.kernel_: Kernel = driver.compile(trained.model)
        self.n_gates_: int = self.model_.gates
        return self

    @property
    def model_(self) -> Model:
        """What the kernel was compiled from, after all passes."""
        _validation.check_is_fitted(self)
        return Model(self.kernel_.module)

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The label of each row; of equal scores the first."""
        x = self._rows(X)
        return self.classes_[self.kernel_.predict(x)]

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Class sums divided by tau, ``(n, classes)``; of two classes their difference ``(n,)``."""
        scores = self._scores(X)
        return scores if scores.shape[1] > 2 else scores[:, 1] - scores[:, 0]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """The softmax of the scores, ``(n, classes)``, which the training made probable."""
        scores = self._scores(X)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Logarithms of `predict_proba`."""
        return np.log(self.predict_proba(X))

    def _scores(self, x: Any) -> NDArray[np.float64]:
        rows = self._rows(x)
        return self.kernel_(rows).astype(np.float64)

    def _rows(self, x: Any) -> NDArray[np.float32]:
        _validation.check_is_fitted(self)
        return _validation.validate_data(self, x, dtype=np.float32, reset=False)

    def _recipe(self, x: NDArray[np.float32], classes: int) -> Recipe:
        facts = facts_of(x, classes)
        arch = chosen_arch(facts) if self.arch == "auto" else self.arch
        batch: Any = chosen_batch(facts) if self.batch == "auto" else self.batch
        epochs: Any = chosen_epochs(facts, batch) if self.epochs == "auto" else self.epochs
        lr: Any = chosen_lr(facts, batch, epochs) if self.lr == "auto" else self.lr
        tau: Any = chosen_tau(arch, classes) if self.tau == "auto" else self.tau
        state = _utils.check_random_state(self.random_state)
        return Recipe(
            arch=arch,
            tau=tau,
            beta=self.beta,
            input=chosen_input(facts) if self.input == "auto" else self.input,
            k=self.k,
            logic=self.logic,
            parametrization=self.parametrization,
            connections=self.connections,
            weight_init=self.weight_init,
            temperature=self.temperature,
            epochs=epochs,
            batch=batch,
            lr=lr,
            schedule=self.schedule,
            seed=int(state.randint(1 << 31)),
            validation=self.validation,
            evaluate=1 if self.patience or self.verbose else 1 << 20,
            patience=self.patience,
        )


def _print(progress: Progress) -> None:
    line = (
        f"epoch {progress.epoch}: loss {progress.loss:.4f}, "
        f"relaxed {100 * progress.relaxed:.2f} %, hard {100 * progress.hard:.2f} %, "
        f"{progress.seconds:.1f} s\n"
    )
    sys.stderr.write(line)
