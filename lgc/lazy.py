"""A kernel that answers at once and becomes fast when its code is ready."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .interfaces import Kernel
from .streams import What


class LazyKernel(Kernel):
    """Delegates to the kernel it has now; another one is made on a thread and takes its place.

    Both compute the same function. Saving and pickling wait for the other. A forked child has no
    such thread: it goes on with the kernel it has, and `wait` makes the other there.
    """

    def __init__(self, now: Kernel, later: Callable[[], Kernel]) -> None:
        self._kernel, self._later = now, later
        self._error: BaseException | None = None
        self._done = False
        self._thread = threading.Thread(target=self._make, name="lgc-compile", daemon=True)
        self._thread.start()

    def _make(self) -> None:
        try:
            self._kernel = self._later()
        except BaseException as error:  # told by `wait`; the kernel there is goes on
            self._error = error
        self._done = True

    @property
    def ready(self) -> bool:
        """Whether the other kernel has taken over."""
        return self._done and self._error is None

    def wait(self, timeout: float | None = None) -> Kernel:
        """The other kernel, as soon as it is there.

        Args:
            timeout: seconds to wait at most.

        Raises:
            TimeoutError: it took longer.
            LgcError: it could not be made.
        """
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"the kernel is not ready after {timeout:g} seconds")
        if not self._done:
            self._make()
        if self._error is not None:
            raise self._error
        return self._kernel

    @property
    def features(self) -> int:
        return self._kernel.features

    @property
    def classes(self) -> int:
        return self._kernel.classes

    @property
    def gives_class(self) -> bool:
        return self._kernel.gives_class

    @property
    def tau(self) -> float:
        return self._kernel.tau

    @property
    def beta(self) -> float:
        return self._kernel.beta

    @property
    def info(self) -> dict[str, Any]:
        return self._kernel.info

    @property
    def module(self) -> ModuleOp:
        return self._kernel.module

    def __call__(self, x: Any, *, threads: int | None = None) -> NDArray[np.float32]:
        return self._kernel(x, threads=threads)

    def counts(self, x: Any, *, threads: int | None = None) -> NDArray[np.int32]:
        return self._kernel.counts(x, threads=threads)

    def predict(self, x: Any, *, threads: int | None = None) -> NDArray[np.int64]:
        return self._kernel.predict(x, threads=threads)

    def bits(self, x: Any, *, threads: int | None = None) -> NDArray[np.bool_]:
        return self._kernel.bits(x, threads=threads)

    @property
    def initial(self) -> NDArray[np.bool_]:
        return self._kernel.initial

    @property
    def own_bits(self) -> int:
        return self._kernel.own_bits

    def run_steps(
        self,
        x: NDArray[Any],
        packed: bool,
        state: NDArray[np.uint8],
        what: What,
        threads: int | None,
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        return self._kernel.run_steps(x, packed, state, what, threads)

    def profile(self, x: Any, repeat: int = 7, *, apart: bool = False) -> dict[str, float]:
        return self._kernel.profile(x, repeat, apart=apart)

    def to_bytes(self) -> bytes:
        return self.wait().to_bytes()

    def save(self, path: str | Path) -> None:
        self.wait().save(path)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self.wait().__reduce__()

    def __repr__(self) -> str:
        if self.ready:
            return repr(self._kernel)
        faster = "could not be made" if self._done else "is being made"
        return f"{self._kernel!r}, a faster one {faster}"
