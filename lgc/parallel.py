"""Threads over a batch: one pool for the process, pieces taken as threads become free.

The work is native code that releases the interpreter's lock. A forked child starts a pool of its
own, and a process that was told to use few threads is believed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .errors import UsageError

WORTH = 8
"""Grains for which a thread pays: it takes some ten microseconds to wake."""

PIECES = 4
"""Pieces for each thread: a thread that was held up does not hold up the others."""

LONGEST = 1 << 12
"""Grains in a piece at most: an interrupt waits for the pieces that are being worked on."""


def available() -> int:
    """Threads to use by default.

    ``LGC_THREADS`` if it is set; else the processors this process may run on, but no more than
    torch uses where it is loaded (its data loaders set it to one in each worker) or than
    ``OMP_NUM_THREADS`` allows.

    Raises:
        UsageError: ``LGC_THREADS`` is not a whole number above 0.
    """
    told = os.environ.get("LGC_THREADS")
    if told:
        if not told.isdecimal() or int(told) < 1:
            raise UsageError(f"{told!r} is not a number of threads", where="LGC_THREADS")
        return int(told)
    limits = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()]
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_num_threads"):
        limits.append(torch.get_num_threads())
    omp = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # outermost level first
    if omp.isdecimal():
        limits.append(int(omp))
    return max(1, min(limit for limit in limits if limit is not None))


def spread(work: Callable[[int, int], None], rows: int, grain: int, threads: int | None) -> None:
    """Call ``work(start, stop)`` until it has covered all rows, or one call has failed.

    No call goes on when this returns or raises.

    Args:
        work: rows from ``start`` to ``stop``; may run on several threads at once.
        rows: how many there are.
        grain: pieces start at multiples of it.
        threads: how many to use; by default `available`, but fewer for small batches.

    Raises:
        UsageError: ``threads`` is less than 1.
    """
    if threads is not None and threads < 1:
        raise UsageError(f"threads is at least 1, not {threads}")
    blocks = -(-rows // grain)
    if threads is None:
        threads = available() if blocks >= 2 * WORTH else 1
        threads = min(threads, blocks // WORTH)
    threads = min(threads, blocks)
    if threads <= 1:
        for start in range(0, rows, LONGEST * grain):
            work(start, min(start + LONGEST * grain, rows))
        return
    pieces = _Pieces(work, rows, min(-(-blocks // (threads * PIECES)), LONGEST) * grain)
    try:
        with contextlib.suppress(RuntimeError):  # no more threads, or the interpreter is leaving
            for _ in range(threads - 1):
                _pool().submit(pieces.help)
        pieces.take()
    finally:
        pieces.join()
    if pieces.error is not None:
        raise pieces.error


class _Pieces:
    """Pieces of one batch; whoever comes takes them until none is left or one has failed.

    Helpers are counted here: one whose thread could not be started may still come, later and on
    another thread.
    """

    def __init__(self, work: Callable[[int, int], None], rows: int, size: int) -> None:
        self.error: BaseException | None = None
        self._work, self._rows, self._size = work, rows, size
        self._starts = iter(range(0, rows, size))
        self._helpers = 0
        self._changed = threading.Condition()

    def take(self) -> None:
        """Work until nothing is left; an error leaves nothing for the others."""
        try:
            while (start := self._next()) is not None:
                self._work(start, min(start + self._size, self._rows))
        except BaseException:
            with self._changed:
                self._starts = iter(())
            raise

    def _next(self) -> int | None:
        with self._changed:
            return next(self._starts, None)

    def help(self) -> None:
        """`take` on a thread of the pool; the error is kept for the caller."""
        with self._changed:
            self._helpers += 1
        try:
            self.take()
        except BaseException as error:
            self.error = error
        finally:
            with self._changed:
                self._helpers -= 1
                self._changed.notify_all()

    def join(self) -> None:
        """Wait until no helper is at work."""
        with self._changed:
            self._changed.wait_for(lambda: self._helpers == 0)


_executor: ThreadPoolExecutor | None = None


def _pool() -> ThreadPoolExecutor:
    """The pool of this process; it starts threads as they are needed."""
    global _executor
    if _executor is None:
        _executor = ThreadPoolExecutor(max_workers=256, thread_name_prefix="lgc")
    return _executor


def _forget() -> None:
    global _executor
    _executor = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
