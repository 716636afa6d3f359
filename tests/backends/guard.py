"""Arrays between pages that may not be touched, and children that may die of touching them."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import traceback
from collections.abc import Callable

import numpy as np

PAGE = mmap.PAGESIZE
NONE, READ, WRITE = 0, 1, 2


class Guarded:
    """Memory whose first or last byte lies beside a page that may not be touched."""

    def __init__(self, size: int, *, at_end: bool) -> None:
        self.pages = -(-size // PAGE) * PAGE
        self.memory = mmap.mmap(-1, self.pages + 2 * PAGE)
        self._held = ctypes.c_char.from_buffer(self.memory)
        self.start = ctypes.addressof(self._held)
        self.address = self.start + PAGE + (self.pages - size if at_end else 0)
        self.size = size
        self._protect(self.start, PAGE, NONE)
        self._protect(self.start + PAGE + self.pages, PAGE, NONE)

    def array(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        data = (ctypes.c_uint8 * self.size).from_address(self.address)
        made = np.frombuffer(data, np.uint8).view(dtype).reshape(shape)
        assert made.nbytes == self.size
        return made

    def freeze(self) -> None:
        """From now on it can only be read."""
        self._protect(self.start + PAGE, self.pages, READ)

    def _protect(self, address: int, size: int, flags: int) -> None:
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        if protect(address, size, flags):
            raise OSError(ctypes.get_errno(), "mprotect")


def guarded(x: np.ndarray, *, at_end: bool, kept: list[Guarded]) -> np.ndarray:
    """A copy that cannot be written, beside a page that cannot be touched."""
    memory = Guarded(x.nbytes, at_end=at_end)
    kept.append(memory)
    made = memory.array(x.shape, x.dtype)
    made[...] = x
    memory.freeze()
    return made


def in_child(work: Callable[[], None]) -> int:
    """Run in a forked child: 0, 1 after an exception, the signal's negative number otherwise.

    A child that waits for ever is ended after two minutes.
    """
    child = os.fork()
    if child == 0:
        status = 1
        signal.alarm(120)
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
