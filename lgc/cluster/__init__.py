"""Runs over a cluster that is there already: workers read parts of a file, results come in order.

The kernel goes to each worker once. A part whose worker dies is given to another one.
"""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from ..data import Source
from ..errors import InputError
from ..streams import Answer, Callee, What, located
from .job import Job, seal

if TYPE_CHECKING:
    from .connection import Connection

PARTS_A_SLOT = 4
"""At least, where the file is large enough: the last worker must not be waited for."""

BLOCKS_A_PART = 8
"""At most: results of a part are in memory together."""


def cluster_answers(
    name: str, address: str | None, kernel: Callee, source: Source, what: What
) -> Generator[Answer]:
    """Like `lgc.streams.answers`, computed elsewhere.

    Args:
        name: ``dask`` or ``ray``.
        address: of the scheduler; by default what the library is configured for.
        source: its path is one that all workers share.

    Raises:
        InputError: there is no such cluster, or the file is not what it should be.
        UnsupportedError: the library is not installed, here or there.
    """
    job = Job.of(kernel, source, what)
    module = importlib.import_module(f".{name}", __name__)
    with module.connect(address, seal(job)) as connection:
        try:
            yield from _ordered(connection, source, job.rows)
        except InputError as error:
            raise located(error, str(source.path)) from None


def _ordered(connection: Connection, source: Source, block: int) -> Iterator[Answer]:
    """Results in order; a few more parts than there are workers are under way."""
    slots = connection.slots
    share = -(-(source.rows or 0) // (PARTS_A_SLOT * slots))
    waiting: deque[Any] = deque()
    try:
        for part in source.parts(max(block, min(share, BLOCKS_A_PART * block))):
            waiting.append(connection.submit(part))
            if len(waiting) > 2 * slots:
                yield connection.result(waiting.popleft())
        while waiting:
            yield connection.result(waiting.popleft())
    finally:
        connection.cancel(waiting)
