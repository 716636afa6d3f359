"""Locks that a fork waits for.

A forked child has only the thread that forked; a lock that another one held stays locked in it. So
whoever forks takes `whole` first, and the locks that were added, and both sides let go of them.
"""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager
from typing import Any

whole = threading.RLock()
"""Held while loops are compiled and programs linked on any thread."""

_locks: list[AbstractContextManager[Any]] = [whole]


def wait_for(lock: AbstractContextManager[Any]) -> None:
    """Let forks wait for a lock too; it may be taken inside `whole`, not around it."""
    if lock not in _locks:
        _locks.append(lock)


def _take() -> None:
    for lock in _locks:
        lock.__enter__()


def _release() -> None:
    for lock in reversed(_locks):
        lock.__exit__(None, None, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_take, after_in_parent=_release, after_in_child=_release)
