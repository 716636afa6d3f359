"""Tsetlin machines: votes of real ones to the last, live ones, random ones, every complaint."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc.errors import InputError, LgcError, UnsupportedError, UsageError
from lgc.frontends.tsetlin import Machine, Tsetlin, build
from lgc.reading import LoadOptions
from lgc.reference import run
from tests.frontends.fuzzing import fuzz
from tests.support import ROOT

FOLDER = ROOT / "tests" / "frontends" / "fixtures" / "tsetlin"
NAMES = ("green", "vanilla", "weighted", "coalesced")
INPUT = "thermometer:4,10"


@cache
def golden() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "golden.npz") as found:
        return {key: found[key] for key in found.files}


@pytest.mark.parametrize("name", NAMES)
def test_real_machines(name: str) -> None:
    model = lgc.load(FOLDER / f"{name}.npz", input=INPUT)
    outcome = model.evaluate(golden()["x"])
    assert np.array_equal(outcome.counts, golden()[f"{name}.votes"])
    assert np.array_equal(outcome.classes, golden()[f"{name}.class"])
    assert (outcome.classes == golden()["y"]).mean() > 0.6
    kernel = lgc.compile(model)
    assert np.array_equal(kernel.counts(golden()["x"]), outcome.counts)


def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / f"{name}.npz") as found:
        return {key: found[key] for key in found.files}


def live_green() -> Any:
    found = arrays("green")
    rules = [np.flatnonzero(row >= 0).tolist() for row in found["c"]]
    filled = [number for number, rule in enumerate(rules) if rule]
    ruleset = SimpleNamespace(
        rules=[rules[number] for number in filled],
        weights=found["w"][filled].tolist(),
        n_literals=found["c"].shape[1] // 2,
        is_multi_label=False,
    )
    kind = {
        "__module__": "green_tsetlin.tsetlin_machine",
        "get_predictor": lambda self: SimpleNamespace(_ruleset=ruleset),
    }
    return type("TsetlinMachine", (), kind)()


def live_tmu(name: str) -> Any:
    found = arrays(name)
    clauses, chunks = found["ta_state"].shape[1:3]
    banks = [
        SimpleNamespace(
            clause_bank=bank.ravel(),
            number_of_clauses=clauses,
            number_of_literals=int(found["literals"]),
            number_of_ta_chunks=chunks,
            number_of_patches=1,
        )
        for bank in found["ta_state"]
    ]
    votes = [SimpleNamespace(get_weights=lambda row=row: row) for row in found["weights"]]
    fields: dict[str, Any] = {"number_of_classes": 10, "weight_banks": votes}
    fields |= {"clause_bank": banks[0]} if len(banks) == 1 else {"clause_banks": banks}
    return type("TM", (), {"__module__": "tmu.models.classification", **fields})()


@pytest.mark.parametrize("name", NAMES)
def test_live_machines(name: str) -> None:
    model = lgc.from_torch(live_green() if name == "green" else live_tmu(name), input=INPUT)
    outcome = model.evaluate(golden()["x"])
    assert np.array_equal(outcome.counts, golden()[f"{name}.votes"])


def test_live_banks_of_lists() -> None:
    """tmu's CPU_sparse platform keeps numbers of literals, in two lists."""
    bank = SimpleNamespace(
        number_of_clauses=2,
        number_of_literals=4,
        number_of_patches=1,
        clause_bank_included=np.array([[[0, 9], [3, 9]], [[1, 9], [2, 9]]]),
        clause_bank_included_length=np.array([2, 0]),
        clause_bank_included_absorbed=np.array([[1, 1], [2, 1]]),
        clause_bank_included_absorbed_length=np.array([0, 1]),
    )
    votes = [SimpleNamespace(get_weights=lambda: np.array([2, -3]))] * 2
    fields = {"number_of_classes": 2, "weight_banks": votes, "clause_bank": bank}
    model = lgc.compile(type("TM", (), {"__module__": "tmu.models", **fields})())
    # x0 ∧ ¬x1 counts 2, ¬x0 counts −3
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert model.counts(x).tolist() == [[-3, -3], [-3, -3], [2, 2], [0, 0]]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_random_machines(seed: int) -> None:
    random = np.random.default_rng(seed)
    bits, clauses, classes = (int(random.integers(1, 9)) for _ in range(3))
    include = random.random((clauses, 2 * bits)) < random.choice([0.05, 0.2, 0.5])
    weight = random.integers(-3, 4, (clauses, classes))
    clause, group = np.nonzero(weight + 7)  # votes of 0 too
    machine = Machine("random", include, classes, clause, group, weight[clause, group])
    module = build(machine, LoadOptions(), "random", {})
    x = random.integers(0, 2, (64, bits))
    literals = np.concatenate([x, 1 - x], axis=1) > 0
    holds = (literals[:, None] | ~include).all(axis=2) & include.any(axis=1)
    assert np.array_equal(run(module, x).counts, holds @ weight)


