"""Kernel.predict_iter: in order, lazily, one batch at a time, the numbers of one call."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

import lgc
from lgc.errors import InputError, UsageError
from lgc.interfaces import Kernel
from tests.streams.conftest import samples


@pytest.mark.parametrize("what", ["predict", "counts", "bits", "scores"])
def test_same_as_the_reference(model: lgc.Model, kernel: Kernel, what) -> None:
    x = samples(700)
    outcome = model.evaluate(x)
    assert outcome.counts is not None
    expected = {
        "predict": outcome.counts.argmax(axis=1),
        "counts": outcome.counts,
        "bits": outcome.bits,
        "scores": outcome.counts.astype(np.float32) / np.float32(3),
    }[what]
    cuts = [0, 1, 1, 64, 600, 700]  # one of them is empty
    parts = [x[a:b] for a, b in pairwise(cuts)]
    results = list(kernel.predict_iter(parts, what))
    assert [len(one) for one in results] == [1, 0, 63, 536, 100]
    assert np.array_equal(np.concatenate(results), expected)


def test_any_kind_of_batch(kernel: Kernel) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = samples(50)
    kinds = [
        x,
        x.astype(bool),
        torch.from_numpy(x).float(),
        lgc.packed(x.astype(bool)),
        x[::-1][::-1],
    ]
    for result in kernel.predict_iter(kinds, threads=2):
        assert np.array_equal(result, kernel.predict(x))


def test_a_lazy_kernel_streams_too(model: lgc.Model) -> None:
    kernel = lgc.compile(model, lazy=True)
    x = samples(90)
    first, *others = kernel.predict_iter([x[:30], x[30:]])
    kernel.wait()  # type: ignore[attr-defined]
    assert np.array_equal(np.concatenate([first, *others]), kernel.predict(x))


def test_one_batch_at_a_time(kernel: Kernel) -> None:
    """No batch is asked for before it is needed, and none is kept."""
    last: list[weakref.ref[np.ndarray]] = []
    made: list[int] = []

    def batches() -> Iterator[np.ndarray]:
        for number in range(1000):
            batch = samples(10, number)
            assert all(one() is None for one in last)
            last[:] = [weakref.ref(batch)]
            made.append(number)
            yield batch
            del batch

    results = kernel.predict_iter(batches())
    assert made == []
    next(results)
    assert made == [0]
    for _ in range(5):
        next(results)
    assert made == [0, 1, 2, 3, 4, 5]


def test_errors_name_the_batch(kernel: Kernel) -> None:
    results = kernel.predict_iter([samples(3), samples(3, features=5)])
    next(results)
    with pytest.raises(InputError) as caught:
        next(results)
    assert str(caught.value) == "batch 1: a sample has 5 numbers, the model reads 12"
    with pytest.raises(UsageError) as refused:
        kernel.predict_iter([], "classes")  # type: ignore[arg-type]
    assert str(refused.value) == "what is one of predict, counts, bits, scores, not 'classes'"
