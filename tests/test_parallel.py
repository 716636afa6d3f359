"""Threads over a batch: every row once, errors and interrupts, what was asked is what is used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc import parallel
from lgc.errors import UsageError
from lgc.parallel import LONGEST, WORTH, available, spread
from tests.backends.guard import in_child
from tests.support import ROOT


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> object | None:
    """Sixteen processors, and nothing that says to use fewer; gives torch, which loads only once."""
    torch = sys.modules.get("torch")
    monkeypatch.delenv("LGC_THREADS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    return torch


class Recorder:
    """Work that remembers its pieces and the threads they ran on."""

    def __init__(self, seconds: float = 0) -> None:
        self.pieces: list[tuple[int, int]] = []
        self.threads: set[int] = set()
        self.seconds = seconds

    def __call__(self, start: int, stop: int) -> None:
        self.threads.add(threading.get_ident())
        self.pieces.append((start, stop))
        time.sleep(self.seconds)

    def rows(self) -> list[int]:
        return sorted(row for start, stop in self.pieces for row in range(start, stop))


@given(st.integers(0, 300), st.integers(1, 70), st.none() | st.integers(1, 9))
def test_every_row_once_in_whole_grains(rows: int, grain: int, threads: int | None) -> None:
    work = Recorder()
    spread(work, rows, grain, threads)
    assert work.rows() == list(range(rows))
    assert all(start % grain == 0 for start, _ in work.pieces)
    assert len(work.threads) <= (threads or 16)


def test_threads_asked_for_are_used() -> None:
    for threads in (2, 5):
        work = Recorder(0.01)
        spread(work, 40, 1, threads)
        assert len(work.threads) == threads
    work = Recorder(0.01)
    spread(work, 3, 1, 8)  # never more than there are grains
    assert len(work.threads) <= 3


def test_small_batches_stay_on_the_thread_that_asks() -> None:
    for blocks in (1, WORTH, 2 * WORTH - 1):
        work = Recorder()
        spread(work, 64 * blocks, 64, None)
        assert work.threads == {threading.get_ident()}
        assert len(work.pieces) == 1
    work = Recorder(0.01)
    spread(work, 64 * 2 * WORTH, 64, None)
    assert len(work.threads) == 2
    work = Recorder(0.005)
    spread(work, 64 * 16 * WORTH, 64, None)
    assert 2 < len(work.threads) <= 16


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_does_not_wait_for_a_long_batch(threads: int) -> None:
    work = Recorder()
    spread(work, 100 * LONGEST + 5, 1, threads)
    assert work.rows() == list(range(100 * LONGEST + 5))
    assert max(stop - start for start, stop in work.pieces) == LONGEST


@pytest.mark.parametrize("threads", [0, -3])
def test_less_than_one_thread_is_refused(threads: int) -> None:
    with pytest.raises(UsageError) as caught:
        spread(Recorder(), 10, 1, threads)
    assert str(caught.value) == f"threads is at least 1, not {threads}"


def test_available_is_the_least_of_all_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert available() == 16
    monkeypatch.setenv("OMP_NUM_THREADS", "9")
    assert available() == 9
    monkeypatch.setenv("OMP_NUM_THREADS", "6, 2")  # by level of nesting
    assert available() == 6
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(get_num_threads=lambda: 3))
    assert available() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "0")
    assert available() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert available() == 3
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())  # not loaded yet
    assert available() == 16


def test_torch_is_believed(no_limits: object | None, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = no_limits or pytest.importorskip("torch", reason="torch is not installed")
    before = torch.get_num_threads()
    monkeypatch.setitem(sys.modules, "torch", torch)
    try:
        torch.set_num_threads(1)
        assert available() == 1
        work = Recorder()
        spread(work, 6400, 1, None)
        assert work.threads == {threading.get_ident()}
    finally:
        torch.set_num_threads(before)


def test_lgc_threads_beats_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("LGC_THREADS", "40")
    assert available() == 40
    monkeypatch.setenv("LGC_THREADS", "")  # as good as not set
    assert available() == 2


@pytest.mark.parametrize("told", ["0", "-1", "two", "1.5", "²"])
def test_lgc_threads_is_a_number(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("LGC_THREADS", told)
    with pytest.raises(UsageError) as caught:
        spread(Recorder(), 64 * 100, 64, None)
    assert str(caught.value) == f"LGC_THREADS: {told!r} is not a number of threads"


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("place", ["the first piece", "all but the first"])
def test_an_error_is_told_and_the_others_stop(threads: int, place: str) -> None:
    started: list[int] = []
    running: list[int] = []

    def work(start: int, stop: int) -> None:
        started.append(start)
        running.append(start)
        try:
            time.sleep(0.01)
            if (start == 0) == (place == "the first piece") or stop == 1000:
                raise ArithmeticError(f"row {start}")
        finally:
            running.remove(start)

    with pytest.raises(ArithmeticError, match="row "):
        spread(work, 1000, 1, threads)
    assert running == []
    assert len(started) <= 2 * threads
    work_again = Recorder()
    spread(work_again, 100, 1, threads)  # the pool is as good as before
    assert work_again.rows() == list(range(100))


def test_many_callers_at_once() -> None:
    def call(seed: int) -> bool:
        work = Recorder()
        spread(work, 50 + seed, 3, 1 + seed % 9)
        return work.rows() == list(range(50 + seed))

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(call, range(300)))


def test_calls_may_nest() -> None:
    rows: list[int] = []

    def outer(start: int, stop: int) -> None:
        spread(
            lambda first, last: rows.extend(range(start + first, start + last)), stop - start, 1, 4
        )

    spread(outer, 2000, 1, 40)
    assert sorted(rows) == list(range(2000))


def test_when_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that waits in the queue and comes later must not be missed, nor do any harm."""
    late: list[threading.Thread] = []

    class Exhausted:
        def submit(self, helper) -> None:
            late.append(threading.Thread(target=helper))
            if len(late) > 1:
                raise RuntimeError("can't start new thread")
            late[0].start()

    monkeypatch.setattr(parallel, "_pool", Exhausted)
    work = Recorder(0.001)
    spread(work, 40, 1, 5)
    assert work.rows() == list(range(40))
    for thread in late[1:]:
        thread.start()
    for thread in late:
        thread.join()
    assert work.rows() == list(range(40))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_starts_its_own_threads() -> None:
    spread(Recorder(0.01), 20, 1, 4)  # the parent's pool exists

    def work() -> None:
        record = Recorder(0.01)
        spread(record, 40, 1, 4)
        assert record.rows() == list(range(40))
        assert len(record.threads) == 4

    assert in_child(work) == 0


def run(code: str, **keywords: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=ROOT, **keywords,
    )  # fmt: skip


def test_an_interrupt_ends_the_call_and_leaves_the_pool_usable() -> None:
    child = run("""
import time
from lgc.parallel import spread
rows = []
def work(start, stop):
    if start == 0: print("started", flush=True)
    time.sleep(0.02)
try:
    spread(work, 100_000, 1, 3)
except KeyboardInterrupt:
    spread(lambda start, stop: rows.append(stop - start), 1000, 1, 3)
    print("interrupted", sum(rows))
""")
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    child.send_signal(signal.SIGINT)
    out, error = child.communicate(timeout=30)
    assert (out, error, child.returncode) == ("interrupted 1000\n", "", 0)


def test_calls_while_the_interpreter_leaves() -> None:
    child = run("""
import atexit, threading
from lgc.parallel import spread
rows = []
spread(lambda start, stop: None, 100, 1, 3)
def late():
    spread(lambda start, stop: rows.extend(range(start, stop)), 1000, 1, 3)
    print(sorted(rows) == list(range(1000)))
atexit.register(late)
""")
    out, error = child.communicate(timeout=30)
    assert (out, error, child.returncode) == ("True\n", "", 0)
