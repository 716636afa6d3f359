"""Circuits and class sums are proved equal exactly when they are; examples are small and true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.evaluation import exhaustive_planes, pack_planes, unpack_planes
from lgc.facts import Facts, nothing, of_thresholds
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.proof.equality import Verdict, prove
from lgc.proof.shrinking import shrink
from lgc.proof.sweeping import Limits
from lgc.sums.terms import Weights
from tests.proof.test_sweeping import facts_of, sums_of_products
from tests.strategies import netlists

FEW = Limits(vectors=64)


def widened(net: Netlist, inputs: int, outputs: int) -> Netlist:
    """The same gates with more inputs and so many outputs."""
    move = inputs - net.inputs
    fanin = np.where(net.fanin < net.inputs, net.fanin, net.fanin + move)
    nets = np.where(net.outputs < net.inputs, net.outputs, net.outputs + move)
    return Netlist(
        inputs, net.table, fanin.astype(np.int32), np.resize(nets, outputs).astype(np.int32)
    )


@given(one=netlists(), other=netlists(k=None), data=st.data())
def test_bits(one: Netlist, other: Netlist, data: st.DataObject) -> None:
    inputs, outputs = max(one.inputs, other.inputs), len(one.outputs)
    one, other = widened(one, inputs, outputs), widened(other, inputs, outputs)
    if data.draw(st.booleans()):
        other = one
    facts = data.draw(facts_of(inputs)) if data.draw(st.booleans()) else nothing(inputs)
    check(
        prove(one, other, facts, FEW),
        facts,
        lambda bits: evaluate(one, bits) != evaluate(other, bits),
    )


def evaluate(net: Netlist, bits: np.ndarray) -> np.ndarray:
    return unpack_planes(net.evaluate(pack_planes(bits)), len(bits))


def check(verdict: Verdict, facts: Facts, differ) -> None:
    """The verdict is that of trying everything that can occur."""
    every = unpack_planes(exhaustive_planes(facts.inputs), 1 << facts.inputs)
    possible = every[facts.hold(every)]
    wrong = differ(possible).any(axis=1)
    assert verdict.equal is (not wrong.any())
    if verdict.example is not None:
        assert differ(verdict.example[None]).any()
        assert facts.hold(verdict.example[None]).all()


@given(one=netlists(max_outputs=8), data=st.data())
def test_sums(one: Netlist, data: st.DataObject) -> None:
    """Scores of two random sums, often of the same bits in another order."""
    count, inputs = len(one.outputs), one.inputs
    numbers = st.lists(st.integers(0, 1), min_size=count, max_size=count)
    weights = st.lists(st.sampled_from([1, 1, 1, 2, -1]), min_size=count, max_size=count)
    group, weight = np.array(data.draw(numbers)), np.array(data.draw(weights))
    order = np.array(data.draw(st.permutations(range(count))))
    other = Netlist(inputs, one.table, one.fanin, one.outputs[order])
    new_weight = weight[order] if data.draw(st.booleans()) else np.array(data.draw(weights))
    sums = (
        Weights(group, weight, np.zeros(2, int)),
        Weights(group[order], new_weight, np.zeros(2, int)),
    )
    facts = nothing(inputs)

    def differ(bits: np.ndarray) -> np.ndarray:
        return sums[0].values(evaluate(one, bits)) != sums[1].values(evaluate(other, bits))

    check(prove(one, other, facts, FEW, sums), facts, differ)


def one_class(*weight: int, offset: int = 0) -> Weights:
    return Weights(np.zeros(len(weight), int), np.array(weight), np.array([offset]))


@pytest.mark.parametrize(
    ("left", "right", "sums", "how"),
    [
        # a + b in another order, ¬a = 1 - a
        (
            "in 2; out %0 %1",
            "in 2; %2 = ~a %0 %0; out %1 %2",
            (one_class(1, 1), one_class(1, -1, offset=1)),
            "equal bits of the sums cancelled",
        ),
        # a∧b + a∨b = a + b
        (
            "in 2; %2 = a&b %0 %1; %3 = a|b %0 %1; out %2 %3",
            "in 2; out %0 %1",
            (one_class(1, 1), one_class(1, 1)),
            "expanded over the integers",
        ),
        # a⊕b + 2(a∧b) = a + b
        (
            "in 2; %2 = a^b %0 %1; %3 = a&b %0 %1; out %2 %3",
            "in 2; out %0 %1",
            (one_class(1, 2), one_class(1, 1)),
            "expanded over the integers",
        ),
    ],
)
def test_sums_that_were_rewritten(
    left: str, right: str, sums: tuple[Weights, Weights], how: str
) -> None:
    verdict = prove(parse_netlist(left), parse_netlist(right), nothing(2), FEW, sums)
    assert verdict.equal
    assert how in verdict.how


def test_sums_that_only_facts_make_equal_are_added_in_gates() -> None:
    """Of x > 1 and x > 2 the first is their disjunction: 2(a∨b) = 2a."""
    facts = of_thresholds("uint8", [0, 0, 1], np.array([1, 2, 0], np.float32))
    left = parse_netlist("in 3; %3 = a^b %0 %1; %4 = a&b %3 %2; out %3 %1 %4")
    right = parse_netlist("in 3; %3 = a&~b %0 %1; %4 = a&b %3 %2; out %0 %4")
    verdict = prove(left, right, facts, FEW, (one_class(1, 1, 1), one_class(1, 1)))
    assert verdict.equal
    other = prove(left, right, nothing(3), FEW, (one_class(1, 1, 1), one_class(1, 1)))
    assert other.equal is False


def test_scores_may_be_shifted_where_only_the_class_counts() -> None:
    net = parse_netlist("in 2; out %0 %1")
    group, ones = np.array([0, 1]), np.ones(2, int)
    sums = Weights(group, ones, np.array([3, 3])), Weights(group, ones, np.array([0, 0]))
    assert prove(net, net, nothing(2), FEW, sums).equal is False
    assert prove(net, net, nothing(2), FEW, sums, shift=True).equal


def test_hard_sums_are_undecided_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    net = sums_of_products(5)
    half = len(net.outputs) // 2
    left = Netlist(net.inputs, net.table, net.fanin, net.outputs[:half])
    right = Netlist(net.inputs, net.table, net.fanin, net.outputs[half:])
    with monkeypatch.context() as patch:
        patch.setattr("lgc.proof.equality.LAST", 1)
        verdict = prove(left, right, nothing(10), Limits(conflicts=1, vectors=64))
    assert verdict.equal is None
    assert "output bits" in verdict.how
    assert prove(left, right, nothing(10)).equal


def test_examples_are_small() -> None:
    """Two bits suffice to tell the conjunction of two from 0, whatever else is set."""
    net = parse_netlist("in 40; %40 = a&b %7 %31; out %40")
    zero = parse_netlist("in 40; %40 = 0 %0 %0; out %40")
    example = prove(net, zero, nothing(40)).example
    assert example is not None
    assert np.flatnonzero(example).tolist() == [7, 31]


@given(facts_of(10), st.data())
def test_shrinking_keeps_the_facts_and_the_difference(facts: Facts, data: st.DataObject) -> None:
    every = unpack_planes(exhaustive_planes(10), 1024)
    possible = every[facts.hold(every)]
    if not len(possible):
        return
    start = possible[data.draw(st.integers(0, len(possible) - 1))]
    wanted = data.draw(st.lists(st.sampled_from(range(10)), max_size=3))

    def differs(planes: np.ndarray) -> np.ndarray:
        bits = unpack_planes(planes, 64 * planes.shape[1])
        return (bits[:, wanted] == start[wanted]).all(axis=1)

    small = shrink(start, facts, differs)
    assert (small <= start).all()
    assert facts.hold(small[None]).all()
    assert (small[wanted] == start[wanted]).all()
    fewer = np.repeat(small[None], 10, axis=0) & ~np.eye(10, dtype=bool)
    fewer = fewer[small]
    still = facts.hold(fewer) & (fewer[:, wanted] == start[wanted]).all(axis=1)
    assert not still.any()
