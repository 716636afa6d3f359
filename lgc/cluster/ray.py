"""Ray: parts are tasks, the job is an object in the store of each node."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from ..extras import extra
from .connection import Connection, failed_there, not_there, workers_died
from .job import Sealed, work

RETRIES = 5
"""Workers that may die under a part."""


@contextmanager
def connect(address: str | None, sealed: Sealed) -> Generator[Connection]:
    """A driver in the cluster, for the length of a run; one that is there already is used."""
    ray = extra("ray", "ray")
    ours = not ray.is_initialized()
    if ours:
        try:
            ray.init(address or "auto", log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError):
            raise not_there("Ray", address or "RAY_ADDRESS") from None
    try:
        yield _Ray(ray, sealed)
    finally:
        if ours:
            ray.shutdown()


class _Ray(Connection):
    def __init__(self, ray: Any, sealed: Sealed) -> None:
        self._ray = ray
        self._job = ray.put(sealed)
        self._work = ray.remote(num_cpus=1, max_retries=RETRIES)(work)

    @property
    def slots(self) -> int:
        return max(int(self._ray.cluster_resources().get("CPU", 1)), 1)

    def submit(self, part: Any) -> tuple[Any, Any]:
        return self._work.remote(self._job, part), part

    def first(self, started: Sequence[tuple[Any, Any]]) -> int:
        references = [reference for reference, _ in started]
        done, _ = self._ray.wait(references, num_returns=1)
        return references.index(done[0])

    def result(self, started: tuple[Any, Any]) -> Any:
        reference, part = started
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            raise failed_there(error.cause) from None
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.ObjectLostError):
            raise workers_died(part) from None

    def cancel(self, started: Iterable[tuple[Any, Any]]) -> None:
        for reference, _ in started:
            self._ray.cancel(reference)
