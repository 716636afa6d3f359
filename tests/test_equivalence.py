"""The checker: it finds planted faults, and its examples are right."""

from __future__ import annotations

import re

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Sums, build_module
from lgc.equivalence import (
    EXHAUSTIVE_INPUTS,
    Batch,
    Observation,
    Subject,
    bit_vectors,
    compare,
    compare_netlists,
    subject,
)
from lgc.errors import UsageError
from lgc.evaluation import pack_planes
from lgc.facts import nothing
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.passes.fuse_layers import FuseLayers
from lgc.passes.lower_sums import LowerSums
from lgc.reference import run
from lgc.surgery import compose
from lgc.text import context, parse_module, print_module
from tests.support import random_layers


def test_every_planted_fault_that_matters_is_found() -> None:
    net = compose(random_layers([30, 20], 8, 0))
    inputs, _ = bit_vectors(nothing(8), net.gates, "fast", 0)
    planes = pack_planes(inputs)
    found = harmless = 0
    for gate in range(net.gates):
        for bit in range(4):
            table = net.table.copy()
            table[gate] ^= np.uint64(1 << bit)
            wrong = Netlist(net.inputs, table, net.fanin, net.outputs)
            result = compare_netlists(net, wrong)
            same = np.array_equal(net.evaluate(planes), wrong.evaluate(planes))
            assert bool(result) == same
            found, harmless = found + (not same), harmless + same
            if result.counterexample is not None:
                example = result.counterexample
                one = pack_planes(example.bits[None])
                values = [int(n.evaluate(one)[example.output, 0]) & 1 for n in (net, wrong)]
                assert values == [example.left, example.right]
                assert example.left != example.right
    assert found > 50
    assert harmless > 0


def test_texts_of_results() -> None:
    one = parse_netlist("in 2; %2 = a&b %0 %1; out %0 %2")
    other = parse_netlist("in 2; %2 = a|b %0 %1; out %0 %2")
    assert str(compare_netlists(one, one)) == "equal (exhaustive, 4 vectors)"
    assert str(compare_netlists(one, other)) == (
        "different (exhaustive, 4 vectors): output bit 1 is 0 and 1 on input 01"
    )
    wide = random_layers([10], 20, 0)[0]
    assert str(compare_netlists(wide, wide)) == "equal (random, 2,048 vectors, seed 0)"
    assert str(compare_netlists(one, wide)) == (
        "different (2 inputs and 2 outputs against 20 inputs and 10 outputs)"
    )


def test_exhaustive_up_to_sixteen_inputs() -> None:
    """A fault on one vector of 65,536 is found."""
    gates = [[0, 1]] + [[16 + i, i + 2] for i in range(14)]
    both = Netlist(16, np.ones(15, int), gates, [30])  # the AND of all inputs
    never = Netlist(16, [*([1] * 14), 0], gates, [30])
    result = compare_netlists(both, never)
    assert not result
    assert result.counterexample is not None
    assert result.counterexample.text == "1" * EXHAUSTIVE_INPUTS
    with pytest.raises(UsageError) as caught:
        compare_netlists(*random_layers([5, 5], 17, 0)[:1] * 2, mode="exhaustive")
    assert str(caught.value) == (
        "an exhaustive check takes up to 16 input bits, this has 17\n"
        "  hint: --check=fast tries random vectors"
    )


def test_the_seed_decides_the_vectors() -> None:
    first, again, other = (bit_vectors(nothing(20), 10, "fast", seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sums": Sums(5)}, "classes: 2 against 5"),
        ({"sums": Sums(2, 3.0)}, "tau: 1.0 against 3.0"),
        ({"sums": None}, "classes: 2 against 0"),
    ],
)
def test_models_of_another_shape(change: dict, reason: str) -> None:
    layers = random_layers([10], 6, 0)
    one = build_module(6, layers, Sums(2))
    other = build_module(6, layers, **change)
    result = compare(subject(one), subject(other))
    assert str(result) == f"different ({reason})"


def test_models_that_sum_differently_are_compared_by_score() -> None:
    layer = random_layers([4], 6, 0)[0]
    swapped, crossed = (
        Netlist(6, layer.table, layer.fanin, layer.outputs[order])
        for order in ([1, 0, 3, 2], [2, 1, 0, 3])
    )
    one, same, other = (build_module(6, [net], Sums(2)) for net in (layer, swapped, crossed))
    assert compare(subject(one), subject(same))  # other bits, which add up to the same
    assert "output bit 0 is" in str(compare(subject(one), subject(other)))
    weighted = build_module(6, [crossed], Sums(2, weight=[1, 1, 1, 1], group=[0, 0, 1, 1]))
    assert not compare(subject(one), subject(weighted))
    doubled = build_module(6, [layer], Sums(2, weight=[2, 1, 1, 1]))
    result = compare(subject(one), subject(doubled))
    assert "score of class 0 is" in str(result)


def test_models_that_binarise_differently() -> None:
    layer = [parse_netlist("in 3; out %0 %1 %2 %0")]
    one, same, other = (
        build_module(3, layer, Sums(2), level=level)
        for level in ([0, 0, 0], [0, 0, 0], [0, 0.5, 0])
    )
    assert compare(subject(one), subject(same))
    result = compare(subject(one), subject(other))
    assert not result
    assert result.how == "random, 2,048 vectors around the thresholds, seed 0"
    with pytest.raises(UsageError) as caught:
        compare(subject(one), subject(other), "exhaustive")
    assert str(caught.value) == (
        "the models binarise differently, so their bits cannot be enumerated\n"
        "  hint: --check=fast draws numbers around the thresholds of both"
    )


