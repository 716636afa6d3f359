"""Which engine and which width of planes are fastest here: measured on random rows, remembered.

Candidates are what `settle` would take and its neighbours. Each is compiled and run in turn with
the others, on one thread; the fastest single run counts, since everything else a machine does only
adds to it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from lgc import cache
from lgc.chain import Chain, read_chain
from lgc.errors import UsageError
from lgc.inputs import PackedBits
from lgc.interfaces import EngineName, Progress
from lgc.text import print_module

from .artefact import Artefact
from .codegen import Engine, choose_engine, generator
from .kernel import NativeKernel, build_artefact
from .machine import WIDTHS, Machine, host_features, machine

ROWS = 4096
"""Random rows in a run."""

MEASURING = 1.0
"""Seconds of running, all candidates together; each runs three times at least."""

COMPILING = 60.0
"""Seconds after which no further candidate is compiled."""

_LEAST = 3


@dataclass(frozen=True)
class Choice:
    """What was found.

    Attributes:
        engine, plane_bits: the fastest.
        measured: nanoseconds a sample of each candidate.
    """

    engine: Engine
    plane_bits: int
    measured: dict[str, float]


def tune(
    module: ModuleOp,
    cpu: str,
    engine: EngineName,
    plane_bits: int | None,
    progress: Progress | None = None,
) -> Choice:
    """Find the fastest engine and width among those that the user leaves open.

    Raises:
        UsageError: this processor cannot run what is to be measured.
    """
    base = machine(cpu)
    if base.architecture != machine().architecture or not base.required() <= host_features():
        raise UsageError(
            f"{cpu} cannot be measured on this processor",
            where="--tune",
            hint="compile there, or without --tune",
        )
    told = json.dumps([cpu, engine, plane_bits])
    entry = cache.key("tuned", print_module(module), repr(base), told, generator())
    kept = cache.fetch(entry)
    if kept is not None:
        return Choice(**json.loads(kept))
    found = _measure(module, candidates(read_chain(module), cpu, engine, plane_bits), progress)
    cache.keep(entry, json.dumps(vars(found)).encode())
    return found


def candidates(
    chain: Chain, cpu: str, engine: EngineName, plane_bits: int | None
) -> list[tuple[Machine, Engine]]:
    """What to measure, the likeliest first."""
    own = machine(cpu)
    engines: list[Engine] = ["straight", "table"]
    if engine != "auto":
        engines = [engine]
    elif choose_engine(chain, own) == "table":
        engines = ["table"]
    found: list[tuple[Machine, Engine]] = []
    for each in engines:
        widest = own.plane_bits if each == "straight" else max(WIDTHS)
        for bits in (widest, widest // 2) if plane_bits is None else (plane_bits,):
            if plane_bits is not None or bits in WIDTHS:
                found.append((machine(cpu, bits), each))
    return found


def _measure(
    module: ModuleOp, choices: list[tuple[Machine, Engine]], progress: Progress | None
) -> Choice:
    start = time.perf_counter()
    kernels: list[tuple[Machine, Engine, NativeKernel]] = []
    for target, engine in choices:
        if not kernels or time.perf_counter() - start < COMPILING:
            made = build_artefact(module, target, engine, progress=progress)
            kernels.append((target, engine, NativeKernel(made)))
    batch = _rows(read_chain(module).bits)
    times: list[list[float]] = [[] for _ in kernels]
    start = time.perf_counter()
    while len(times[-1]) < _LEAST or time.perf_counter() - start < MEASURING:
        for spent, (_, _, kernel) in zip(times, kernels):
            spent.append(_seconds(kernel, batch))
    best = [min(spent) for spent in times]
    target, engine, _ = kernels[best.index(min(best))]
    measured = {
        f"{each}, {one.plane_bits} bits": round(least / ROWS * 1e9, 1)
        for (one, each, _), least in zip(kernels, best)
    }
    return Choice(engine, target.plane_bits, measured)


def _rows(bits: int) -> PackedBits:
    random = np.random.default_rng(0)
    return PackedBits(random.integers(0, 256, (ROWS, -(-bits // 8)), np.uint8), bits)


def _seconds(kernel: NativeKernel, batch: PackedBits) -> float:
    ask: Any = kernel.predict if kernel.classes else kernel.bits
    start = time.perf_counter()
    ask(batch, threads=1)
    return time.perf_counter() - start


def tuned(version: Artefact, choice: Choice) -> Artefact:
    """The version with what was measured among its facts."""
    return Artefact({**version.facts, "tuned": choice.measured}, version.blobs)
