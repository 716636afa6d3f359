"""Random models, compiled in every way and compared with the reference, bit by bit.

``python -m tests.backends.test_fuzz CASES [SEED]`` tries more of them.
"""

from __future__ import annotations

import sys
import time

import pytest

from lgc.pipeline import NAMED, parse_pipeline
from lgc.reference import run
from tests.backends.cases import agree, check_case, compiled, random_case, same

ROUNDS = 24
"""Models tried in a test run."""


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_models(seed: int) -> None:
    for _ in check_case(seed, ways=3):
        pass


PIPELINES = [*NAMED, "map-lut{k=3}", "map-lut{k=5}"]


@pytest.mark.parametrize("seed", range(100, 100 + 2 * len(PIPELINES)))
def test_random_models_optimised(seed: int) -> None:
    """The whole way: pipeline, which keeps scores or class if not all bits, then compiled."""
    case = random_case(seed)
    expected = run(case.module, case.bytes)
    parse_pipeline(PIPELINES[seed % len(PIPELINES)]).run(case.module)
    optimised = run(case.module, case.bytes)
    if expected.classes is None or optimised.classes is None:
        assert same(optimised.bits, expected.bits)
    else:
        assert same(optimised.classes, expected.classes)
    if expected.counts is not None and optimised.counts is not None:
        assert same(optimised.counts, expected.counts)
    agree(compiled(case.module, "native", "straight"), case.bytes, optimised)


def main(cases: int, seed: int) -> int:
    """Try cases; one that fails is printed as the command that tries it again."""
    print(f"seed {seed}", flush=True)
    failed, tried = 0, 0
    for number in range(seed, seed + cases):
        told = ["the model"]
        try:
            told.extend(check_case(number, ways=3))
        except Exception as error:
            failed += 1
            again = f"python -m tests.backends.test_fuzz 1 {number}"
            text = f"{type(error).__name__} {error}".splitlines()[0]
            print(f"{again}  # {told[-1]}: {text}", flush=True)
        tried += len(told) - 1
        if number % 100 == 99:
            print(f"{number + 1 - seed} models, {tried} comparisons, {failed} failed", flush=True)
    print(f"{cases} models, {tried} comparisons, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else time.time_ns() % 10**9))
