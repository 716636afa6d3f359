"""Sequential loops over arrays: plain Python while there is little to do, numba's code beyond.

Importing numba costs half a second and its first compilation of a loop some more (once, it is kept
on disk), so that small models never touch it. Both ways run the same source, which therefore uses
whole numbers, flat arrays and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from typing import Any

import numpy as np

ENOUGH = 100_000
"""Steps from which numba pays; a step of plain Python is some microseconds."""

Row = MutableSequence[int]
"""What a loop sees of a one-dimensional integer array."""


class Loop:
    """A function of whole numbers and one-dimensional integer arrays that returns nothing.

    Results are written into the arrays it is given.

    Attributes:
        function: the function itself.
        helpers: plain functions it calls.
    """

    def __init__(
        self, function: Callable[..., None], helpers: tuple[Callable[..., Any], ...]
    ) -> None:
        self.function, self.helpers = function, helpers
        self.__doc__ = function.__doc__
        self._compiled: Callable[..., None] | None = None

    def __call__(self, work: int, *args: Any) -> None:
        """Run about ``work`` steps."""
        if work >= ENOUGH:
            self.compiled(*args)
            return
        lists = [arg.tolist() if isinstance(arg, np.ndarray) else arg for arg in args]
        self.function(*lists)
        for arg, values in zip(args, lists):
            if isinstance(arg, np.ndarray) and arg.flags.writeable:
                arg[:] = values

    @property
    def compiled(self) -> Callable[..., None]:
        """The loop as numba compiled it."""
        if self._compiled is None:
            import numba
            from numba.extending import register_jitable

            for helper in self.helpers:
                register_jitable(helper)
            made: Any = numba.njit(cache=True, nogil=True)
            self._compiled = made(self.function)
        assert self._compiled is not None
        return self._compiled


def loop(*helpers: Callable[..., Any]) -> Callable[[Callable[..., None]], Loop]:
    """Make a function a `Loop` that calls ``helpers``."""

    def decorate(function: Callable[..., None]) -> Loop:
        return Loop(function, helpers)

    return decorate
