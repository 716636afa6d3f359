"""Facts: random vectors obey them, clauses allow what numbers can give and nothing else."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lgc.evaluation import unpack_planes
from lgc.facts import Facts, nothing, of_thresholds


def reachable(facts: Facts) -> set[tuple[bool, ...]]:
    """All vectors that the clauses allow."""
    bits = np.array(list(itertools.product((False, True), repeat=facts.inputs)), np.bool_)
    return {tuple(row) for row in bits[facts.hold(bits)].tolist()}


def check_every(facts: Facts) -> None:
    """The vectors that are enumerated are those that the clauses allow, each once."""
    rows = [tuple(row) for row in facts.every().tolist()]
    assert len(rows) == facts.possible == len(set(rows))
    assert set(rows) == reachable(facts)


@given(
    st.sampled_from(["bool", "uint8", "float32"]),
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 0.7, 1.0, 2.5, 254.0, 255.0, np.inf]),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_thresholds(dtype: str, bits: list[tuple[int, float]]) -> None:
    feature = np.array([one for one, _ in bits])
    level = np.array([one for _, one in bits], np.float32)
    facts = of_thresholds(dtype, feature, level)
    numbers = {
        "bool": [0, 1],
        "uint8": range(256),
        "float32": [np.nan, -np.inf, -2, -1, 0, 0.25, 0.5, 0.6, 0.75, 1, 2, 3, 254.5, 300, np.inf],
    }[dtype]
    possible = {
        f: {tuple((np.float32(x) > level[feature == f]).tolist()) for x in numbers}
        for f in set(feature.tolist())
    }
    wanted = set()
    for choice in itertools.product(*possible.values()):
        row = np.zeros(len(bits), np.bool_)
        for f, values in zip(possible, choice):
            row[feature == f] = values
        wanted.add(tuple(row.tolist()))
    assert reachable(facts) == wanted
    check_every(facts)
    drawn = unpack_planes(facts.planes(4, np.random.default_rng(0)), 256)
    assert {tuple(row) for row in drawn.tolist()} <= wanted


def test_one_hot_groups_have_one_bit_set() -> None:
    facts = of_thresholds("float32", range(5), np.zeros(5), [0, 0, 1, 1, 1])
    wanted = {
        tuple(i in (first, second) for i in range(5)) for first in (0, 1) for second in (2, 3, 4)
    }
    assert reachable(facts) == wanted
    check_every(facts)
    drawn = unpack_planes(facts.planes(4, np.random.default_rng(0)), 256)
    assert {tuple(row) for row in drawn.tolist()} == wanted


def test_constants_are_variables_of_one_state() -> None:
    facts = of_thresholds("bool", np.zeros(80, int), [-1.0] * 79 + [0.0])
    assert facts.every().tolist() == [[True] * 79 + [False], [True] * 80]


def test_a_one_hot_group_of_several_levels_says_nothing() -> None:
    facts = of_thresholds("float32", [0, 0, 1], [0, 1, 0], [0, 0])
    assert (facts.one_hot == -1).all()


def test_nothing_is_trivial_and_two_levels_are_not() -> None:
    assert nothing(3).trivial
    assert of_thresholds("float32", [0, 1], [0, 0]).trivial
    assert not of_thresholds("float32", [0, 0], [0, 1]).trivial
