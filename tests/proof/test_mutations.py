"""The checker checked: faults planted in optimised circuits are found, or are none."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import lgc
from tests.proof.mutations import SMALL, mutate, plant, verdict
from tests.support import shared_model


@pytest.mark.parametrize("seed", range(4))
def test_faults_in_small_circuits(seed: int) -> None:
    """Those that are none are confirmed by trying every vector, those found by evaluation."""
    seen = plant(500, 1000 * seed, SMALL)
    kinds = ("table", "fan-in", "output")
    assert all(seen[kind, "found"] > 20 for kind in kinds)
    assert sum(seen[kind, "none"] for kind in kinds) > 20
    assert seen.total() == 500


def test_faults_in_a_trained_network() -> None:
    folder = shared_model("digits_4x2000")
    model = lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=10, inputs=192
    )
    net = lgc.optimize(model, check="off").chain.stages[0].net.data
    random = np.random.default_rng(0)
    seen = Counter(verdict(net, mutate(net, random)[0], vectors=256) for _ in range(100))
    assert seen["found"] > 80


def test_a_checker_that_misses_faults_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test can fail: a solver that answers yes to everything."""
    from lgc.proof.cones import Cones

    monkeypatch.setattr(Cones, "same", lambda *_: True)
    with pytest.raises(AssertionError, match="a fault was missed"):
        plant(200, 0, SMALL)
