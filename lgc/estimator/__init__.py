"""Networks of gates as an estimator of scikit-learn (`pip install 'lgc[train]'`)."""

from ..extras import extra

extra("sklearn.base", "train")

from .classifier import LogicClassifier  # noqa: E402

__all__ = ["LogicClassifier"]
