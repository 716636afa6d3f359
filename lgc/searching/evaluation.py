"""Evaluation of a proposal: train it, compile it, measure what it costs."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import driver
from ..extras import extra
from ..training.datasets import DataSet
from ..training.trainer import Progress, train
from .objectives import ACCURACY, costs
from .pruning import Bar, missed
from .trials import Outcome, Proposal, Tell


class _PrunedError(Exception):
    def __init__(self, bar: Bar) -> None:
        super().__init__(bar)
        self.bar = bar


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a worker needs for any proposal; it pickles.

    Attributes:
        data: only its training rows are looked at.
        objectives: names.
        threads: that a trial may use; None leaves them as they are.
    """

    data: DataSet
    objectives: tuple[str, ...]
    threads: int | None = None

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        """Train, compile, measure."""
        with limited(self.threads):
            return self._answer(part, tell)

    def _answer(self, part: Proposal, tell: Tell | None) -> Outcome:
        start = time.monotonic()
        curve: list[tuple[int, float, float]] = []

        def watch(seen: Progress) -> None:
            curve.append((seen.epoch, seen.hard, seen.relaxed))
            if tell is not None:
                tell(seen.epoch, seen.hard)
            if (bar := missed(part.bars, *curve[-1])) is not None:
                raise _PrunedError(bar)

        try:
            trained = train(part.recipe, self.data, report=watch)
        except _PrunedError as error:
            return Outcome(curve=tuple(curve), missed=error.bar, seconds=time.monotonic() - start)
        model = driver.from_torch(trained.model)
        found = costs(model, self.objectives, self.data.x_train)
        found[ACCURACY] = trained.best.hard
        return Outcome(
            found, tuple(curve), seconds=time.monotonic() - start, model=model_file(trained.model)
        )


def model_file(model: Any) -> bytes:
    """The state dict as `lgc.nn.save` writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        extra("lgc.nn", "nn").save(model, path)
        return path.read_bytes()


@contextmanager
def limited(threads: int | None) -> Generator[None]:
    """Let torch, numba and lgc use so many threads, for a while; None leaves them as they are."""
    if threads is None:
        yield
        return
    torch, numba = extra("torch", "nn"), extra("numba", "nn")
    before = os.environ.get("LGC_THREADS"), torch.get_num_threads(), numba.get_num_threads()
    os.environ["LGC_THREADS"] = str(threads)
    torch.set_num_threads(threads)
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        torch.set_num_threads(before[1])
        numba.set_num_threads(before[2])
        if before[0] is None:
            del os.environ["LGC_THREADS"]
        else:
            os.environ["LGC_THREADS"] = before[0]
