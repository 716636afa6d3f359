"""Approximation: what it measures is true, what it loses is within bounds, and it says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp

import lgc
from lgc import approximation, demo, loops
from lgc.approximation import Labelled, Options, Point, approximate, split
from lgc.approximation.candidates import pairs_alike
from lgc.approximation.greedy import Task, merge
from lgc.chain import Sums, build_module, provenance
from lgc.errors import InputError, LgcError, UnsupportedError, UsageError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.inputs import packed
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.surgery import compose
from tests.strategies import netlists
from tests.support import random_layers


def planes_of(net: Netlist, bits: np.ndarray) -> np.ndarray:
    return approximation._all_planes(net, pack_planes(bits), len(bits))


def lacks(scores: np.ndarray, label: np.ndarray, margin: int) -> int:
    """What right classes lack in all, straight from the definition."""
    total = 0
    for row, right in zip(scores.tolist(), label.tolist()):
        leads = [row[right] - other - (c < right) for c, other in enumerate(row) if c != right]
        total += max([0, *(margin - lead for lead in leads)])
    return total


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Netlist, np.ndarray, Task]:
    net = draw(netlists(k=draw(st.sampled_from([1, 2, 2, 3])), max_gates=25))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    samples, classes = draw(st.integers(1, 200)), draw(st.integers(1, 4))
    outputs = len(net.outputs)
    task = Task(
        random.integers(0, classes, outputs),
        random.integers(-2, 4, outputs),
        random.integers(-3, 3, classes),
        random.integers(0, classes, samples),
    )
    return net, random.random((samples, net.inputs)) < random.random(net.inputs), task


@settings(max_examples=150, deadline=None)
@given(tasks(), st.integers(0, 60), st.integers(0, 5), st.booleans())
def test_merging_costs_nothing_on_the_training_part(
    case: tuple[Netlist, np.ndarray, Task], percent: int, margin: int, machine: bool
) -> None:
    net, bits, task = case
    value, words = planes_of(net, bits), pack_planes(bits)
    samples = len(bits)
    pairs = pairs_alike(net, value, samples, samples * percent // 100)
    before = task.scores(net.evaluate(words))
    given = value.copy()
    for gate, other, phase, distance in zip(pairs.gate, pairs.net, pairs.phase, pairs.distance):
        both = unpack_planes(given[[gate, other]], samples)
        assert ((both[:, 0] ^ both[:, 1] ^ bool(phase)).sum()) == distance
        assert distance <= samples * percent // 100
        assert other < gate or other == net.nets
    enough = loops.ENOUGH
    loops.ENOUGH = 0 if machine else 1 << 62
    try:
        made = merge(net, value, task, pairs, margin)
    finally:
        loops.ENOUGH = enough
    after = task.scores(made.evaluate(words))
    assert lacks(after, task.label, margin) <= lacks(before, task.label, margin)
    assert task.lacks(after, margin).sum() == lacks(after, task.label, margin)
    # what was kept up to date on the way is what the result gives
    swept = unpack_planes(made.evaluate(words), samples)
    same = made.outputs < net.nets
    assert np.array_equal(swept[:, same], unpack_planes(value[made.outputs[same]], samples))
    if percent == 0:
        assert np.array_equal(after, before)


@given(tasks())
def test_scores_are_sums(case: tuple[Netlist, np.ndarray, Task]) -> None:
    net, bits, task = case
    values = unpack_planes(net.evaluate(pack_planes(bits)), len(bits))
    expected = np.tile(task.offset, (len(bits), 1))
    for bit, (group, weight) in enumerate(zip(task.group, task.weight)):
        expected[:, group] += weight * values[:, bit]
    assert np.array_equal(task.scores(net.evaluate(pack_planes(bits))), expected)


def test_a_twin_that_differs_on_few_samples_is_found() -> None:
    """Far apart in the circuit, so that neither reads the other; complemented, too."""
    one = compose(random_layers([300, 200], 40, 0))
    fanin = np.concatenate([one.fanin, [[0, 1], [2, 3], [340, 341], [540, 542], [540, 542]]])
    table = np.concatenate([one.table, np.uint64([1, 1, 1, 2, 13])])
    net = Netlist(40, table, fanin, np.arange(40, 545))
    bits = np.random.default_rng(0).random((4000, 40)) < 0.3
    bits[:, :4] = np.random.default_rng(1).random((4000, 4)) < 0.2
    value = planes_of(net, bits)
    pairs = pairs_alike(net, value, 4000, 40)
    found = {(int(g), int(n), int(p)) for g, n, p in zip(pairs.gate, pairs.net, pairs.phase)}
    assert {(543, 540, 0), (544, 540, 1), (544, 543, 1)} & found


def digits(pipeline: str = "O2") -> tuple[lgc.Model, Labelled]:
    x, y, _ = demo.images()
    model = lgc.optimize(lgc.load(demo.model_path()), pipeline)
    return model, Labelled(x, y.astype(np.int64))


def test_the_curve_of_a_trained_model() -> None:
    model, data = digits()
    training, held = split(data, 50, 0)
    told: list[Point] = []
    curve = approximate(model.module, training, held, Options(budget=2.0), told.append)
    assert told == list(curve.points)
    assert curve.start.gates > curve.points[0].gates > curve.result.gates
    assert model.gates == curve.result.gates < 0.7 * curve.start.gates
    for part, accuracy in ((training, curve.result.training), (held, curve.result.held_back)):
        assert (model.evaluate(part.x).classes == part.y).mean() == accuracy
    within = [p.held_back >= curve.start.held_back - 0.02 for p in curve.points]
    assert within[curve.kept - 1]
    assert within[curve.kept :] in ([], [False], [False, False])
    note = provenance(model.module)["approximate"]
    assert note.startswith(
        f"{curve.start.gates:,} to {curve.result.gates:,} gates; accuracy on 180"
    )
    assert note.endswith("budget 2 points, margin 12, seed 0")
    assert f"differ on at most {curve.result.tolerance:g} % of training rows" in note
    again = approximate(model.module, training, held, Options(budget=2.0, tolerance=30))
    if again.result.gates < curve.result.gates:
        assert provenance(model.module)["approximate"].startswith(f"{note}; then ")
    optimised = lgc.optimize(model, "O2")
    assert provenance(optimised.module)["approximate"]
    kernel = lgc.compile(optimised)
    assert (kernel.predict(data.x) == model.evaluate(data.x).classes).all()


def test_nothing_is_lost_where_nothing_may_be() -> None:
    model, data = digits()
    before = str(model)
    wrong = Labelled(data.x, (model.evaluate(data.x).classes + 1) % 10)
    curve = approximate(model.module, wrong, data, Options(budget=0.0, tolerance=0.0))
    assert [p.tolerance for p in curve.points] == [0.0]
    model, data = digits()
    curve = approximate(model.module, wrong, data, Options(budget=0.0, margin=0))
    if curve.kept == 0:
        assert str(model) == before
    assert curve.result.held_back >= curve.start.held_back


def test_packed_bits_and_numbers_give_the_same() -> None:
    results = []
    for as_bits in (False, True):
        model, data = digits()
        chain = model.chain
        if as_bits:
            data = Labelled(packed(data.x[:, chain.feature] > chain.level), data.y)
        approximate(model.module, *split(data, 30, 3), Options(budget=1.0, seed=5))
        results.append(str(model))
    assert results[0] == results[1]


def test_more_training_rows_than_fit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model, data = digits()
    nets = model.chain.stages[0].net.data.nets
    monkeypatch.setattr(approximation, "MEMORY", (nets + 1) * 128 // 8)
    curve = approximate(model.module, *split(data, 20, 0), Options(tolerance=0.0))
    assert (curve.training, curve.held_back) == (128, 72)


def small(sums: Sums | None = None, layers: int = 1) -> ModuleOp:
    nets = [parse_netlist("in 2; %2 = a&b %0 %1; out %2 %1")] * layers
    return build_module(2, nets, sums, dtype="bool")


ROWS = Labelled(np.array([[0, 1], [1, 1], [1, 0]]), np.array([0, 1, 1]))


@pytest.mark.parametrize(
    ("attempt", "error", "said"),
    [
        (
            lambda: approximate(small(), ROWS, ROWS, Options()),
            UnsupportedError,
            "approximate: approximation needs one circuit that ends in class sums\n"
            "  hint: fuse-layers joins the circuits of a model",
        ),
        (
            lambda: approximate(small(Sums(2), 2), ROWS, ROWS, Options()),
            UnsupportedError,
            "approximate: approximation needs one circuit that ends in class sums\n"
            "  hint: fuse-layers joins the circuits of a model",
        ),
        (
            lambda: approximate(small(Sums(1)), ROWS, ROWS, Options()),
            InputError,
            "training data: labels go from 0 to 1, the model has 1 classes",
        ),
        (
            lambda: split(ROWS, 10, 0),
            UsageError,
            "10 % of 3 rows leave a part empty\n"
            "  hint: both parts need rows: give more data, or another share to hold back",
        ),
        (
            lambda: Options(budget=-1).verify("here"),
            UsageError,
            "here: a budget is 0 to 100 points, not -1",
        ),
        (
            lambda: Options(tolerance=51).verify("here"),
            UsageError,
            "here: a tolerance is 0 to 50 %, not 51",
        ),
        (
            lambda: Options(margin=-2).verify("here"),
            UsageError,
            "here: a margin cannot be -2",
        ),
    ],
)
def test_what_cannot_be_done(attempt, error: type[LgcError], said: str) -> None:
    with pytest.raises(error) as caught:
        attempt()
    assert str(caught.value) == said


def test_as_a_pass(tmp_path: Path) -> None:
    x, y, _ = demo.images()
    np.savez(tmp_path / "d.npz", x=x, y=y)
    made = lgc.optimize(demo.model_path(), f'O2,approximate{{data="{tmp_path}/d.npz" budget=1.0}}')
    stats = made.stats[-1]
    assert stats.gates_after < stats.gates_before
    assert stats.checked == "differs, as approximate may (random, 2,048 vectors, seed 0)"
    assert "differs, as approximate may" in provenance(made.module)["checked"]
    assert "approximate" in made.summary()
    np.savez(tmp_path / "bare.npz", x=x)
    with pytest.raises(InputError) as caught:
        lgc.optimize(demo.model_path(), f'O2,approximate{{data="{tmp_path}/bare.npz"}}')
    assert str(caught.value) == f"{tmp_path}/bare.npz: has no labels\n  hint: accuracy needs them"
    with pytest.raises(UsageError) as wrong:
        lgc.optimize(demo.model_path(), "approximate")
    assert str(wrong.value).startswith("pass approximate: ")
