"""Connection: what Dask and Ray have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import InputError, LgcError, UnsupportedError


class Connection(ABC):
    """A cluster that has the job."""

    @property
    @abstractmethod
    def slots(self) -> int:
        """Parts that are computed at the same time."""

    @abstractmethod
    def submit(self, part: Any) -> Any:
        """Begin a part; messages call it what its text is."""

    @abstractmethod
    def result(self, started: Any) -> Any:
        """Wait for a part; the cluster forgets it."""

    @abstractmethod
    def first(self, started: Sequence[Any]) -> int:
        """Wait until one of some parts is done; its place among them."""

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


def workers_died(part: Any) -> InputError:
    """The cluster has given up a part."""
    return InputError(
        f"every worker that was given {part} died",
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
