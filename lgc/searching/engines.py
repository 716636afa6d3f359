"""Engine: where trials run; here one by one, in processes, or on the workers of a cluster."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from ..cluster.connection import Connection
from ..cluster.job import seal
from ..errors import InputError, UsageError
from .trials import Outcome, Proposal, Tell, Work, attempt

CLUSTERS = ("dask", "ray")


class Engine(ABC):
    """Tries proposals; at most `slots` at a time."""

    @property
    @abstractmethod
    def slots(self) -> int:
        """Trials that run at the same time; a cluster may grow and shrink."""

    @abstractmethod
    def submit(self, proposal: Proposal) -> None:
        """Begin a trial."""

    @abstractmethod
    def first(self) -> tuple[Proposal, Outcome]:
        """Wait until one has ended."""

    @abstractmethod
    def stop(self) -> None:
        """End what runs; nobody wants it any more."""


class Here(Engine):
    """In this process, one after another."""

    def __init__(self, work: Work, tell: Tell | None = None) -> None:
        self._work, self._tell = work, tell
        self._waiting: deque[Proposal] = deque()

    @property
    def slots(self) -> int:
        return 1

    def submit(self, proposal: Proposal) -> None:
        self._waiting.append(proposal)

    def first(self) -> tuple[Proposal, Outcome]:
        proposal = self._waiting.popleft()
        return proposal, attempt(self._work, proposal, self._tell)

    def stop(self) -> None:
        self._waiting.clear()


class _Attempt:
    """What a worker of a cluster is sent: failures come back as outcomes, not as errors."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def answer(self, part: Proposal) -> Outcome:
        return attempt(self._work, part)


class Remote(Engine):
    """On the workers of a cluster; the work goes to each of them once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._running: list[tuple[Proposal, Any]] = []

    @property
    def slots(self) -> int:
        return self._connection.slots

    def submit(self, proposal: Proposal) -> None:
        self._running.append((proposal, self._connection.submit(proposal)))

    def first(self) -> tuple[Proposal, Outcome]:
        place = self._connection.first([started for _, started in self._running])
        proposal, started = self._running.pop(place)
        try:
            return proposal, self._connection.result(started)
        except InputError as error:
            if error.where is not None:  # there is no such cluster any more
                raise
            return proposal, Outcome(reason=str(error))

    def stop(self) -> None:
        self._connection.cancel([started for _, started in self._running])
        self._running.clear()


@contextmanager
def remote(cluster: str, work: Work) -> Generator[Engine]:
    """An engine on a cluster that is there already.

    Args:
        cluster: ``ray`` or ``dask``, with ``:address`` where the library does not know it.

    Raises:
        UsageError: it is neither, or has no address.
        InputError: nobody answers.
    """
    name, _, address = cluster.partition(":")
    check_cluster(cluster)
    module = importlib.import_module(f"..cluster.{name}", __package__)
    with module.connect(address or None, seal(_Attempt(work))) as connection:
        yield Remote(connection)


def check_cluster(cluster: str) -> None:
    """Find out before the work whether the text names a kind of cluster.

    Raises:
        UsageError: it does not.
    """
    name = cluster.partition(":")[0]
    if name not in CLUSTERS:
        raise UsageError(
            f"{name!r} is no kind of cluster",
            where="--cluster",
            hint="ray, ray:head:6379, dask or dask:tcp://scheduler:8786",
        )
