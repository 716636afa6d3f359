"""Trials in processes of this machine, each with its share of the processors.

A process is a Python interpreter that runs `worker` and knows nothing of the caller's program. It
hears no Ctrl-C: this process ends it. One that dies takes its trial with it, not the search; the
next trial starts another. When this process is killed its workers leave as well.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any

from ..parallel import available
from .engines import Engine
from .trials import Outcome, Proposal, Tell, Work

LIMITS = (
    "LGC_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)  # fmt: skip
"""Variables by which libraries are told how many threads they may have."""


class Processes(Engine):
    """As many at a time as there are jobs."""

    def __init__(
        self, work: Work, jobs: int, threads: int | None = None, tell: Tell | None = None
    ) -> None:
        self._work = pickle.dumps(work)
        self._jobs, self._tell = jobs, tell
        self._threads = threads or max(1, available() // jobs)
        self._idle: list[_Process] = []
        self._busy: dict[_Process, Proposal] = {}
        self._happened: SimpleQueue[tuple[_Process, Any]] = SimpleQueue()

    @property
    def slots(self) -> int:
        return self._jobs

    def submit(self, proposal: Proposal) -> None:
        process = self._idle.pop() if self._idle else self._start()
        self._busy[process] = proposal
        process.send(proposal)

    def _start(self) -> _Process:
        process = _Process(self._threads, self._happened)
        process.send(self._work)
        return process

    def first(self) -> tuple[Proposal, Outcome]:
        while True:
            process, message = self._happened.get()
            if process not in self._busy:
                continue
            if isinstance(message, Told):
                if self._tell is not None:
                    self._tell(message.epoch, message.hard)
                continue
            proposal = self._busy.pop(process)
            if message is None:
                return proposal, Outcome(reason=f"its process ended: {process.why()}")
            self._idle.append(process)
            return proposal, message

    def stop(self) -> None:
        for process in (*self._busy, *self._idle):
            process.kill()
        self._busy.clear()
        self._idle.clear()


@dataclass(frozen=True)
class Told:
    """What a worker says on the way."""

    epoch: int
    hard: float


class _Process:
    """A worker, and a thread that passes on what it says: progress, an outcome, None at its end."""

    def __init__(self, threads: int, happened: SimpleQueue[tuple[_Process, Any]]) -> None:
        limits = dict.fromkeys(LIMITS, str(threads))
        path = os.pathsep.join(part for part in sys.path if part)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lgc.searching.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **limits, "PYTHONPATH": path},
            start_new_session=True,
        )
        self._happened = happened
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, what: Proposal | bytes) -> None:
        """A proposal, or the work to do with proposals."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended: the thread that listens says so
            put(self._process.stdin, what)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while (message := take(self._process.stdout)) is not None:
            self._happened.put((self, message))
        self._happened.put((self, None))

    def why(self) -> str:
        """Why it ended."""
        code = self._process.wait()
        return f"exit code {code}" if code >= 0 else f"signal {-code}, is memory large enough?"

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def put(stream: IO[bytes], what: Any) -> None:
    """Write a message: its length (u64, little-endian), then the pickle."""
    data = pickle.dumps(what)
    stream.write(len(data).to_bytes(8, "little") + data)
    stream.flush()


def take(stream: IO[bytes]) -> Any:
    """Read a message; None at the end."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "little")
    data = stream.read(size)
    return None if len(data) < size else pickle.loads(data)
