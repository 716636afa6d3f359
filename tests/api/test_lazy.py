"""Lazy kernels: an answer at once, the same answer later, and an error that is told."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.backends.llvm import Llvm, NativeKernel
from lgc.chain import Sums, build_module
from lgc.errors import InputError, UsageError
from lgc.lazy import LazyKernel
from lgc.reference import run
from tests.backends.cases import agree
from tests.backends.guard import in_child
from tests.support import ROOT, random_layers

MODULE = build_module(30, random_layers([90, 80], 30, 0), Sums(4, 2.0))
X = np.random.default_rng(0).integers(0, 2, (700, 30), np.uint8)


@pytest.fixture(scope="module")
def pair() -> tuple[NativeKernel, NativeKernel]:
    """The kernel there is at once, and the one that takes over."""
    first = Llvm().kernel(MODULE, engine="table", hurry=True)
    return first, Llvm().kernel(MODULE, engine="straight")


class Later:
    """Makes the second kernel when it is told to."""

    def __init__(self, make: Callable[[], NativeKernel]) -> None:
        self.make = make
        self.go = threading.Event()

    def __call__(self) -> NativeKernel:
        assert self.go.wait(30)
        return self.make()


@pytest.fixture
def waiting(pair: tuple[NativeKernel, NativeKernel]) -> Iterator[tuple[LazyKernel, Later]]:
    later = Later(lambda: pair[1])
    yield LazyKernel(pair[0], later), later
    later.go.set()


def test_an_answer_at_once_and_the_same_later(waiting: tuple[LazyKernel, Later]) -> None:
    lazy, later = waiting
    expected = run(MODULE, X)
    assert not lazy.ready
    assert lazy.info["engine"] == "table"
    assert repr(lazy) == (
        "<Kernel 30 features, 4 classes, 170 gates, 512-bit planes>, a faster one is being made"
    ).replace("512", str(lazy.info["plane_bits"]))
    agree(lazy, X, expected, 3)
    later.go.set()
    assert lazy.wait(30).info["engine"] == "straight"
    assert lazy.ready
    assert lazy.info["engine"] == "straight"
    assert "faster" not in repr(lazy)
    agree(lazy, X, expected, 3)
    assert (lazy.features, lazy.classes, lazy.tau) == (30, 4, 2.0)
    assert lazy.module.is_structurally_equivalent(MODULE)
    assert set(lazy.profile(X, repeat=1)) == {"packing", "gates", "unpacking", "total"}


def test_calls_go_on_while_the_other_takes_over(waiting: tuple[LazyKernel, Later]) -> None:
    lazy, later = waiting
    expected = run(MODULE, X)

    def call(turn: int) -> None:
        if turn == 20:
            later.go.set()
        agree(lazy, X, expected, 1 + turn % 3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(call, range(60)))
    assert lazy.wait(30)


def test_waiting_takes_no_longer_than_allowed(waiting: tuple[LazyKernel, Later]) -> None:
    lazy, _ = waiting
    with pytest.raises(TimeoutError) as caught:
        lazy.wait(0.05)
    assert str(caught.value) == "the kernel is not ready after 0.05 seconds"
    assert not lazy.ready


def test_an_error_is_told_by_wait_and_the_first_kernel_goes_on(
    pair: tuple[NativeKernel, NativeKernel], tmp_path: Path
) -> None:
    def fail() -> NativeKernel:
        raise InputError("no such luck", where="here")

    lazy = LazyKernel(pair[0], fail)
    asks: list[Callable[[], object]] = [
        lazy.wait, lambda: lazy.wait(1), lambda: lazy.save(tmp_path / "k.lgk"),
        lambda: pickle.dumps(lazy),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(InputError) as caught:
            ask()
        assert str(caught.value) == "here: no such luck"
    assert not lazy.ready
    assert repr(lazy).endswith(", a faster one could not be made")
    agree(lazy, X, run(MODULE, X))
    assert list(tmp_path.iterdir()) == []


def test_saving_and_pickling_wait(waiting: tuple[LazyKernel, Later], tmp_path: Path) -> None:
    lazy, later = waiting
    expected = run(MODULE, X)
    threading.Timer(0.1, later.go.set).start()
    lazy.save(tmp_path / "k.lgk")
    assert lazy.ready
    for other in (
        lgc.load_kernel(tmp_path / "k.lgk"), pickle.loads(pickle.dumps(lazy)), copy.deepcopy(lazy),
        copy.copy(lazy),
    ):  # fmt: skip
        assert type(other) is NativeKernel
        assert other.info["engine"] == "straight"
        agree(other, X, expected)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_lazy_kernels_travel_to_processes(waiting: tuple[LazyKernel, Later], method: str) -> None:
    lazy, later = waiting
    threading.Timer(0.1, later.go.set).start()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        found = pool.submit(lazy.predict, X, threads=2).result(timeout=60)
    assert np.array_equal(found, run(MODULE, X).classes)


def test_a_forked_child_goes_on_alone(waiting: tuple[LazyKernel, Later]) -> None:
    """Its `ready` was once true, and `wait` gave the first kernel."""
    lazy, later = waiting
    expected = run(MODULE, X)

    def work() -> None:
        assert not lazy.ready
        agree(lazy, X, expected, 2)
        later.go = threading.Event()  # that of the parent belongs to its thread
        later.go.set()
        assert lazy.wait().info["engine"] == "straight"
        assert lazy.ready
        agree(lazy, X, expected, 2)

    assert in_child(work) == 0


def test_a_fork_waits_for_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child once waited for ever for a lock that the thread of its parent held."""
    monkeypatch.setenv("LGC_CACHE_SIZE", "0")
    module = build_module(64, random_layers([900, 900], 64, 1), Sums(10))
    x = X[:, :1].repeat(64, 1)
    expected = run(module, x)
    lazy = lgc.compile(lgc.Model(module), pipeline="O0", cpu="x86-64", lazy=True)
    for _ in range(4):
        assert in_child(lambda: agree(lazy, x, expected, 2)) == 0  # compiles the bits
    agree(lazy.wait(), x, expected, 2)


