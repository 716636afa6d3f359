"""The trained model of 4 × 2,000 gates: its whole test set, simulated, against the golden file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import lgc
from lgc.inputs import packed
from tests.hdl.tools import NEEDS
from tests.support import shared_model


@NEEDS["icarus"]
def test_digits_4x2000(tmp_path: Path) -> None:
    folder = shared_model("digits_4x2000")
    with np.load(folder / "testset.npz") as test:
        x, width = test["X"], int(test["n_bits"])
    model = lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=1, inputs=width
    )
    project = lgc.hdl.generate(
        model, tmp_path / "digits", data=folder / "testset.npz", family="xilinx", stages=2,
        interface="valid", outputs="both",
    )  # fmt: skip
    found = project.simulate(packed(x, width))
    assert found.message == f"PASS {len(x)} samples"
    with np.load(folder / "golden.npz") as golden:
        assert np.array_equal(found.scores, golden["scores"])
        assert np.array_equal(found.classes, golden["pred"])