def save(folder: Path, **changed: Any) -> Path:
    np.savez(folder / "m.npz", **changed)
    return folder / "m.npz"


WEIGHTS, STATE = np.ones((3, 2), np.int16), np.zeros((3, 8), np.int8)
TA = np.zeros((2, 3, 1, 8), np.uint32)
VOTES = np.ones((2, 3), np.int32)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            {"w": WEIGHTS[:2], "c": STATE},
            "m.npz: weights (2, 2) and clauses (3, 8) do not fit together\n"
            "  hint: a row for each clause; a column for each class, and for each literal",
        ),
        (
            {"w": WEIGHTS, "c": STATE[:, :7]},
            "m.npz: weights (3, 2) and clauses (3, 7) do not fit together\n"
            "  hint: a row for each clause; a column for each class, and for each literal",
        ),
        (
            {"w": WEIGHTS.astype(float), "c": STATE},
            "m.npz: no array w of whole numbers, or of another shape",
        ),
        (
            {"ta_state": TA, "weights": VOTES},
            "m.npz: no array literals of whole numbers, or of another shape",
        ),
        (
            {"ta_state": TA, "weights": VOTES, "literals": 40},
            "m.npz: states uint32 (2, 3, 1, 8) do not hold 40 literals\n"
            "  hint: they are uint32 (banks, clauses, chunks, state bits), 32 literals in a chunk",
        ),
        (
            {"ta_state": TA, "weights": VOTES[:, :2], "literals": 8},
            "m.npz: 2 banks of 3 clauses do not fit weights (2, 2)",
        ),
        (
            {"w": 0 * WEIGHTS, "c": STATE},
            "m.npz: all weights are 0\n  hint: was it trained?",
        ),
        (
            {"w": np.full((3, 2), 2**30), "c": STATE},
            "m.npz: votes do not fit into 32 bits",
        ),
    ],
)
def test_refused_files(tmp_path: Path, found: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        lgc.load(save(tmp_path, **found))
    assert str(caught.value) == message


def test_sparse_states_are_refused_by_name(tmp_path: Path) -> None:
    objects = np.empty(1, object)
    objects[0] = np.zeros(3, np.int8)
    path = save(tmp_path, w=WEIGHTS, c_data=objects, c_indices=objects, c_indptr=objects)
    with pytest.raises(UnsupportedError) as caught:
        lgc.load(path)
    assert str(caught.value) == (
        "m.npz: a sparse state of green_tsetlin holds pickled Python objects, which lgc never "
        "loads\n  hint: give lgc.compile the machine itself, or tm.get_predictor()"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"input": "thermometer:1,2,3"},
            "m.npz: 4 bits do not fall into 3 levels\n  hint: is --input right?",
        ),
        (
            {"classes": 3},
            "m.npz: the model has 2 classes, not 3\n  hint: leave --classes out: the model says it",
        ),
        (
            {"inputs": 5},
            "m.npz: the model has 4 inputs, not 5\n  hint: leave --inputs out: the model says it",
        ),
        ({"tau": 2.0}, "m.npz: a Tsetlin machine has no use for --tau\n  hint: leave it out"),
    ],
)
def test_options(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises((InputError, UsageError)) as caught:
        lgc.load(save(tmp_path, w=WEIGHTS, c=STATE), **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("module", "fields", "message"),
    [
        ("green_tsetlin", {"rules": None}, "TM: it holds no rules\n  hint: train it first"),
        (
            "green_tsetlin",
            {"rules": [[0]], "is_multi_label": True},
            "TM: a machine with several labels a sample",
        ),
        (
            "tmu",
            {},
            "tmu: a TM is not read\n  hint: fitted TMClassifier and TMCoalescedClassifier are",
        ),
        (
            "tmu",
            {
                "weight_banks": [],
                "number_of_classes": 1,
                "clause_bank": SimpleNamespace(number_of_patches=4),
            },
            "TM: a convolutional machine",
        ),
    ],
)
def test_refused_machines(module: str, fields: dict[str, Any], message: str) -> None:
    model = type("TM", (), {"__module__": module, **fields})()
    with pytest.raises(LgcError) as caught:
        lgc.compile(model)
    assert str(caught.value) == message


def test_inspection() -> None:
    found = Tsetlin().inspect(FOLDER / "green.npz", LoadOptions())
    assert found.kind == "green_tsetlin state"
    assert dict(found.holds)["bits"] == "128"
    assert found.missing[0].option == "input"


@pytest.mark.parametrize("name", NAMES)
def test_mutations(name: str, tmp_path: Path) -> None:
    fuzz((FOLDER / f"{name}.npz").read_bytes(), tmp_path / "m.npz", 60)
    plain = save(tmp_path, **arrays(name)).read_bytes()  # uncompressed, mutations reach the arrays
    fuzz(plain, tmp_path / "m.npz", 60)