def test_compile_lazily() -> None:
    model = lgc.Model(MODULE)
    lazy = lgc.compile(model, lazy=True)
    assert isinstance(lazy, LazyKernel)
    agree(lazy, X, run(MODULE, X))
    assert lazy.wait().info["provenance"]["pipeline"].startswith("fuse-layers")
    agree(lazy, X, run(MODULE, X))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pipeline": "frobnicate"}, "there is no pass called 'frobnicate'"),
        ({"cpu": "pdp-11"}, "--cpu: there is no machine called 'pdp-11'"),
        ({"plane_bits": 100}, "--plane-bits: there are no planes of 100 bits"),
        (
            {"engine": "quick"},
            "--engine: there is no engine called 'quick'\n  hint: one of auto, table, straight",
        ),
    ],
)
def test_wrong_options_are_told_at_once(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.compile(lgc.Model(MODULE), lazy=True, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)
    with pytest.raises(UsageError) as caught:
        lgc.compile(lgc.Model(MODULE), **options)  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize(("cpu", "seconds"), [("x86-64", 0.2), ("native", 0)])
def test_the_interpreter_may_leave_meanwhile(cpu: str, seconds: float) -> None:
    code = f"""
import time
import numpy as np
import lgc
from lgc.chain import Sums, build_module
from tests.support import random_layers
model = lgc.Model(build_module(64, random_layers([6000] * 3, 64, 0), Sums(10)))
kernel = lgc.compile(model, lazy=True, cpu={cpu!r}, pipeline="O0")
print(kernel.predict(np.zeros((3000, 64), np.uint8), threads=2).shape)
time.sleep({seconds})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60,
        env={**os.environ, "LGC_CACHE_SIZE": "0"}, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("(3000,)\n", "", 0)
