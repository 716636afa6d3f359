"""dont-care: right on every vector that can occur, free to differ on the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc import loops
from lgc.chain import Sums, build_module
from lgc.dontcares import simplify
from lgc.errors import UsageError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.facts import Facts, nothing, of_thresholds
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from lgc.passes.dont_care import DontCare
from tests.strategies import netlists
from tests.support import random_layers


@st.composite
def facts_about(draw: st.DrawFn, inputs: int) -> Facts:
    """Some thresholds of few features, and a one-hot group beside them."""
    dtype = draw(st.sampled_from(["bool", "uint8", "float32"]))
    hot = draw(st.integers(0, inputs))
    rest = inputs - hot
    feature = [
        *range(hot),
        *draw(st.lists(st.integers(hot, hot + 2), min_size=rest, max_size=rest)),
    ]
    levels = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 254.5, 255.0, np.inf])
    level = [0.0] * hot + draw(st.lists(levels, min_size=rest, max_size=rest))
    groups = draw(st.sampled_from([1, 2]))
    one_hot = [i % groups for i in range(hot)] + [-1] * (max(feature) + 1 - hot)
    return of_thresholds(dtype, feature, np.float32(level), one_hot)


def outputs(net: Netlist, facts: Facts) -> np.ndarray:
    """What a netlist gives for all vectors that can occur."""
    bits = facts.every()
    return unpack_planes(net.evaluate(pack_planes(bits)), len(bits))


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(2, 8), st.integers(0, 3))
def test_right_wherever_it_matters(data: st.DataObject, leaves: int, depth: int) -> None:
    net = data.draw(netlists(k=data.draw(st.sampled_from([1, 2, 2, 2, 3])), max_gates=25))
    facts = data.draw(facts_about(net.inputs))
    made = simplify(net, facts, leaves, depth)
    assert np.array_equal(outputs(made, facts), outputs(net, facts))
    assert made.gates <= net.gates
    assert simplify(made, facts, leaves, depth) is made


def simplified(text: str, facts: Facts, **options: int) -> str:
    """The text after the pass, right on all vectors that can occur."""
    net = parse_netlist(text)
    made = DontCare(**options).rewrite(net, facts)
    assert np.array_equal(outputs(made, facts), outputs(net, facts))
    return print_netlist(made)


TWO_LEVELS = of_thresholds("float32", [0, 0], [2.0, 3.0])
HOT = of_thresholds("float32", [0, 1, 2], [0.0] * 3, [0, 0, 0])
PAIR = of_thresholds("float32", [0, 1, 2], [0.0] * 3, [0, 0, -1])
FREE = nothing(3)


@pytest.mark.parametrize(
    ("text", "facts", "made"),
    [
        # x > 2 and x > 3
        ("in 2; %2 = a&b %0 %1; out %2", TWO_LEVELS, "in 2; out %1"),
        ("in 2; %2 = a|b %0 %1; out %2", TWO_LEVELS, "in 2; out %0"),
        ("in 2; %2 = ~a&b %0 %1; out %2", TWO_LEVELS, "in 2; %2 = 0 %0 %0; out %2"),
        ("in 2; %2 = a|~b %0 %1; out %2", TWO_LEVELS, "in 2; %2 = 1 %0 %0; out %2"),
        ("in 2; %2 = ~(a&b) %0 %1; out %2", TWO_LEVELS, "in 2; %2 = ~a %1 %1; out %2"),
        # they may differ where x is 3
        ("in 2; %2 = a^b %0 %1; out %2", TWO_LEVELS, "in 2; %2 = a^b %0 %1; out %2"),
        ("in 2; %2 = a&~b %0 %1; out %2", TWO_LEVELS, "in 2; %2 = a&~b %0 %1; out %2"),
        # the two differ only where x > 3 and x > 2 is false
        (
            "in 2; %2 = a&~b %0 %1; %3 = a^b %0 %1; out %2 %3",
            TWO_LEVELS,
            "in 2; %2 = a&~b %0 %1; out %2 %2",
        ),
        # one of three
        ("in 3; %3 = a&b %0 %1; out %3", HOT, "in 3; %3 = 0 %0 %0; out %3"),
        ("in 3; %3 = ~(a|b) %0 %1; out %3", HOT, "in 3; out %2"),
        (
            "in 3; %3 = a|b %0 %1; %4 = a^b %3 %2; out %4",
            HOT,
            "in 3; %3 = 1 %0 %0; out %3",
        ),
        ("in 3; %3 = a|b %0 %1; out %3", FREE, "in 3; %3 = a|b %0 %1; out %3"),
        # one of two is the complement of the other
        ("in 3; %3 = a&~b %2 %1; out %3", PAIR, "in 3; %3 = a&b %0 %2; out %3"),
        # through gates: (a ∧ b) ∧ (a ∨ c) = a ∧ b
        (
            "in 3; %3 = a&b %0 %1; %4 = a|b %0 %2; %5 = a&b %3 %4; out %5",
            FREE,
            "in 3; %3 = a&b %0 %1; out %3",
        ),
    ],
)
def test_what_cannot_occur(text: str, facts: Facts, made: str) -> None:
    assert simplified(text, facts, observability=0) == print_netlist(parse_netlist(made))


UNSEEN = "in 3; %3 = a^b %0 %1; %4 = a&b %3 %0; %5 = a|b %4 %2; out %5"
"""a ⊕ b is seen only where a = 1, where it is ¬b."""


def test_what_is_not_seen() -> None:
    assert simplified(UNSEEN, FREE, observability=0) == print_netlist(parse_netlist(UNSEEN))
    assert simplified(UNSEEN, FREE) == print_netlist(
        parse_netlist("in 3; %3 = a&~b %0 %1; %4 = a|b %2 %3; out %4")
    )
    watched = UNSEEN.replace("out %5", "out %5 %3")
    assert simplified(watched, FREE) == print_netlist(parse_netlist(watched))


def test_two_gates_that_hide_each_other_do_not_both_go() -> None:
    """Of a ∨ a' with a = a' either may be 0, not both."""
    text = "in 2; %2 = a&b %0 %1; %3 = ~(a&b) %0 %1; %4 = a&b %0 %1; %5 = a|~b %2 %3; out %5"
    assert simplified(text, nothing(2)) == print_netlist(
        parse_netlist("in 2; %2 = a&b %0 %1; out %2")
    )


@pytest.mark.parametrize("inputs", [14, 20])
def test_what_random_vectors_do_not_show_is_not_believed(inputs: int) -> None:
    """The AND of many inputs looks like 0; small windows and large ones must not say so."""
    fanin = [[0, 1], *([inputs + i, i + 2] for i in range(inputs - 2))]
    net = Netlist(inputs, [1] * (inputs - 1), fanin, [2 * inputs - 2])
    for leaves in (4, 16):
        assert simplify(net, nothing(inputs), leaves, 2) == net


@pytest.mark.parametrize("seed", range(4))
def test_machine_code_and_python_do_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    layers = random_layers([40, 30], 12, seed)
    net = lgc.optimize(_module(layers), "O2").chain.stages[0].net.data
    facts = of_thresholds("float32", np.arange(12) // 3, np.arange(12) % 3)
    made: list[Netlist] = []
    for enough in (0, 1 << 62):
        monkeypatch.setattr(loops, "ENOUGH", enough)
        made.append(simplify(net, facts, 10, 2))
    assert made[0] == made[1]
    assert made[0].gates < net.gates
    assert np.array_equal(outputs(made[0], facts), outputs(net, facts))


def _module(layers: list[Netlist]) -> lgc.Model:
    return lgc.Model(build_module(layers[0].inputs, layers, None))


def test_promises_travel_into_kernels(tmp_path: Path) -> None:
    """The kernel differs from the model where two of a group are set, and is checked elsewhere."""
    groups = np.repeat(np.arange(6), (3, 3, 2, 3, 4, 2))
    one = build_module(17, random_layers([60, 40], 17, 1), Sums(4), one_hot=groups)
    model = lgc.Model(one)
    small = lgc.optimize(model, "O2,dont-care")
    assert small.gates < lgc.optimize(model, "O2").gates
    lgc.compile(small, pipeline="dce").save(tmp_path / "small.lgk")
    assert str(lgc.load_kernel(tmp_path / "small.lgk").module).count("one_hot dense<[0, 0, 0,")
    result = lgc.check(model, tmp_path / "small.lgk")
    assert result
    assert result.how.startswith("exhaustive, 432 vectors; 2,048 rows of floats and of bytes")
    plain = build_module(17, random_layers([60, 40], 17, 1), Sums(4))
    x = np.ones((1, 17), np.uint8)
    assert not np.array_equal(small.evaluate(x).counts, lgc.Model(plain).evaluate(x).counts)
    assert lgc.check(lgc.Model(plain), tmp_path / "small.lgk")  # what one promises holds for both


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dont-care{leaves=1}", "pass dont-care: leaves is 2 to 24, not 1"),
        ("dont-care{leaves=25}", "pass dont-care: leaves is 2 to 24, not 25"),
        ("dont-care{observability=-1}", "pass dont-care: observability cannot be -1"),
    ],
)
def test_wrong_options(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.optimize(_module(random_layers([3], 3, 0)), text)
    assert str(caught.value) == said
