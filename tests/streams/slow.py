"""A kernel that takes its time and writes down who runs it; workers import it from here."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from lgc.interfaces import Kernel


class SlowKernel:
    """Forwards to a kernel, after a nap and a line in a log."""

    def __init__(self, kernel: Kernel, log: Path) -> None:
        self.kernel, self.log = kernel, log
        self.features, self.module = kernel.features, kernel.module
        self.initial = kernel.initial

    def __reduce__(self) -> tuple[Any, ...]:
        return opened, (self.kernel, self.log)

    def predict(self, x: Any, *, threads: int | None = None) -> np.ndarray:
        if len(x):
            self.note("part")
            time.sleep(0.1)
        return self.kernel.predict(x, threads=threads)

    def note(self, what: str) -> None:
        with self.log.open("a") as file:
            file.write(f"{what} {os.getpid()}\n")


def opened(kernel: Kernel, log: Path) -> SlowKernel:
    """Unpickled: once in a worker."""
    made = SlowKernel(kernel, log)
    made.note("opened")
    return made


class ForAnother:
    """A job whose kernel cannot be opened where it arrives."""

    features = 12
    initial = np.zeros(0, np.bool_)

    def predict(self, x: Any, *, threads: int | None = None) -> np.ndarray:
        return np.zeros(len(x), np.int64)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Any, ...]:
        from lgc.backends.llvm.kernel import kernel_from_bytes

        return kernel_from_bytes, (self.data,)


class Deadly(ForAnother):
    """A job that kills whoever takes it on, as one that needs too much memory does."""

    def __reduce__(self) -> tuple[Any, ...]:
        return dies, ()


def dies() -> None:
    """Leave at once."""
    os._exit(1)


class Missing(ForAnother):
    """A job that needs a module that is not there."""

    def __reduce__(self) -> tuple[Any, ...]:
        return lacks, ()


def lacks() -> None:
    """Import what nobody has."""
    import nobody_has_this  # type: ignore[import-not-found]  # noqa: F401
