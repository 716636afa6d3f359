"""Sums and comparisons as gates give what the reference gives, for any weights and offsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc import registry
from lgc.evaluation import exhaustive_planes, pack_planes, unpack_planes
from lgc.netlist import Netlist
from lgc.sums.adders import add_up
from lgc.sums.classifier import classifier
from lgc.sums.identities import simplify
from lgc.sums.terms import Terms, Weights, collect, merged
from lgc.surgery import arity, restrict, tidy
from tests.strategies import netlists
from tests.support import random_layers, shared_model


@st.composite
def sums_over(draw: st.DrawFn, net: Netlist) -> Weights:
    classes = draw(st.integers(1, 5))
    numbers = st.integers(-3, 5)
    row = st.lists(numbers, min_size=len(net.outputs), max_size=len(net.outputs))
    group = st.lists(
        st.integers(0, classes - 1), min_size=len(net.outputs), max_size=len(net.outputs)
    )
    offset = st.lists(numbers, min_size=classes, max_size=classes)
    return Weights(*(np.array(draw(one), np.int64) for one in (group, row, offset)))


def scores(net: Netlist, sums: Weights) -> np.ndarray:
    bits = unpack_planes(net.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)
    columns = [
        bits[:, sums.group == c].astype(np.int64) @ sums.weight[sums.group == c]
        for c in range(sums.classes)
    ]
    return np.stack(columns, axis=1) + sums.offset


def scores_of(net: Netlist, terms: Terms) -> np.ndarray:
    shown = Netlist(net.inputs, net.table, net.fanin, np.append(terms.net, 0))
    group, weight = np.append(terms.group, 0), np.append(terms.weight, 0)
    return scores(shown, Weights(group, weight, terms.offset))


@given(netlists(k=None, max_outputs=12), st.data())
def test_scores_and_class(net: Netlist, data: st.DataObject) -> None:
    sums = data.draw(sums_over(net))
    length = data.draw(st.integers(0, 2))
    wanted = scores(net, sums)
    made = classifier(net, sums, "scores", length)
    bits = unpack_planes(made.net.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)
    start = 0
    for group, size in enumerate(made.sizes):
        number = bits[:, start : start + size] @ made.weight[start : start + size]
        assert (number == wanted[:, group]).all()
        start += size
    made = classifier(net, sums, "class", length)
    bits = unpack_planes(made.net.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)
    assert made.sizes == (max(1, (sums.classes - 1).bit_length()),)
    assert (bits @ (1 << np.arange(made.sizes[0])) == wanted.argmax(axis=1)).all()


@given(netlists(k=2, max_outputs=8), st.data())
def test_terms_and_identities_keep_the_scores(net: Netlist, data: st.DataObject) -> None:
    sums = data.draw(sums_over(net))
    net = tidy(net)
    wanted = scores(net, sums)
    terms = collect(net, sums)
    assert (scores_of(net, terms) == wanted).all()
    assert (terms.weight != 0).all()
    wider, fewer = simplify(net, terms)
    assert (scores_of(wider, fewer) == wanted).all()
    assert len(fewer.net) <= len(terms.net)


@pytest.mark.parametrize(
    ("gates", "weights", "left"),
    [
        ((1, 7), (1, 1), {0: 1, 1: 1}),  # a∧b + a∨b = a + b
        ((6, 1), (1, 2), {0: 1, 1: 1}),  # a⊕b + 2(a∧b) = a + b
        ((2, 4), (1, 1), {4: 1}),  # a∧¬b + ¬a∧b = a⊕b
        ((2, 1), (1, 1), {0: 1}),  # a∧¬b + a∧b = a
        ((1, 6), (1, 1), {4: 1}),  # a∧b + a⊕b = a∨b
        ((1, 14), (1, 1), {}),  # f + ¬f = 1
    ],
)
def test_identities(gates: tuple[int, int], weights: tuple[int, int], left: dict) -> None:
    net = Netlist(2, gates, [[0, 1], [0, 1]], [2, 3])
    zero = np.zeros(2, np.int64)
    sums = Weights(zero, np.array(weights, np.int64), zero[:1])
    _, terms = simplify(net, collect(net, sums))
    assert dict(zip(terms.net.tolist(), terms.weight.tolist())) == left


def test_a_pair_that_gains_nothing_stays() -> None:
    net = Netlist(2, [1, 6], [[0, 1], [0, 1]], [2, 3])
    terms = merged(*(np.array(row, np.int64) for row in ([2, 3], [0, 0], [4, 1], [0])))
    after, same = simplify(net, terms)
    assert after is net
    assert same.net.tolist() == [2, 3]


@pytest.mark.parametrize("length", [0, 1, 7])
def test_chains_in_machine_code_are_the_same(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(length)
    bits = 2 * random.permutation(3000) + random.integers(0, 2, 3000)
    weight = random.integers(1, 12, 3000)
    plain = add_up(3000, bits, weight, 5, np.sort, length)
    monkeypatch.setattr("lgc.loops.ENOUGH", 0)
    made = add_up(3000, bits, weight, 5, np.sort, length)
    assert (made.table == plain.table).all()
    assert (made.fanin == plain.fanin).all()
    assert made.number == plain.number
    outputs = np.array(made.number, np.int64)
    net = Netlist(3000, made.table.astype(np.uint64), made.fanin, outputs >> 1)
    values = random.integers(0, 2, (64, 3000)).astype(np.bool_)
    out = unpack_planes(net.evaluate(pack_planes(values)), 64) ^ (outputs & 1 > 0)
    wanted = (values[:, bits >> 1] ^ (bits & 1 > 0)) @ weight + 5
    assert (out @ (1 << np.arange(len(outputs))) == wanted).all()


def test_pairs_of_outputs_that_nobody_else_reads_save_gates() -> None:
    """A full adder is two gates a bit; pairs whose y is absorbed bring that below two."""
    net = tidy(random_layers([300], 64, 3)[0])
    net = restrict(net, np.flatnonzero(arity(net) == 2)[:101] + net.inputs)
    zero = np.zeros(len(net.outputs), np.int64)
    made = classifier(net, Weights(zero, zero + 1, zero[:1]), "scores").net
    mapped = registry.find("passes", "map-lut")(k=3).rewrite(made)
    adders = len(net.outputs) - made.outputs.size
    assert mapped.gates < net.gates + 2 * adders


@pytest.mark.parametrize("what", ["scores", "class"])
def test_a_real_model(what: str) -> None:
    folder = shared_model("digits_4x2000")
    model = lgc.optimize(
        lgc.load(
            folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=10, inputs=192
        )
    )
    test, golden = np.load(folder / "testset.npz"), np.load(folder / "golden.npz")
    sums = model.chain.group_sum
    assert sums is not None
    made = classifier(model.chain.stages[0].net.data, sums.weighted(), what)  # type: ignore[arg-type]
    bits = np.unpackbits(test["X"], axis=1)[:, :192].astype(np.bool_)
    out = unpack_planes(made.net.evaluate(pack_planes(bits)), len(bits)).astype(np.int64)
    parts = np.split(out, np.cumsum(made.sizes)[:-1], axis=1)
    weights = np.split(made.weight, np.cumsum(made.sizes)[:-1])
    numbers = np.stack([part @ weight for part, weight in zip(parts, weights)], axis=1)
    if what == "scores":
        assert (numbers == golden["scores"]).all()
    else:
        assert (numbers[:, 0] == golden["pred"]).all()


@pytest.mark.parametrize("name", ["sum-dedupe", "lower-sums"])
def test_sums_of_nothing(name: str) -> None:
    """Weights of 0 leave no terms; a circuit has an output all the same."""
    net = Netlist(2, [6], [[0, 1]], [2, 2])
    zero = np.zeros(2, np.int64)
    after, sums = registry.find("passes", name)().rewrite(net, Weights(zero, zero, zero + 3))
    assert len(after.outputs) == len(sums.group) > 0
    assert (scores(after, sums) == 3).all()
