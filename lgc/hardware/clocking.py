"""Clocking: in which cycles a streamed design takes pixels and gives answers.

Nothing waits for what pixels are, so cycles follow from the stages alone: samples without a gap go
in, answers are taken at once. The stages behave as their Verilog does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .windows import Window

TRIED = 4
"""Samples; all after the first take as long."""


@dataclass(frozen=True)
class Clocking:
    """Cycles.

    Attributes:
        first: from the first pixel to the answer, both included; to the last pixel, if later.
        interval: from one sample to the next.
    """

    first: int
    interval: int


class _Pipe:
    """Register ranks: each takes when it is empty or hands its own on."""

    def __init__(self, ranks: int) -> None:
        self.held = [False] * ranks

    def gives(self, offered: bool) -> bool:
        return self.held[-1] if self.held else offered

    def takes(self, taken: bool) -> list[bool]:
        """Which ranks load, and last whether what comes after them does."""
        loads = [taken]
        for held in reversed(self.held):
            loads.append(not held or loads[-1])
        return loads[::-1]

    def step(self, offered: bool, loads: list[bool]) -> None:
        before = [offered, *self.held]
        for rank, load in enumerate(loads[:-1]):
            if load:
                self.held[rank] = before[rank]


class _Stage:
    def __init__(self, window: Window, ranks: int) -> None:
        self.complete: list[bool] = window.complete().tolist()
        self.pixels = window.grid.pixels.count
        self.at = 0
        self.pipe = _Pipe(ranks)

    def gives(self, offered: bool) -> bool:
        return self.complete[self.at] and (offered or self.at >= self.pixels)


def clocking(stages: Sequence[tuple[Window, int]], places: int, ranks: int) -> Clocking:
    """Cycles of a design.

    Args:
        stages: windows, and the register ranks behind each.
        places: of the last, which are collected for what comes after it.
        ranks: behind these.
    """
    line = [_Stage(*stage) for stage in stages]
    end = _Pipe(ranks)
    wanted = line[0].pixels * TRIED
    taken = cycle = collected = 0
    full = False
    given: list[int] = []
    entered: list[int] = []
    while len(given) < TRIED or taken < wanted:
        cycle += 1
        offers: list[tuple[bool, bool]] = []
        offered = taken < wanted
        for stage in line:
            offers.append((offered, stage.gives(offered)))
            offered = stage.pipe.gives(offers[-1][1])
        loads = end.takes(True)
        if end.gives(full):
            given.append(cycle)
        ready = not full or loads[0]
        moved = offered and ready
        end.step(full, loads)
        full = full and not loads[0]
        if moved:
            collected += 1
            if collected == places:
                collected, full = 0, True
        for stage, (offered, gives) in zip(reversed(line), reversed(offers), strict=True):
            loads = stage.pipe.takes(ready)
            free = loads[0] or not stage.complete[stage.at]
            ready = free and stage.at < stage.pixels
            stage.pipe.step(gives, loads)
            if free and (offered or stage.at >= stage.pixels):
                stage.at = (stage.at + 1) % len(stage.complete)
        if ready and taken < wanted:
            taken += 1
            if not taken % line[0].pixels:
                entered.append(cycle)
    done = np.maximum(given, entered)
    interval = int(done[1] - done[0])
    assert (np.diff(done) == interval).all(), "samples take different times"
    return Clocking(int(done[0]), interval)
