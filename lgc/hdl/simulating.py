"""Simulating: the test bench under Icarus Verilog or Verilator, in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckError, UnsupportedError, UsageError
from ..hardware.datapath import Word
from .test_bench import answers

Simulator = Literal["icarus", "verilator"]

_PROGRAMS = {"icarus": ("iverilog", "vvp"), "verilator": ("verilator", "make", "g++")}
_PACKAGES = {"iverilog": "iverilog", "vvp": "iverilog", "verilator": "verilator"}
_VERDICT = re.compile(r"^(PASS|FAIL) .*$", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a simulator made of vectors.

    Attributes:
        passed: everything was as the model says, the timing of the interface included.
        message: the line of the test bench.
        samples: that were answered.
        classes: int64 ``(n,)``, where the design gives them, or scores.
        scores: int64 ``(n, classes)`` before the division by tau, where the design gives them.
        bits: bool ``(n, outputs)``, where the design gives the bits of the last layer.
    """

    passed: bool
    message: str
    samples: int
    classes: NDArray[np.int64] | None
    scores: NDArray[np.int64] | None
    bits: NDArray[np.bool_] | None

    def __bool__(self) -> bool:
        return self.passed


def check_simulator(simulator: str) -> None:
    """Refuse a simulator that is unknown or not installed.

    Raises:
        UsageError: it is unknown.
        UnsupportedError: a program is missing.
    """
    if simulator not in _PROGRAMS:
        known = ", ".join(get_args(Simulator))
        raise UsageError(
            f"{simulator!r} is no simulator", where="simulator", hint=f"one of {known}"
        )
    for program in _PROGRAMS[simulator]:
        if shutil.which(program) is None:
            package = _PACKAGES.get(program, "build-essential")
            raise UnsupportedError(
                f"{program} is needed for this simulation and is not installed",
                hint=f"apt install {package}",
            )


def simulate(
    project: Path, name: str, results: tuple[Word, ...], simulator: Simulator,
    vectors: str, expected: str,
) -> Simulation:  # fmt: skip
    """Build the test bench of a project and run it on vectors.

    What Verilator compiles stays in ``build`` of the project, if that can be written.

    Raises:
        CheckError: the simulator refuses the files, or the test bench gives no verdict.
    """
    check_simulator(simulator)
    with tempfile.TemporaryDirectory(prefix="lgc-") as scratch:
        folder = Path(scratch)
        (folder / "vectors.hex").write_text(vectors)
        (folder / "expected.hex").write_text(expected)
        build = _icarus if simulator == "icarus" else _verilator
        said = _run(build(project.resolve(), name, folder), folder)
        verdicts = list(_VERDICT.finditer(said))
        if len(verdicts) != 1:
            last = (said.strip().splitlines() or ["it says nothing"])[-1]
            raise CheckError(f"the test bench gives no verdict: {last}", where=simulator)
        outcome = folder / "results.hex"
        text = outcome.read_text() if outcome.is_file() else ""
    found = _numbers(answers(text, sum(word.bits for word in results)), results)
    scores, classes, bits = (found.get(word) for word in ("scores", "class_index", "bits"))
    if classes is not None:
        classes = classes[:, 0]
    elif scores is not None:
        classes = scores.argmax(axis=1)
    return Simulation(
        verdicts[0][1] == "PASS",
        verdicts[0][0],
        len(next(iter(found.values()))),
        classes,
        scores,
        None if bits is None else bits.astype(np.bool_),
    )


def _numbers(bits: NDArray[np.bool_], results: tuple[Word, ...]) -> dict[str, NDArray[np.int64]]:
    found: dict[str, NDArray[np.int64]] = {}
    low = 0
    for word in results:
        found[word.name] = word.read(bits[:, low : low + word.bits])
        low += word.bits
    return found


def _icarus(project: Path, name: str, folder: Path) -> list[str]:
    program = str(folder / "simulation.vvp")
    _run(
        ["iverilog", "-g2001", "-DLGC_CELLS", "-s", f"{name}_tb", "-o", program,
         "-f", "files.f", f"../tb/{name}_tb.v", *_cells(project)],
        project / "rtl",
    )  # fmt: skip
    return ["vvp", "-n", program]


def _verilator(project: Path, name: str, folder: Path) -> list[str]:
    kept = project / "build" / "verilator"
    try:
        kept.mkdir(parents=True, exist_ok=True)
        written = os.access(kept, os.W_OK)
    except OSError:
        written = False
    if not written:
        kept = folder / "verilator"
    _run(
        ["verilator", "--binary", "-j", "0", "-DLGC_CELLS", "--top-module", f"{name}_tb",
         "--Mdir", str(kept), "-o", "simulation", "-f", "files.f",
         f"../tb/{name}_tb.v", *_cells(project)],
        project / "rtl",
    )  # fmt: skip
    return [str(kept / "simulation")]


def _cells(project: Path) -> list[str]:
    return ["../tb/cells.v"] if (project / "tb" / "cells.v").is_file() else []


def _run(command: Sequence[str], folder: Path) -> str:
    """What a program prints.

    Raises:
        CheckError: it fails.
    """
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        lines = done.stdout.strip().splitlines() or [f"exit status {done.returncode}"]
        line = next((line for line in lines if "rror" in line), lines[-1])
        raise CheckError(f"it fails: {line.strip()[:300]}", where=Path(command[0]).name)
    return done.stdout
