"""Bits of a state stand behind those of a sample, whatever says how many these are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.frontends.difflogic import Difflogic
from lgc.reading import LoadOptions

GATES = """layer,neuron,input_a,input_b,gate_id,gate_name
1,0,0,3,6,xor
1,1,1,4,6,xor
1,2,2,3,6,xor
1,3,0,4,6,xor
"""


@pytest.mark.parametrize("inputs", [3, None])
def test_a_gate_list_reads_its_state_behind_the_sample(inputs: int | None, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text(GATES)
    chain = lgc.load(tmp_path / "g.csv", inputs=inputs, state=2).step_chain
    assert (chain.features, chain.state) == (3, 2)


def test_a_replayed_wiring_reaches_the_state(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).normal(size=(8, 16)).astype(np.float32)
    np.savez(tmp_path / "d.npz", **{"0.weights": weights})
    replay = "replay:seed=0,prelude=none,mode=random,device=cpu"

    def gates(**given: int) -> np.ndarray:
        options = LoadOptions(wiring=replay, tau=1.0, **given)
        module = Difflogic().read(tmp_path / "d.npz", options)
        return lgc.Model(module).step_chain.stages[0].net.data.fanin  # type: ignore[union-attr]

    assert (gates(inputs=3, state=2, classes=2) == gates(inputs=5, classes=2)).all()
