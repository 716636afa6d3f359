"""Simulation of a trained model as hardware, on its whole test set, against its golden file.

    python bench/simulate.py MODEL_FOLDER                                     # Verilator
    python bench/simulate.py MODEL_FOLDER --simulator icarus --rows 1000
    python bench/simulate.py MODEL_FOLDER --family ice40 --stages 4 --interface valid

A model folder holds ``state_dict.pt``, ``indices.pt``, ``testset.npz`` and ``golden.npz``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from luts import trained

import lgc
from lgc.inputs import packed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--simulator", choices=("icarus", "verilator"), default="verilator")
    parser.add_argument("--family", default="generic")
    parser.add_argument("--style", default="auto")
    parser.add_argument("--basis", default="xag")
    parser.add_argument("--separate", action="store_true")
    parser.add_argument("--stages", type=int, default=0)
    parser.add_argument("--interface", default="plain")
    parser.add_argument("--rows", type=int, help="of the test set; all by default")
    given = parser.parse_args()
    with np.load(given.folder / "testset.npz") as test:
        x = packed(test["X"][: given.rows], int(test["n_bits"]))
    with np.load(given.folder / "golden.npz") as golden:
        classes, scores = golden["pred"][: given.rows], golden["scores"][: given.rows]
    with tempfile.TemporaryDirectory(prefix="lgc-") as scratch:
        start = time.perf_counter()
        project = lgc.hdl.generate(
            trained(given.folder), Path(scratch) / "model", data=x, samples=16, outputs="both",
            family=given.family, style=given.style, basis=given.basis, separate=given.separate,
            stages=given.stages, interface=given.interface,
        )  # fmt: skip
        report = project.report()
        print(f"generated in {time.perf_counter() - start:.1f} s: {report['total']:,} "
              f"{report['unit']}, {report['registers']:,} register bits")  # fmt: skip
        start = time.perf_counter()
        print(f"{project.simulate(simulator=given.simulator).message}, built and run in "
              f"{time.perf_counter() - start:.1f} s")  # fmt: skip
        start = time.perf_counter()
        found = project.simulate(x, simulator=given.simulator)
        print(f"{found.message} in {time.perf_counter() - start:.1f} s")
    same = np.array_equal(found.classes, classes) and np.array_equal(found.scores, scores)
    print(f"classes and scores {'are' if same else 'are not'} those of golden.npz")
    return 0 if same and found else 1


if __name__ == "__main__":
    sys.exit(main())
