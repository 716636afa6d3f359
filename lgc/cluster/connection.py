"""Connection: what Dask and Ray have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from ..data import Part
from ..data.source import span
from ..errors import InputError, LgcError, UnsupportedError
from ..streams import Answer


class Connection(ABC):
    """A cluster that has the job."""

    @property
    @abstractmethod
    def slots(self) -> int:
        """Parts that are computed at the same time."""

    @abstractmethod
    def submit(self, part: Part) -> Any:
        """Begin a part."""

    @abstractmethod
    def result(self, started: Any) -> Answer:
        """Wait for a part; the cluster forgets it."""

    @abstractmethod
    def cancel(self, started: Iterable[Any]) -> None:
        """Stop what is under way."""


def not_there(name: str, address: str) -> InputError:
    """Nobody answers."""
    return InputError(
        f"no {name} cluster answers",
        where=address,
        hint=f"--cluster-address names one that runs; lgc starts no {name} cluster",
    )


def workers_died(part: Part) -> InputError:
    """The cluster has given up a part."""
    return InputError(
        f"every worker that was given {span(part.rows.start, len(part.rows))} died",
        hint="is a worker's memory large enough? its log says why it died",
    )


def failed_there(error: BaseException) -> BaseException:
    """What a worker raised: an error of lgc, a missing library, or something nobody expected."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LgcError):
            return cause
        if isinstance(cause, ModuleNotFoundError):
            return UnsupportedError(
                f"a worker has no module {cause.name!r}",
                hint="workers need the same lgc, with the same extras",
            )
        cause = cause.__cause__
    return error
