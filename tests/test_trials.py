"""How sure a search by accuracy is."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pytest

from lgc.trials import Trial, binomial_tail, doubts, search_of


@pytest.mark.parametrize(
    ("least", "trials", "probability"),
    [
        (7, 10, 0.5),
        (0, 4, 0.1),
        (4, 4, 0.1),
        (90, 100, 0.3),
        (327, 432, 290 / 432),
        (1, 1000, 1e-5),
    ],
)
def test_tail(least: int, trials: int, probability: float) -> None:
    exact = sum(
        comb(trials, k) * probability**k * (1 - probability) ** (trials - k)
        for k in range(least, trials + 1)
    )
    assert binomial_tail(least, trials, probability) == pytest.approx(exact, rel=1e-9)


def test_the_ends_of_the_tail() -> None:
    assert binomial_tail(11, 10, 0.5) == 0.0
    assert binomial_tail(3, 10, 0.0) == 0.0
    assert binomial_tail(3, 10, 1.0) == 1.0
    assert binomial_tail(0, 0, 0.5) == 1.0


def rows(*right: int) -> list[np.ndarray]:
    """Ways that get so many of a hundred rows right, the first ones."""
    return [np.arange(100) < count for count in right]


def test_luck_costs_by_tries_and_by_place() -> None:
    plain = binomial_tail(60, 100, 0.5)
    assert doubts(rows(60), 1, 1, 0.5) == (pytest.approx(plain / 0.75), 1.0)
    early, _ = doubts(rows(60), 1000, 1, 0.5)
    late, _ = doubts(rows(60), 1000, 1000, 0.5)
    assert early == pytest.approx(plain / (0.5 / 1000 + 0.25))
    assert late == 1.0
    shares = [0.5 / 1000 + 0.5 / (i * (i + 1)) for i in range(1, 1001)]
    assert sum(shares) <= 1


def test_lead_counts_the_rows_that_tell() -> None:
    assert doubts(rows(60, 50), 2, 1, 0.5)[1] == pytest.approx(0.5**10)
    assert doubts(rows(60, 60), 2, 1, 0.5)[1] == 1.0


@pytest.mark.parametrize(
    ("right", "verdict"),
    [((99, 50), "right"), ((80, 74), "likely"), ((99, 98), "none"), ((55, 40), "none")],
)
def test_verdicts(right: tuple[int, ...], verdict: str) -> None:
    options: dict[str, Any] = {"wiring": "replay:seed=0", "inputs": 4, "input": ">0.5"}
    best = [(Trial(options, "", count / 100), row) for count, row in zip(right, rows(*right))]
    found = search_of(best, [], 10, 1, 0.5)
    assert found.verdict == verdict
    assert found.best[0].flags == "--wiring 'replay:seed=0' --inputs 4 --input '>0.5'"
    assert found.describe()["verdict"] == verdict
