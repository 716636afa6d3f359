"""Nothing is read beside the rows, nothing written beside the results and the scratch memory."""

from __future__ import annotations

import ctypes
import faulthandler
import signal
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest

from lgc.backends.llvm import NativeKernel
from lgc.chain import Sums, build_module
from lgc.inputs import PackedBits
from lgc.reference import Outcome, run
from tests.backends.cases import MACHINES, Case, compiled, rows, same
from tests.backends.guard import PAGE, Guarded, guarded, in_child
from tests.support import random_layers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pages are guarded on Linux")

COUNTS = (1, 2, 63, 64, 65, 129, 513)
FEATURES = (1, 7, 8, 9, 63, 64, 65, 130)


def module_of(features: int, scores: bool = True) -> Any:
    return build_module(features, random_layers([40, 30], features, 0), Sums(3) if scores else None)


@cache
def kernel(features: int, cpu: str, way: str) -> NativeKernel:
    return compiled(module_of(features), cpu, way)


@cache
def fed(features: int) -> tuple[dict[str, Any], dict[str, Outcome]]:
    case = Case(module_of(features), *rows(features, max(COUNTS), np.random.default_rng(features)))
    sources = {name: x for name, x in case.sources().items() if name != "float64"}
    return sources, {name: run(case.module, x) for name, x in sources.items()}


class Guards:
    """A kernel's calls with results and scratch memory guarded too."""

    def __init__(self, kernel: NativeKernel, at_end: bool) -> None:
        self.kernel, self.at_end = kernel, at_end

    def __call__(
        self, kind: str, result: str, x: Any, shape: tuple[int, ...], dtype: Any
    ) -> np.ndarray:
        program = self.kernel._program(kind)  # type: ignore[arg-type]
        batch, source = self.kernel._batch(x)
        assert batch.ctypes.data == (x.data if isinstance(x, PackedBits) else x).ctypes.data
        size = len(batch) * int(np.prod(shape)) * np.dtype(dtype).itemsize
        results = Guarded(size, at_end=self.at_end)
        scratch = Guarded(-(-program.scratch_bytes // 64) * 64, at_end=self.at_end)
        program._scratch = lambda: scratch.address  # type: ignore[method-assign]
        out = results.array((len(batch), *shape), np.dtype(dtype))
        program.run(source, result, batch, out, 7)
        return out.copy()

    def check(self, x: Any, expected: Outcome, count: slice) -> None:
        assert expected.counts is not None
        assert expected.classes is not None
        assert same(self("scores", "counts", x, (3,), np.int32), expected.counts[count])
        assert same(self("scores", "classes", x, (), np.int64), expected.classes[count])
        words = self("bits", "outputs", x, (1,), np.uint64).view(np.uint8)
        bits = np.unpackbits(words, axis=1, count=30, bitorder="little").view(np.bool_)
        assert same(bits, expected.bits[count])


def test_the_guards_hold() -> None:
    """A child that touches a byte too many dies, and so does one that writes to frozen rows."""

    def read(place: int, at_end: bool) -> None:
        faulthandler.disable()
        memory = Guarded(100, at_end=at_end)
        ctypes.string_at(memory.address + place, 1)

    def write() -> None:
        faulthandler.disable()
        kept: list[Guarded] = []
        ctypes.memset(guarded(np.zeros(100), at_end=True, kept=kept).ctypes.data, 1, 1)

    assert in_child(lambda: read(99, True)) == 0
    assert in_child(lambda: read(0, False)) == 0
    assert in_child(lambda: read(100, True)) == -signal.SIGSEGV
    assert in_child(lambda: read(-1, False)) == -signal.SIGSEGV
    assert in_child(write) == -signal.SIGSEGV


@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("features", FEATURES)
def test_rows_results_and_scratch(cpu: str, features: int) -> None:
    ways = [kernel(features, cpu, "straight"), kernel(features, cpu, "table in a hurry")]
    sources, expected = fed(features)

    def work() -> None:
        for at_end in (True, False):
            for name, x in sources.items():
                for turn, count in enumerate(COUNTS):
                    kept: list[Guarded] = []
                    data = x.data if isinstance(x, PackedBits) else x
                    held = guarded(data[:count], at_end=at_end, kept=kept)
                    whole = PackedBits(held, x.width) if isinstance(x, PackedBits) else held
                    Guards(ways[turn % 2], at_end).check(whole, expected[name], slice(count))

    assert in_child(work) == 0


@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("features", [7, 65])
def test_rows_at_any_distance(cpu: str, features: int) -> None:
    """Backwards, far apart, windows of wider rows, the last of which ends at the guarded page."""
    one = kernel(features, cpu, "straight")
    sources, expected = fed(features)

    def work() -> None:
        for name, x in sources.items():
            data = x.data if isinstance(x, PackedBits) else x
            width = data.shape[1]
            for at_end in (True, False):
                kept: list[Guarded] = []
                padding = ((0, 0), (PAGE + 3, 0) if at_end else (0, PAGE + 3))
                for wide in (data, np.pad(data, ((0, 0), padding[1])), np.repeat(data, 2, axis=0)):
                    held = guarded(wide, at_end=at_end, kept=kept)
                    step = len(wide) // len(data)
                    part = held[step - 1 :: step] if at_end else held[::step]
                    part = part[:, -width:] if at_end else part[:, :width]
                    for order in (1, -1):
                        laid = part[::order]
                        given = PackedBits(laid, x.width) if isinstance(x, PackedBits) else laid
                        Guards(one, at_end).check(given, expected[name], slice(None, None, order))

    assert in_child(work) == 0


def test_threads_stay_within_bounds_too() -> None:
    one = kernel(65, "native", "straight")
    sources, expected = fed(65)

    def work() -> None:
        for name in ("float32", "uint8", "bool"):
            kept: list[Guarded] = []
            held = guarded(sources[name], at_end=True, kept=kept)
            for threads in (2, 3, 7):
                assert same(one.predict(held, threads=threads), expected[name].classes)

    assert in_child(work) == 0
