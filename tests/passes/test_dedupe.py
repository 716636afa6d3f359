"""dedupe: what strash cannot see is merged, and nothing that differs somewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc.chain import build_module
from lgc.equivalence import compare_netlists
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.facts import Facts, nothing, of_thresholds
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from lgc.passes.dedupe import Dedupe
from lgc.pipeline import parse_pipeline
from tests.proof.test_sweeping import facts_of, sums_of_products
from tests.strategies import netlists


def dedupe(text: str, facts: Facts | None = None) -> str:
    before = parse_netlist(text)
    after = Dedupe().rewrite(before, facts or nothing(before.inputs))
    if facts is None:
        assert compare_netlists(before, after, "exhaustive")
    return print_netlist(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # (a ∨ b) ∧ ¬(a ∧ b) = a ⊕ b
        (
            "in 2; %2 = a|b %0 %1; %3 = a&b %0 %1; %4 = a&~b %2 %3; %5 = a^b %0 %1; out %4 %5",
            "in 2; %2 = a^b %0 %1; out %2 %2",
        ),
        # a ∧ (a ∨ b) = a
        ("in 2; %2 = a|b %0 %1; %3 = a&b %0 %2; out %3", "in 2; out %0"),
        # (a ∧ b) ∧ (a ⊕ b) = 0
        (
            "in 2; %2 = a&b %0 %1; %3 = a^b %0 %1; %4 = a&b %2 %3; out %4",
            "in 2; %2 = 0 %0 %0; out %2",
        ),
        # complements: the reader takes the phase
        (
            "in 3; %3 = a|b %0 %1; %4 = a&b %0 %1; %5 = a&~b %3 %4; %6 = ~(a^b) %0 %1;"
            " %7 = a&b %6 %2; out %5 %7",
            "in 3; %3 = a^b %0 %1; %4 = a&~b %2 %3; out %3 %4",
        ),
        # different functions stay
        ("in 2; %2 = a|b %0 %1; %3 = a^b %0 %1; out %2 %3", None),
    ],
)
def test_merges_what_is_equal(before: str, after: str | None) -> None:
    assert dedupe(before) == (after or before)


def test_uses_what_is_known_about_the_inputs() -> None:
    """x > 3 implies x > 2, and x > 300 never holds."""
    facts = of_thresholds("uint8", [0, 0, 0], np.array([2, 3, 300], np.float32))
    text = "in 3; %3 = a|b %0 %1; %4 = a|b %3 %2; out %4"
    assert dedupe(text, facts) == "in 3; out %0"


@given(net=netlists(k=None), data=st.data())
def test_agrees_wherever_vectors_can_occur(net: Netlist, data: st.DataObject) -> None:
    facts = data.draw(facts_of(net.inputs))
    after = Dedupe(vectors=64).rewrite(net, facts)
    planes = exhaustive_planes(net.inputs)
    possible = facts.hold(unpack_planes(planes, 1 << net.inputs))
    one, other = (unpack_planes(n.evaluate(planes), len(possible)) for n in (net, after))
    assert (one == other)[possible].all()
    assert after.gates <= net.gates
    assert Dedupe(vectors=64).rewrite(after, facts) == after


def test_a_limit_is_remarked() -> None:
    net = sums_of_products(5)
    module = lgc.Model(build_module(net.inputs, [net], None, dtype="bool"))
    done = lgc.optimize(module, "dedupe{conflicts=1 vectors=64}")
    remark = "pairs undecided after 1 conflicts (option conflicts)"
    assert remark in done.stats[0].remarks[0]
    assert remark in str(done)
    assert not lgc.optimize(module, "dedupe").stats[0].remarks


def test_options_are_pipeline_text() -> None:
    text = "dedupe{conflicts=5 seconds=1.5 seed=2 vectors=64}"
    assert str(parse_pipeline(text)) == text
