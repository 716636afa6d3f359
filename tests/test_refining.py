"""Refinement: what it keeps up to date is what the netlist gives, what it predicts is what comes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import demo, loops
from lgc.approximation.greedy import Task
from lgc.chain import Mapped, Sums, build_module, provenance
from lgc.errors import InputError, LgcError, UnsupportedError, UsageError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.inputs import packed
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.refining import Options, Refined, Round
from lgc.refining.costs import UNIT, costs, curve_of
from lgc.refining.sampling import draw_batch
from lgc.refining.search import Search, widest
from lgc.surgery import arity
from tests.strategies import netlists
from tests.support import random_layers

TEMPERATURE = 2.0


@contextmanager
def run_as(machine: bool) -> Generator[None]:
    """Loops as machine code, or as the Python they are."""
    enough = loops.ENOUGH
    loops.ENOUGH = 0 if machine else 1 << 62
    try:
        yield
    finally:
        loops.ENOUGH = enough


def a_task(net: Netlist, samples: int, seed: int) -> tuple[np.ndarray, Task]:
    """Random samples, and class sums of random weights over the outputs."""
    random = np.random.default_rng(seed)
    classes, outputs = int(random.integers(1, 5)), len(net.outputs)
    task = Task(
        random.integers(0, classes, outputs),
        random.integers(-2, 4, outputs),
        random.integers(-3, 3, classes),
        random.integers(0, classes, samples),
    )
    return random.random((samples, net.inputs)) < random.random(net.inputs), task


def check(search: Search, bits: np.ndarray, task: Task, stands: np.ndarray) -> None:
    """All that a search remembers of its netlist, from the netlist."""
    net, planes = search.netlist(), pack_planes(bits)
    every = Netlist(net.inputs, net.table, net.fanin, np.arange(net.nets)).evaluate(planes)
    held = search.value[: net.nets * search.words].view(np.uint64).reshape(net.nets, -1)
    assert np.array_equal(unpack_planes(held, len(bits)), unpack_planes(every, len(bits)))
    if len(bits) % 64:
        assert not (held[:, -1] >> np.uint64(len(bits) % 64)).any()
    scores = task.scores(net.evaluate(planes))
    assert np.array_equal(search.scores, scores)
    curve = curve_of(TEMPERATURE, widest(task))
    assert np.array_equal(search.cost, costs(scores, task.label, curve) * stands)
    assert search.predicted == search.saved


@settings(max_examples=120, deadline=None)
@given(
    netlists(k=None, max_gates=25), st.integers(1, 200), st.integers(0, 1000), st.integers(0, 3),
    st.booleans(),
)  # fmt: skip
def test_what_is_kept_up_to_date_is_what_the_netlist_gives(
    net: Netlist, samples: int, seed: int, wires: int, machine: bool
) -> None:
    bits, task = a_task(net, samples, seed)
    random = np.random.default_rng(seed)
    stands = random.integers(1, 4, samples)
    search = Search(net, task, pack_planes(bits), stands, TEMPERATURE)
    check(search, bits, task, stands)
    before = search.cost.sum()
    with run_as(machine):
        for step, gate in enumerate(random.integers(0, max(net.gates, 1), 12)):
            if not net.gates:
                break
            some = np.array([gate])
            now, saved = search.cost.sum(), search.saved
            if step % 3 < 2:
                search.improve(some, search.draw(some, wires, random))
                assert search.cost.sum() <= now
            else:
                room = int(random.integers(0, UNIT))
                search.shrink(some, search.draw(some, wires, random), UNIT // 2, room)
                assert search.cost.sum() - now <= min(UNIT // 2, room)
            assert now - search.cost.sum() == search.saved - saved
            check(search, bits, task, stands)
    assert before - search.cost.sum() == search.saved
    assert arity(search.netlist()).max(initial=0) <= net.k


@pytest.mark.parametrize("machine", [False, True])
def test_gates_of_six_fan_ins(machine: bool) -> None:
    """Their tables fill a word, sign included."""
    random = np.random.default_rng(0)
    table = random.integers(0, 1 << 64, 9, np.uint64, endpoint=False)
    net = Netlist(7, table, random.integers(0, 7, (9, 6)), np.arange(7, 16))
    bits, task = a_task(net, 130, 2)
    ones = np.ones(130, np.int64)
    search = Search(net, task, pack_planes(bits), ones, TEMPERATURE)
    with run_as(machine):
        gates = np.arange(9)
        search.improve(gates, search.draw(gates, 2, random))
        assert search.changes > 3
        check(search, bits, task, ones)
        search.shrink(gates, search.draw(gates, 2, random), UNIT * 9, UNIT * 99)
    check(search, bits, task, ones)


def cost_with(net: Netlist, gate: int, table: int, fanin: list[int], bits: np.ndarray, task: Task):
    """What all samples cost with a gate that is another."""
    tables, edges = net.table.copy(), net.fanin.copy()
    tables[gate], edges[gate] = table, fanin
    made = Netlist(net.inputs, tables, edges, net.outputs)
    scores = task.scores(made.evaluate(pack_planes(bits)))
    return int(costs(scores, task.label, curve_of(TEMPERATURE, widest(task))).sum())


@settings(max_examples=40, deadline=None)
@given(netlists(k=2, max_gates=12), st.integers(1, 90), st.integers(0, 1000), st.booleans())
def test_a_visit_finds_the_best_of_all_candidates(
    net: Netlist, samples: int, seed: int, machine: bool
) -> None:
    """All tables with one other fan-in, each evaluated: none beats what the sums have found."""
    if not net.gates:
        return
    bits, task = a_task(net, samples, seed)
    ones = np.ones(samples, np.int64)
    search = Search(net, task, pack_planes(bits), ones, TEMPERATURE)
    net = search.netlist()  # in the order of levels
    gate = seed % net.gates
    below = int(search.below[net.inputs + gate])
    best = int(search.cost.sum())
    for j, wire, table in itertools.product(range(2), range(below), range(16)):
        fanin = net.fanin[gate].tolist()
        fanin[j] = wire
        best = min(best, cost_with(net, gate, table, fanin, bits, task))
    with run_as(machine):
        search.improve(np.array([gate]), np.arange(below)[None])
    assert search.cost.sum() == best


@settings(max_examples=40, deadline=None)
@given(netlists(k=2, max_gates=12), st.integers(1, 90), st.integers(0, 1000), st.booleans())
def test_a_gate_goes_the_cheapest_way(net: Netlist, samples: int, seed: int, machine: bool) -> None:
    if not net.gates:
        return
    bits, task = a_task(net, samples, seed)
    ones = np.ones(samples, np.int64)
    search = Search(net, task, pack_planes(bits), ones, TEMPERATURE)
    net = search.netlist()
    gate = seed % net.gates
    below = int(search.below[net.inputs + gate])
    found = [cost_with(net, gate, table, [0, 0], bits, task) for table in (0, 15)]
    for wire in range(below):
        found += [cost_with(net, gate, table, [wire, 0], bits, task) for table in (3, 12)]
    with run_as(machine):
        search.shrink(np.array([gate]), np.arange(below)[None], 1 << 40, 1 << 40)
    assert search.cost.sum() == min(found)
    assert arity(search.netlist())[gate] < 2


def test_a_room_is_not_left() -> None:
    net = Netlist(
        8, *(getattr(random_layers([60], 8, 0)[0], n) for n in ("table", "fanin", "outputs"))
    )
    bits, task = a_task(net, 100, 1)
    search = Search(net, task, pack_planes(bits), np.ones(100, np.int64), TEMPERATURE)
    before, gates = search.cost.sum(), np.arange(60)
    search.shrink(gates, search.draw(gates, 2, np.random.default_rng(0)), 1 << 40, 3 * UNIT)
    assert search.changes > 0
    assert search.cost.sum() - before <= 3 * UNIT


def test_levels_never_rise() -> None:
    net = Netlist(5, [6, 6, 6], [[0, 1], [5, 2], [6, 3]], [5, 6, 7])
    _, task = a_task(net, 10, 0)
    search = Search(net, task, pack_planes(np.zeros((10, 5), bool)), np.ones(10, np.int64), 1.0)
    assert search.below.tolist() == [0] * 5 + [5, 6, 7]
    drawn = search.draw(np.arange(3), 500, np.random.default_rng(0))
    assert [row.max() for row in drawn] == [4, 5, 6]


def test_costs_are_what_they_are_said_to_be() -> None:
    random = np.random.default_rng(0)
    scores, label = random.integers(-9, 9, (50, 4)), random.integers(0, 4, 50)
    found = costs(scores, label, curve_of(3.0, 20)) / UNIT
    for row, right, cost in zip(scores.tolist(), label.tolist(), found.tolist()):
        wrong = [c for c in range(4) if c != right]
        assert cost == pytest.approx(
            sum(math.log1p(math.exp(-(row[right] - row[c]) / 3)) for c in wrong), abs=1e-4
        )


def test_a_batch_stands_for_all_rows() -> None:
    random = np.random.default_rng(0)
    cost = (random.exponential(1.0, 20_000) ** 4 * UNIT).astype(np.int64)
    totals, sizes = [], []
    for seed in range(40):
        chosen, stands = draw_batch(cost, 2000, np.random.default_rng(seed))
        assert (np.diff(chosen) > 0).all()
        totals.append((cost[chosen] * stands).sum() / cost.sum())
        sizes.append(len(chosen))
        assert np.array_equal(draw_batch(cost, 2000, np.random.default_rng(seed))[0], chosen)
    assert np.mean(totals) == pytest.approx(1, abs=0.005)
    assert 1000 < np.mean(sizes) <= 2000
    # the dearest are always there
    assert set(np.argsort(cost)[-100:]) <= set(chosen.tolist())
    chosen, stands = draw_batch(cost[:2000], 2000, random)
    assert (np.array_equal(chosen, np.arange(2000)), stands.max()) == (True, 1)
    assert len(draw_batch(np.zeros(5000, np.int64), 100, random)[0]) < 200


def untrained(seed: int = 0) -> tuple[Model, np.ndarray, np.ndarray]:
    """A random network, and a rule of three bits that it does not know."""
    random = np.random.default_rng(seed)
    model = Model(build_module(12, random_layers([40, 40], 12, seed), Sums(2, 4.0), dtype="bool"))
    x = random.random((1200, 12)) < 0.5
    return model, x, (x[:, 3] ^ (x[:, 5] & x[:, 7])).astype(np.int64)


def test_a_rule_is_learnt_by_gates_alone() -> None:
    model, x, y = untrained()
    told: list[Round] = []
    done: list[tuple[int, int]] = []
    before = str(model)
    found = lgc.refine(
        model, x[:800], y[:800], rounds=8, tell=told.append,
        progress=lambda *at: done.append(at),
    )  # fmt: skip
    assert str(model) == before
    assert tuple(told) == found.rounds[1:]
    assert [number for number, _ in done] == sorted(number for number, _ in done)
    assert done[0][1] == 8000
    assert found.start.held_back < 0.8
    assert found.result.held_back == 1
    assert (model.evaluate(x[800:]).classes == y[800:]).mean() < 0.7
    assert (found.model.evaluate(x[800:]).classes == y[800:]).all()
    assert (found.training, found.held_back) == (720, 80)
    assert found.model.gates <= found.start.gates
    assert found.rate == found.tried / found.seconds
    note = provenance(found.model.module)["refine"]
    assert note.startswith(f"{found.start.gates} to {found.result.gates} gates; accuracy on 720 ")
    assert note.endswith(f"goal accuracy, {found.kept} rounds, seed 0")
    kernel = lgc.compile(found.model)
    assert (kernel.predict(x) == found.model.evaluate(x).classes).all()


def test_seeds_reproduce() -> None:
    model, x, y = untrained()
    made = [
        str(lgc.refine(model, x, y, rounds=2, seed=seed, batch=500).model) for seed in (3, 3, 4)
    ]
    assert made[0] == made[1] != made[2]


def digits() -> tuple[np.ndarray, np.ndarray]:
    x, y, _ = demo.images()
    return x, y.astype(np.int64)


def test_a_smaller_network_at_no_loss() -> None:
    x, y = digits()
    found = lgc.refine(demo.model_path(), x, y, goal="size", rounds=3, wires=8, validation=0)
    assert found.kept > 0
    assert found.model.gates < found.start.gates / 2
    assert (found.training, found.held_back) == (360, 0)
    assert math.isnan(found.result.held_back)
    now = (found.model.evaluate(x).classes == y).mean()
    assert now == found.result.training >= found.start.training
    again = lgc.refine(found.model, x, y, validation_data=(x, y), rounds=2)
    assert again.kept > 0
    assert again.result.held_back == again.result.training
    assert provenance(again.model.module)["refine"].count("; then ") == 1


def test_what_is_no_better_is_not_taken() -> None:
    """Rows held back whose labels are wrong: every change that helps is one for the worse."""
    x, _ = digits()
    model = lgc.optimize(demo.model_path(), "O2")
    right = model.evaluate(x).classes
    found = lgc.refine(
        model, x, (right + 1) % 10, validation_data=(x, right), rounds=9, patience=2, wires=2
    )
    assert (found.kept, len(found.rounds)) == (0, 3)
    assert found.model.gates == model.gates
    assert "refine" not in provenance(found.model.module)
    assert lgc.check(model, found.model)


def test_packed_bits_and_numbers_give_the_same() -> None:
    model, x, y = untrained()
    made = [lgc.refine(model, rows, y, rounds=2, wires=2) for rows in (x, packed(x))]
    assert str(made[0].model) == str(made[1].model)


def test_a_batch_is_no_larger_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    from lgc.refining import rounds

    sizes: list[int] = []

    def drawn(cost: np.ndarray, size: int, random: np.random.Generator):
        sizes.append(size)
        return draw_batch(cost, size, random)

    monkeypatch.setattr(rounds, "draw_batch", drawn)
    monkeypatch.setattr(rounds, "MEMORY", 4096)
    model, x, y = untrained()
    lgc.refine(model, x, y, rounds=1)
    nets = 12 + lgc.optimize(model, "O2").gates
    assert sizes == [4 * 4096 // (nets + 1)]


NET = parse_netlist("in 2; %2 = a&b %0 %1; out %2 %1")
X, Y = np.array([[0, 1], [1, 1], [1, 0]]), np.array([0, 1, 1])


def small(sums: Sums | None) -> Model:
    return Model(build_module(2, [NET], sums, dtype="bool"))


def convolution() -> Model:
    index = np.array([[0, 1], [1, 0]], np.int32)
    return Model(
        build_module(2, [Mapped(NET, index, np.zeros(0, np.int32))], Sums(2), dtype="bool")
    )


@pytest.mark.parametrize(
    ("attempt", "error", "said"),
    [
        (
            lambda: lgc.refine(convolution(), X, Y),
            UnsupportedError,
            "logic.map, a convolution, is no plain circuit\n"
            "  hint: -p unroll-map,O2 makes one of it",
        ),
        (
            lambda: lgc.refine(small(None), X, Y),
            UnsupportedError,
            "refine: a search needs one circuit of gates that ends in class sums\n"
            "  hint: --classes, where the file lacks them",
        ),
        (
            lambda: lgc.refine(small(Sums(1)), X, Y, validation=0),
            InputError,
            "training data: labels go from 0 to 1, the model has 1 classes",
        ),
        (
            lambda: lgc.refine(small(Sums(2)), X, Y, validation_data=(X, Y + 1)),
            InputError,
            "held-back data: labels go from 1 to 2, the model has 2 classes",
        ),
        (
            lambda: lgc.refine(small(Sums(2)), X, Y[:2]),
            InputError,
            "training data: labels are int64 (2,), a whole number for each of 3 rows is needed",
        ),
        (
            lambda: lgc.refine(small(Sums(2)), X, Y * 0.5),
            InputError,
            "training data: labels are float64 (3,), a whole number for each of 3 rows is needed",
        ),
        (
            lambda: lgc.refine(small(Sums(2)), X, Y),
            UsageError,
            "10 % of 3 rows leave a part empty\n"
            "  hint: both parts need rows: give more data, or another share to hold back",
        ),
        (
            lambda: Options(goal="speed").verify("here"),  # pyright: ignore[reportArgumentType]
            UsageError,
            "here: 'speed' is no goal\n  hint: one of accuracy, size",
        ),
        (
            lambda: Options(rounds=0).verify("here"),
            UsageError,
            "here: rounds must be at least 1, not 0",
        ),
        (
            lambda: Options(wires=-1).verify("here"),
            UsageError,
            "here: wires must be at least 0, not -1",
        ),
        (
            lambda: Options(temperature=0).verify("here"),
            UsageError,
            "here: a temperature is a positive number, not 0",
        ),
    ],
)
def test_what_cannot_be_done(attempt, error: type[LgcError], said: str) -> None:
    with pytest.raises(error) as caught:
        attempt()
    assert str(caught.value) == said


def test_a_convolution_that_is_unrolled() -> None:
    unrolled = lgc.optimize(convolution(), "unroll-map,O2")
    assert isinstance(lgc.refine(unrolled, X, Y, validation=0), Refined)
