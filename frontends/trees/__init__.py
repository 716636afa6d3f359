"""Decision-tree ensembles: XGBoost and LightGBM models, live scikit-learn, XGBoost, LightGBM.

Thresholds become the encoder, trees circuits, leaf values weighted class sums. Values are real
numbers, sums are integers: values are rounded, and the model says how much a score can be off.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Sums, build_module
from lgc.description import agree, describe, refuse
from lgc.errors import InputError
from lgc.interchange import head, origin, read_file
from lgc.quantisation import Ints, Quantised, parse_precision, quantise, tell
from lgc.reading import Frontend, Inspection, LoadOptions
from lgc.reference import run

from . import lightgbm, scikit, xgboost
from .circuit import build, leaf_parts
from .forest import Forest, Nodes, gather, real_scores

Reader = Callable[[bytes, str], Forest]

MISSING = {"anywhere": True, "never": False}
"""What a description may say of numbers that are NaN."""

PICKLES = (b"sklearn", b"xgboost", b"lightgbm")


class Trees(Frontend):
    """Told apart by the first bytes."""

    name = "trees"

    def recognises(self, path: Path) -> bool:
        return _reader(head(path)) is not None

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        forest, data = _forest(path)
        extra: dict[str, Any] = {}
        if options.description is not None:  # model.json is often a model itself
            options, extra = describe(path, options, self.name, {"missing": str})
        if (missing := extra.get("missing", "anywhere")) not in MISSING:
            raise InputError(
                f"missing is {missing!r}, not one of {', '.join(MISSING)}",
                where=str(options.description),
            )
        return module_of(
            forest, options, path.name, origin(path, data, self.name), missing=MISSING[missing]
        )

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        forest, _ = _forest(path)
        nodes = gather(forest, path.name)
        holds = (
            ("trees", f"{len(forest.trees):,}"),
            ("splits", f"{int(nodes.inner.sum()):,}"),
            ("leaves", f"{len(nodes.leaves):,}"),
            ("depth", f"{len(nodes.layers) - 1}"),
            ("numbers in a sample", f"{forest.features}"),
            ("classes", f"{forest.classes}"),
        )
        return Inspection(f"{forest.kind}", holds)

    def recognises_object(self, model: object) -> bool:
        return any(part.recognises(model) for part in (scikit, xgboost, lightgbm))

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        where = type(model).__name__
        part = next(part for part in (scikit, xgboost, lightgbm) if part.recognises(model))
        return module_of(
            part.read_live(model, where), options, where, {"source": where, "frontend": self.name}
        )


def _reader(start: bytes) -> Reader | None:
    if xgboost.is_model(start):
        return xgboost.read
    if lightgbm.is_model(start):
        return lightgbm.read
    if start.startswith(b"\x80") and any(name in start for name in PICKLES):
        return _refuse_pickle
    return None


def _refuse_pickle(data: bytes, where: str) -> Forest:
    raise InputError(
        "a pickle of a model, which lgc never loads: loading one runs what is in it",
        where=where,
        hint="where you trust it, load it in Python and give lgc.compile the estimator, or save it "
        "as .json (XGBoost) or .txt (LightGBM) with save_model",
    )


def _forest(path: Path) -> tuple[Forest, bytes]:
    data = read_file(path)
    reader = _reader(data[:4096])
    if reader is None:
        raise InputError("this is no XGBoost or LightGBM model", where=path.name)
    return reader(data, path.name), data


def module_of(
    forest: Forest,
    options: LoadOptions,
    where: str,
    provenance: dict[str, str],
    *,
    missing: bool = True,
) -> ModuleOp:
    """The module of a forest.

    Args:
        missing: numbers may be NaN.

    Raises:
        LgcError: options that it has no use for, broken trees, sums that are too large.
    """
    refuse(options, ("wiring", "tau", "input", "parametrisation"), "a forest", where)
    agree(options, {"inputs": forest.features, "classes": forest.classes}, where)
    nodes = gather(forest, where, missing=missing)
    precision = parse_precision(options.quantise)
    base = forest.base
    if (
        options.quantise is None
        and nodes.value.shape == (len(nodes.tree), len(base))
        and len(nodes.root) == 1 < len(base)
    ):
        nodes, base = nodes.decided(base), np.zeros_like(base)
    found = quantise(leaf_parts(base, nodes), precision, where, forest.divisor)
    module = _module(forest, nodes, found, provenance)

    def real(x: NDArray[np.float32]) -> Ints:
        scores = real_scores(base, nodes, x)
        if scores.shape[1] > 1:
            return scores.argmax(axis=1)
        return ((scores[:, 0] > 0) | ((scores[:, 0] == 0) & (forest.tie == 1))).astype(np.int64)

    def exact(x: NDArray[np.float32]) -> Ints:
        classes = run(module, x).classes
        assert classes is not None
        return classes

    tell(found, "leaf values", where, precision.data, real, exact)
    return module


def _module(forest: Forest, nodes: Nodes, found: Quantised, provenance: dict[str, str]) -> ModuleOp:
    circuit = build(nodes, found)
    group, offset = circuit.sums.group, circuit.sums.offset
    if len(offset) == 1:  # class 1 where the score is above 0, or at it: above −1
        group, offset = group + 1, np.array([-forest.tie, int(offset[0])])
    facts = {"kind": forest.kind, "quantisation": found.text}
    if forest.labels and tuple(forest.labels) != tuple(map(str, range(forest.classes))):
        facts["labels"] = ", ".join(forest.labels)
    return build_module(
        forest.features,
        [circuit.net],
        Sums(len(offset), forest.divisor / found.step, group, circuit.sums.weight, offset),
        feature=circuit.feature,
        level=circuit.level,
        provenance={**provenance, **facts},
    )
