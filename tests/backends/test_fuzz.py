"""Random models, compiled and compared: a differential fuzz with a fixed seed."""

from __future__ import annotations

import numpy as np
import pytest

from lgc.backends.llvm import Llvm
from lgc.chain import Sums, build_module
from lgc.pipeline import NAMED, parse_pipeline
from lgc.reference import run
from tests.backends.corpus import batch, random_net
from tests.support import random_layers

ROUNDS = 30
"""Models tried in a test run; the script at the end of this file takes any number."""


def one_round(seed: int) -> None:
    random = np.random.default_rng(seed)
    features = int(random.integers(1, 90))
    bits = int(random.integers(1, 3)) * features
    feature = random.integers(0, features, bits)
    level = random.choice([-1.0, 0.0, 0.5, 2.0, 126.5, 254.0, 255.0], bits)
    k = int(random.integers(1, 7))
    if random.random() < 0.5:
        sizes = random.integers(4, 120, random.integers(1, 4)).tolist()
        layers = random_layers(sizes, bits, seed)
    else:
        layers = [
            random_net(bits, int(random.integers(0, 200)), int(random.integers(1, 60)), k, seed)
        ]
    outputs = len(layers[-1].outputs)
    sums = None
    if random.random() < 0.8:
        classes = int(random.integers(1, 20))
        sums = Sums(
            classes,
            float(random.integers(1, 9)),
            random.integers(0, classes, outputs),
            random.integers(-5, 6, outputs) if random.random() < 0.5 else None,
            random.integers(-50, 50, classes) if random.random() < 0.5 else None,
        )
    module = build_module(features, layers, sums, feature=feature, level=level)
    x = batch(features, int(random.integers(0, 600)), seed)
    expected = run(module, x)
    parse_pipeline(str(random.choice([*NAMED, ""]))).run(module)
    kernel = Llvm().kernel(module)
    assert np.array_equal(kernel.bits(x), expected.bits), f"seed {seed}"
    if sums is not None:
        assert np.array_equal(kernel.counts(x), expected.counts), f"seed {seed}"
        assert np.array_equal(kernel.predict(x.astype(np.float32)), expected.classes), (
            f"seed {seed}"
        )


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_models(seed: int) -> None:
    one_round(seed)


if __name__ == "__main__":
    import itertools
    import sys

    for number in itertools.count(int(sys.argv[1])):
        one_round(number)
        if number % 100 == 99:
            print(f"{number + 1} models agree", flush=True)
