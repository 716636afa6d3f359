"""Robustness against all inputs near a sample, written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import verification
from lgc.chain import Sums, build_module
from lgc.errors import InputError, UsageError
from lgc.inputs import packed
from lgc.model import Model
from lgc.neighbours import Near, samples
from lgc.netlist import Netlist
from tests.support import random_layers
from tests.verification.cases import every_input, models, some_numbers

WAYS = [0, 1 << 20]
"""Most inputs to go through: none, so that the solver must answer; or all."""


@pytest.fixture(autouse=True)
def no_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small balls are not gone through unless the test says so."""
    monkeypatch.setattr("lgc.proof.robustness.FEW", 0)


@settings(max_examples=150)
@given(model=models(), most=st.sampled_from(WAYS), data=st.data())
def test_changes_of_bits_and_features(model: Model, most: int, data: st.DataObject) -> None:
    bits, classes, _ = every_input(model)
    row = data.draw(st.integers(0, len(bits) - 1))
    kind = data.draw(st.sampled_from(["flips", "features"]))
    size = data.draw(st.integers(1, 3))
    differs = bits != bits[row]
    if kind == "flips":
        far = differs.sum(axis=1)
    else:
        feature = model.chain.feature
        far = sum(differs[:, feature == f].any(axis=1).astype(int) for f in np.unique(feature))
    other = (classes != classes[row]) & (far <= size)
    report = lgc.verify(model, "robust", packed(bits[[row]]), **{kind: size}, enumerate=most)
    (found,) = report.findings
    assert found.before == classes[row]
    assert (found.answer == "refuted") == other.any()
    assert found.answer != "undecided"
    if found.bits is not None:
        (place,) = np.flatnonzero((bits == found.bits).all(axis=1))
        assert other[place]
        assert found.after == classes[place]


@settings(max_examples=150)
@given(model=models(), most=st.sampled_from(WAYS), data=st.data())
def test_a_radius(model: Model, most: int, data: st.DataObject) -> None:
    """All combinations of numbers at, and beside, the levels and the ends of the ball."""
    chain = model.chain
    x = some_numbers(model, np.random.default_rng(data.draw(st.integers(0, 99))), 1)
    radius = data.draw(st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.75, 3.0, 254.0]))
    centre = x[0].astype(np.float64)
    values: list[np.ndarray] = []
    for number, one in enumerate(centre):
        level = chain.level[chain.feature == number]
        near = [
            one,
            *level,
            *np.nextafter(level, np.float32(np.inf)),
            np.floor(level) + 1,
            np.floor(level),
        ]
        every = np.unique(np.concatenate([np.ravel(part) for part in near]).astype(np.float64))
        if chain.dtype != "float32":
            every = np.arange(2 if chain.dtype == "bool" else 256)
        values.append(every[np.abs(every - one) <= radius])
    patterns = [
        np.unique(v[:, None] > chain.level[chain.feature == number], axis=0)
        for number, v in enumerate(values)
    ]
    rows = []
    for choice in itertools.product(*patterns):
        row = np.zeros(chain.bits, bool)
        for number, pattern in enumerate(choice):
            row[chain.feature == number] = pattern
        rows.append(row)
    classes = model.evaluate(packed(np.array(rows))).classes
    own = model.evaluate(x).classes[0]
    (found,) = lgc.verify(model, "robust", x, radius=radius, enumerate=most).findings
    assert found.answer == ("refuted" if (classes != own).any() else "proved")
    if found.numbers is not None:
        assert found.numbers.dtype == x.dtype
        assert (np.abs(found.numbers.astype(np.float64) - centre) <= radius).all()
        assert model.evaluate(found.numbers[None]).classes[0] == found.after != own


@settings(max_examples=60)
@given(model=models(), data=st.data())
def test_the_smallest_size(model: Model, data: st.DataObject) -> None:
    x = some_numbers(model, np.random.default_rng(data.draw(st.integers(0, 99))), 1)
    kind = data.draw(st.sampled_from(["flips", "features", "radius"]))
    most = 4 if kind != "radius" else 300.0
    (found,) = lgc.verify(model, "robust", x, **{kind: most}, smallest=True).findings

    def answer(size: float) -> str:
        size = size if kind == "radius" else int(size)
        return lgc.verify(model, "robust", x, **{kind: size}).findings[0].answer

    assert found.proved is not None
    if found.proved:
        assert answer(found.proved) == "proved"
    if found.broken is not None:
        assert answer(found.broken) == "refuted"
        assert found.answer == "refuted"
        if kind != "radius":
            assert found.broken == found.proved + 1
        else:
            assert answer(np.nextafter(found.broken, 0)) == "proved"
    else:
        assert found.answer == answer(most) == "proved"


