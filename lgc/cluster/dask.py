"""Dask: parts are tasks, the job is a task that all of them depend on."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from ..errors import UsageError
from ..extras import extra
from .connection import Connection, failed_there, not_there, workers_died
from .job import Sealed, work

PATIENCE = "20s"
"""For a scheduler to answer, and for a first worker to appear."""


@contextmanager
def connect(address: str | None, sealed: Sealed) -> Generator[Connection]:
    """A client of the scheduler, for the length of a run."""
    distributed = extra("distributed", "dask")
    address = address or extra("dask.config", "dask").get("scheduler-address", None)
    if address is None:
        raise UsageError(
            "the address of a Dask scheduler is missing",
            where="--cluster-address",
            hint="such as tcp://host:8786; or set DASK_SCHEDULER_ADDRESS",
        )
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError):
        raise not_there("Dask", address) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise not_there("Dask", f"workers of {address}") from None
        yield _Dask(client, sealed)


class _Dask(Connection):
    def __init__(self, client: Any, sealed: Sealed) -> None:
        self._client = client
        with warnings.catch_warnings():
            # The job is sent with its task, not scattered: so it can be made again when the
            # workers that hold it die. Dask warns when that is more than 10 MB.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            self._job = client.submit(_itself, sealed, key=f"lgc-job-{sealed.digest}")

    @property
    def slots(self) -> int:
        return max(sum(self._client.nthreads().values()), 1)

    def submit(self, part: Any) -> tuple[Any, Any]:
        return self._client.submit(work, self._job, part, pure=False), part

    def first(self, started: Sequence[tuple[Any, Any]]) -> int:
        futures = [future for future, _ in started]
        wait = extra("distributed", "dask").wait
        try:
            with self._client.as_current():
                done = wait(futures, return_when="FIRST_COMPLETED").done
        except CancelledError:
            done = futures  # the scheduler is gone: asked for any result it says so
        return next(place for place, future in enumerate(futures) if future in done)

    def result(self, started: tuple[Any, Any]) -> Any:
        future, part = started
        killed = extra("distributed", "dask").KilledWorker
        try:
            return future.result()
        except killed:
            raise workers_died(part) from None
        except CancelledError:  # the scheduler is gone, or somebody else has cancelled it
            raise not_there("Dask", self._client.scheduler.address) from None
        except Exception as error:
            raise failed_there(error) from None

    def cancel(self, started: Iterable[tuple[Any, Any]]) -> None:
        self._client.cancel([*(future for future, _ in started), self._job])


def _itself(sealed: Sealed) -> Sealed:
    return sealed
