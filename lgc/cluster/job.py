"""Job: what a worker needs to answer any part of the work; it arrives once, as bytes."""

from __future__ import annotations

import hashlib
import pickle
import threading
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..data import Part, Source
from ..errors import InputError, LgcError
from ..streams import Answer, Callee, What, answers, method


class Work(Protocol):
    """Anything that can be done part by part, and pickles."""

    def answer(self, part: Any) -> Any:
        """The results of a part."""
        ...


@dataclass(frozen=True, eq=False)
class Job:
    """A file that a kernel runs on.

    Attributes: the kernel, the file, which results, and how many rows to read at once."""

    kernel: Callee
    source: Source
    what: What
    rows: int

    @classmethod
    def of(cls, kernel: Callee, source: Source, what: What) -> Job:
        """A job; what the kernel compiles when it is first asked is compiled here, not there."""
        method(kernel, what)(np.zeros((0, kernel.features), np.bool_))
        return cls(kernel, source, what, source.block_rows())

    def answer(self, part: Part) -> Answer:
        """The results of a part, on one thread: a worker is one of many."""
        try:
            found = list(
                answers(self.kernel, self.source, self.what, part, rows=self.rows, threads=1)
            )
        except LgcError:
            if self.source.splits and not self.source.path.exists():
                raise InputError(
                    "a worker does not see this file",
                    where=str(self.source.path),
                    hint="put it where all workers can read it, under one path",
                ) from None
            raise
        labels = [one.labels for one in found if one.labels is not None]
        return Answer(
            np.concatenate([one.values for one in found]),
            np.concatenate(labels) if labels else None,
        )


@dataclass(frozen=True)
class Sealed:
    """A job as bytes: a worker that cannot open it says so as it says anything else."""

    data: bytes
    digest: str


def seal(job: Work) -> Sealed:
    """Make a job ready to be sent."""
    data = pickle.dumps(job)
    return Sealed(data, hashlib.sha256(data).hexdigest())


def work(sealed: Sealed, part: Any) -> Any:
    """What a worker is asked to do."""
    return _opened(sealed).answer(part)


_jobs: dict[str, Work] = {}
_opening = threading.Lock()


def _opened(sealed: Sealed) -> Work:
    """The job, opened once in a process; the one before is forgotten."""
    with _opening:
        if sealed.digest not in _jobs:
            job = pickle.loads(sealed.data)
            _jobs.clear()
            _jobs[sealed.digest] = job
        return _jobs[sealed.digest]