def test_a_tie_goes_to_the_first_class() -> None:
    """Scores (1, x): class 0 while x is 0 or 1; scores (x, 1) likewise only while x is 1."""
    one = Netlist(1, [15], [[0, 0]], [1, 0])
    model = Model(build_module(1, [one], Sums(2), dtype="bool"))
    assert lgc.verify(model, "robust", np.zeros((1, 1), bool), flips=1).count("proved") == 1
    swapped = Netlist(1, [15], [[0, 0]], [0, 1])
    model = Model(build_module(1, [swapped], Sums(2), dtype="bool"))
    (found,) = lgc.verify(model, "robust", np.ones((1, 1), bool), flips=1).findings
    assert (found.before, found.after, found.answer) == (0, 1, "refuted")


def test_a_kernel_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    module = build_module(12, random_layers([60, 50, 40], 12, 0), Sums(4), dtype="bool")
    x = np.random.default_rng(0).integers(0, 2, (6, 12)).astype(bool)
    plain = lgc.verify(Model(module), "robust", x, flips=3)
    monkeypatch.setattr(verification, "KERNEL_WORK", 0)
    fast = lgc.verify(Model(module), "robust", x, flips=3)
    assert [one.answer for one in plain.findings] == [one.answer for one in fast.findings]
    assert plain.count("refuted") > 0


def test_limits_are_told() -> None:
    module = build_module(40, random_layers([200, 200, 100], 40, 1), Sums(5), dtype="bool")
    x = np.zeros((1, 40), bool)
    for limits, text in (
        ({"conflicts": 0}, "stopped after 0 conflicts"),
        ({"seconds": 0.0}, "stopped after 0 seconds"),
    ):
        report = lgc.verify(Model(module), "robust", x, flips=1, enumerate=0, **limits)
        (found,) = report.findings
        if found.answer != "refuted":
            assert (found.answer, found.how) == ("undecided", text)
            assert report.summary == "robust 0 of 1 (0.00%), not robust 0, undecided 1"
    stopped = lgc.verify(Model(module), "robust", x, flips=3, seconds=0.0)
    assert stopped.findings[0].answer in ("undecided", "refuted")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "robust: what is near is said by one of flips, features and radius, not 0"),
        ({"flips": 1, "radius": 1.0}, "robust: what is near is said by one of flips, features and radius, not 2"),
        ({"flips": 0}, "flips: at least one change is needed, not 0"),
        ({"radius": -1.0}, "radius: a radius is a number from 0, not -1.0"),
        ({"flips": 1, "chosen": [7]}, "samples: there is no sample 7, there are 1"),
    ],
)  # fmt: skip
def test_what_is_refused(options: dict, message: str) -> None:
    model = Model(build_module(2, random_layers([4], 2, 0), Sums(2), dtype="bool"))
    with pytest.raises(UsageError) as error:
        lgc.verify(model, "robust", np.zeros((1, 2), bool), **options)
    assert str(error.value) == message


def test_what_else_is_refused() -> None:
    model = Model(build_module(2, random_layers([4], 2, 0), Sums(2), dtype="bool"))
    with pytest.raises(UsageError, match="a property is one of robust, .*, not 'nice'"):
        lgc.verify(model, "nice")
    with pytest.raises(UsageError) as error:
        lgc.verify(model, "robust", flips=1)
    assert str(error.value) == "robust: the samples are missing\n  hint: --data FILE, or x"
    with pytest.raises(UsageError) as error:
        lgc.verify(model, "robust", packed(np.zeros((1, 2), bool)), radius=1.0)
    assert str(error.value) == (
        "radius: a radius is about numbers, and these samples are packed bits\n"
        "  hint: flips counts changes of bits"
    )


def test_bits_that_cannot_occur_are_refused() -> None:
    net = Netlist(2, [6], [[0, 1]], [2, 0])
    module = build_module(1, [net], Sums(2), dtype="uint8", feature=[0, 0], level=[3, 5])
    with pytest.raises(InputError) as error:
        samples(Model(module).chain, packed(np.array([[1, 1], [0, 1]], bool)))
    assert str(error.value) == (
        "sample 1 holds bits that cannot occur together\n"
        "  hint: do the packed bits stand in the order of the model's thresholds?"
    )


def test_bytes_know_fewer_neighbours_than_numbers() -> None:
    """Between 2 and 3 there is no byte: levels 2.2 and 2.7 are one."""
    net = Netlist(2, [6], [[0, 1]], [2, 0])
    module = build_module(1, [net], Sums(2), dtype="float32", feature=[0, 0], level=[2.2, 2.7])
    chain = Model(module).chain
    near = Near("radius", 1.0)
    assert samples(chain, np.array([[2]], np.uint8)).ball(0, near).size == 2
    assert samples(chain, np.array([[2]], np.float32)).ball(0, near).size == 3
    assert str(near) == "numbers that differ by up to 1"


def test_python_sat_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    model = Model(build_module(40, random_layers([200, 200, 100], 40, 1), Sums(5), dtype="bool"))
    random = np.random.default_rng(0).integers(0, 2, (20, 40)).astype(bool)
    with pytest.raises(lgc.LgcError) as error:
        lgc.verify(model, "robust", random, flips=1, enumerate=0)
    assert "pip install 'lgc[proof]'" in str(error.value)