SEVENTEEN = np.repeat(np.arange(6), (3, 3, 2, 3, 4, 2))
"""The one-hot groups of MONK's 17 bits."""


def groups_of(net: Netlist, one_hot: object) -> ModuleOp:
    return build_module(17, [net], None, one_hot=one_hot)


def test_only_vectors_that_can_occur_are_compared() -> None:
    """Of a one-hot group two bits are never set: the first two gates are 0 and 1."""
    gates = [[0, 1], [6, 7], [0, 3]]
    one, other, wrong = (
        Netlist(17, table, gates, [17, 18, 19]) for table in ([1, 7, 1], [0, 15, 1], [1, 7, 0])
    )
    promised = groups_of(one, SEVENTEEN)
    for right in (groups_of(other, SEVENTEEN), groups_of(other, None)):
        for left in (subject(promised), subject(right)):
            result = compare(left, subject(right if left.chain.one_hot[0] >= 0 else promised))
            assert str(result) == "equal (exhaustive, 432 vectors)"
    assert not compare(subject(promised), subject(groups_of(wrong, SEVENTEEN)))
    assert not compare(subject(groups_of(one, None)), subject(groups_of(other, None)))
    result = compare(subject(promised), subject(groups_of(one, SEVENTEEN // 2)))
    assert result.how.startswith("one-hot groups: [[0, 1, 2], [3, 4, 5], [6, 7],")


def test_numbers_that_a_kernel_is_checked_on_obey_one_hot_groups() -> None:
    level = np.random.default_rng(0).choice(np.float32([0, 0.5, 2]), 17)
    net = Netlist(17, [1, 7], [[0, 1], [6, 7]], [17, 18])
    seen: list[np.ndarray] = []

    def packing(module: ModuleOp) -> Subject:
        plain = subject(module)

        def observe(batch: Batch) -> Observation:
            if isinstance(batch, np.ndarray):
                seen.append(batch)
            return plain.observe(batch)

        return Subject(plain.chain, plain.gates, observe, packs=True)

    module = build_module(17, [net], None, level=level, one_hot=SEVENTEEN)
    assert compare(packing(module), subject(module))
    assert [x.dtype for x in seen] == [np.float32, np.uint8]
    for x in seen:
        bits = x > level
        assert (np.add.reduceat(bits, [0, 3, 6, 8, 11, 15], axis=1, dtype=int) == 1).all()
        assert bits.any(axis=0).all()


def test_the_reference_takes_the_first_maximum() -> None:
    net = parse_netlist("in 2; out %0 %1 %0 %1")
    x = np.array([[0, 0], [1, 1], [0, 1], [1, 0]], np.uint8)
    outcome = run(build_module(2, [net], Sums(2)), x)
    assert outcome.counts is not None
    assert outcome.classes is not None
    assert outcome.counts.tolist() == [[0, 0], [2, 2], [1, 1], [1, 1]]
    assert outcome.classes.tolist() == [0, 0, 0, 0]


def test_a_model_that_gives_the_class_alone_is_compared_by_class() -> None:
    layers = random_layers([40, 40], 8, 1)
    random = np.random.default_rng(0)
    offset = random.integers(-2, 3, 4)
    scores = build_module(8, layers, Sums(4, 3.0, offset=offset), dtype="bool")
    lowered = scores.clone()
    FuseLayers().apply(context(), lowered)
    LowerSums(to="class").apply(context(), lowered)
    lowered.verify()
    assert compare(subject(scores), subject(lowered))
    x = random.integers(0, 2, (200, 8)).astype(np.bool_)
    assert (run(scores, x).classes == run(lowered, x).classes).all()
    other = build_module(8, layers, Sums(4, 3.0, offset=-offset), dtype="bool")
    result = compare(subject(other), subject(lowered))
    assert not result
    assert str(result.counterexample).startswith("class is ")


def test_what_all_scores_share_does_not_show_in_the_class() -> None:
    layers = random_layers([40, 40], 8, 1)
    modules = []
    for row in ([0, 1, 0, 2], [5, 6, 5, 7], [0, 1, 0, 3]):
        text = print_module(build_module(8, layers, Sums(4, 3.0, offset=row), dtype="bool"))
        text = re.sub(
            r"func.return (%\d+) : (.*)",
            r"%c = logic.argmax \1 : \2 -> tensor<i64> func.return %c : tensor<i64>",
            text.replace(") -> tensor<4xi32> {", ") -> tensor<i64> {"),
        )
        modules.append(parse_module(text))
    shared, same, other = map(subject, modules)
    assert compare(shared, same)
    assert not compare(shared, other)


def test_bits_that_differ_and_add_up_to_the_same() -> None:
    """a + ¬a + b, as b is and as ¬¬b: the weights are the same, two outputs are exchanged."""
    one, other = (
        build_module(2, [parse_netlist(f"in 2; %2 = ~a %0 %0; out {outputs}")], Sums(1))
        for outputs in ("%0 %2 %1", "%2 %0 %1")
    )
    result = compare(subject(one), subject(other))
    assert result
    assert result.how == "exhaustive, 4 vectors"
