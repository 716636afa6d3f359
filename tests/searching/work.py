"""Work for trials that takes no time; workers import it from here."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from lgc.errors import InputError
from lgc.searching.pruning import missed
from lgc.searching.trials import Outcome, Proposal, Tell


@dataclass(frozen=True)
class Formula:
    """Larger networks are better and dearer; a tau far from 8 or a large rate makes them worse."""

    log: Path | None = None
    nap: float = 0.0

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"trial {part.number} {os.getpid()} {os.environ.get('LGC_THREADS')}\n")
        recipe = part.recipe
        gates = sum(recipe.widths)
        best = 1 - 8 / gates**0.5 - abs(recipe.tau - 8) / 200 - recipe.lr / 2
        curve: list[tuple[int, float, float]] = []
        for epoch in range(1, recipe.epochs + 1):
            time.sleep(self.nap)
            hard = best * (1 - 0.5**epoch)
            curve.append((epoch, hard, hard))
            if tell is not None:
                tell(epoch, hard)
            if (bar := missed(part.bars, epoch, hard, hard)) is not None:
                return Outcome(curve=tuple(curve), missed=bar)
        values = {"accuracy": curve[-1][1], "gates": gates, "lut6": gates // 2 + len(recipe.widths)}
        return Outcome(values, tuple(curve), model=f"model {part.number}".encode())


class Failing:
    """Refuses everything."""

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        raise InputError("nothing suits", where="here")


class Sometimes(Formula):
    """Fails at every other trial."""

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        if part.number % 2:
            raise ValueError("odd")
        return super().answer(part, tell)


class Deadly(Formula):
    """Kills whoever takes on trial 1, as one that needs too much memory does."""

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        if part.number == 1:
            os._exit(9)
        return super().answer(part, tell)


class Interrupted(Formula):
    """Somebody presses Ctrl-C during trial 5."""

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        if part.number == 5:
            raise KeyboardInterrupt
        return super().answer(part, tell)
