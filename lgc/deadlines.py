"""Deadlines: a moment after which a search begins nothing new, and whether that cut it short."""

from __future__ import annotations

import time


class Deadline:
    """Asked before each piece of work; 0 seconds are no deadline.

    Attributes:
        seconds: from now.
        reached: whether `passed` has ever said so.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.reached = seconds, False
        self._start = time.perf_counter()

    def passed(self) -> bool:
        """Whether it is over."""
        spent = time.perf_counter() - self._start
        self.reached = self.reached or (self.seconds > 0 and spent > self.seconds)
        return self.reached

    def remarks(self, what: str) -> list[str]:
        """What there is to say: that ``what`` was cut short, or nothing."""
        if not self.reached:
            return []
        return [f"{what} ended after {self.seconds:g} s (option seconds)"]


NEVER = Deadline(0)
