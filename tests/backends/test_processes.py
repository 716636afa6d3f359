"""Kernels in threads, forked children and pools of processes, after the pool of the parent ran."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

from lgc.backends.llvm import NativeKernel
from lgc.reference import run
from tests.backends.cases import THREADS, agree, compiled
from tests.backends.corpus import batch, model
from tests.backends.guard import in_child
from tests.support import ROOT

NAME = "65 features"
X = batch(65, 5000)


@cache
def kernel(way: str) -> NativeKernel:
    return compiled(model(NAME), "native", way)


def predict(one: NativeKernel) -> np.ndarray:
    return one.predict(X, threads=3)


@pytest.mark.parametrize("way", ["straight", "table"])
def test_many_threads_ask_at_once(way: str) -> None:
    one = kernel(way)
    batches = [X[i * 97 : 4000 + i * 31] for i in range(10)]
    expected = [run(model(NAME), x) for x in batches]
    start = threading.Barrier(8)

    def ask(turn: int) -> None:
        if turn < 8:
            start.wait(30)
        agree(one, batches[turn % 10], expected[turn % 10], (None, *THREADS)[turn % 5])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(80)))


def test_bits_asked_for_by_all_at_once_are_compiled_once() -> None:
    one = pickle.loads(pickle.dumps(compiled(model(NAME), "native", "straight")))
    start = threading.Barrier(6)
    expected = run(model(NAME), X)

    def ask(_: int) -> None:
        start.wait(30)
        assert np.array_equal(one.bits(X, threads=2), expected.bits)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(6)))


@pytest.mark.parametrize("way", ["straight", "table"])
def test_forked_children(way: str) -> None:
    """Of a parent that has used its threads, and while it uses them; children fork too."""
    one, expected = kernel(way), run(model(NAME), X)
    agree(one, X, expected, 3)
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            one.predict(X, threads=3)

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for _ in range(5):
            assert in_child(lambda: agree(one, X, expected, 3)) == 0
    finally:
        stop.set()
        thread.join()

    def grandparent() -> None:
        agree(one, X, expected, 3)
        assert in_child(lambda: agree(one, X, expected, 3)) == 0

    assert in_child(grandparent) == 0
    agree(one, X, expected, 3)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools_of_processes(method: str) -> None:
    one, expected = kernel("straight"), run(model(NAME), X).classes
    predict(one)
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        assert all(np.array_equal(found, expected) for found in pool.map(predict, [one] * 4))
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        assert all(np.array_equal(found, expected) for found in executor.map(predict, [one] * 4))


@pytest.mark.parametrize("way", ["straight", "table", "table in a hurry", "generated"])
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_kernels_pickle(way: str, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(kernel(way), protocol))
    assert again.info == kernel(way).info
    agree(again, X[:600], run(model(NAME), X[:600]), 2)


def test_loaders_of_torch_use_one_thread_each() -> None:
    """Its workers set one thread; a kernel in one of them starts no others."""
    pytest.importorskip("torch", reason="torch is not installed")
    code = """
import sys, threading
import numpy as np
import torch
from torch.utils.data import DataLoader
from lgc.backends.llvm import Llvm
from lgc.reference import run
from tests.backends.corpus import batch, model
kernel = Llvm().kernel(model("65 features"))
x = batch(65, 40_000)
kernel.predict(x, threads=3)
class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, place):
        found = kernel.predict(x)
        helpers = sum(thread.name.startswith("lgc") for thread in threading.enumerate())
        return helpers, torch.from_numpy(found)
expected = run(model("65 features"), x).classes
for helpers, found in DataLoader(Rows(), batch_size=None, num_workers=2, multiprocessing_context="fork"):
    assert helpers == 0, helpers
    assert np.array_equal(found.numpy(), expected)
print("done")
"""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("LGC_THREADS", "OMP_NUM_THREADS")
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr


def test_an_interrupt_ends_a_call() -> None:
    code = """
import numpy as np
from lgc.backends.llvm import Llvm
from tests.backends.corpus import batch, model
kernel = Llvm().kernel(model("fused"))
x = np.broadcast_to(batch(64, 1), (100_000_000, 64))
kernel.predict(x[:10_000], threads=2)
print("started", flush=True)
try:
    kernel.counts(np.broadcast_to(batch(64, 1), (20_000_000, 64)), threads=2)
    print("too late")
except KeyboardInterrupt:
    print(len(kernel.predict(x[:10_000], threads=2)))
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    threading.Event().wait(0.1)
    child.send_signal(signal.SIGINT)
    out, error = child.communicate(timeout=60)
    assert (out, error, child.returncode) == ("10000\n", "", 0)
