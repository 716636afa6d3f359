"""Sums modulo 2 are found with their terms, and nothing else is taken for one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lgc.proof.parity import span, standard
from tests.support import random_planes


@given(st.integers(1, 12), st.integers(0, 10), st.integers(0, 1000))
def test_sums_are_found_with_their_terms(count: int, others: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    generators = random_planes(count, 4, seed)
    chosen = random.random((20, count)) < 0.5
    sums = np.array(
        [np.bitwise_xor.reduce(generators[row], initial=np.uint64(0)) for row in chosen]
    )
    vectors = np.concatenate([sums, random_planes(others, 4, seed + 1)])
    found, coefficients = span(generators).express(vectors)
    assert found.tolist() == list(range(20))
    assert (coefficients == chosen).all()


def test_generators_that_depend_on_others_are_told_in_terms_of_those() -> None:
    a, b = random_planes(2, 4, 0)
    generators = np.array([a, b, a ^ b, np.zeros_like(a), b])
    space = span(generators)
    assert space.chosen.tolist() == [0, 1]
    rows = standard(space, generators)
    assert rows.astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
    ]
    found, coefficients = space.express(np.array([a & b, a ^ b]))
    assert found.tolist() == [1]
    assert coefficients.astype(int).tolist() == [[1, 1, 0, 0, 0]]


def test_one_sample_that_differs_is_enough() -> None:
    generators = random_planes(3, 8, 0)
    wrong = generators[0] ^ generators[1]
    wrong[5] ^= np.uint64(1 << 17)
    assert not len(span(generators).express(wrong[None])[0])
