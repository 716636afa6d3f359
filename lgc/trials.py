"""What a search by accuracy found, and how sure it is: `lgc inspect --try-replay`.

Two things may fool such a search. A model that guesses may be lucky on the given rows: the exact
binomial test against the share of the most frequent class says how likely that is, times what the
number of tries costs (Bonferroni; half of it is shared out equally, half by place, since the tries
stand in an order of plausibility that was there before the data). And a wrong wiring may know a
little: the sign test on the rows of which exactly one of the best and the second best is right
(McNemar, 1947) says whether the lead is luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Tick = Callable[[int, int], None]
"""Called with (tries done, tries in all)."""

Verdict = Literal["right", "likely", "none"]

RIGHT, LIKELY = 1e-4, 0.05
"""Greatest probabilities of luck for either verdict."""


@dataclass(frozen=True)
class Samples:
    """Labelled rows.

    Attributes:
        x: numbers or bits, ``(n, …)``.
        y: classes, int64 ``(n,)``.
    """

    x: NDArray[Any]
    y: NDArray[np.int64]


@dataclass(frozen=True)
class Trial:
    """One way to complete a model, and how good that makes it.

    Attributes:
        options: load options by name, the wiring among them.
        cut: how rows were made smaller first, empty if they were not.
        accuracy: share of the rows that it gets right.
    """

    options: dict[str, Any]
    cut: str
    accuracy: float

    @property
    def flags(self) -> str:
        """The options as a command line spells them."""
        return " ".join(f"--{name} {_quoted(f'{value}')}" for name, value in self.options.items())


def _quoted(text: str) -> str:
    return f"'{text}'" if set(text) & set(" >:;*") else text


@dataclass(frozen=True)
class Search:
    """What was tried.

    Attributes:
        best: the best ways, each with another wiring, best first.
        same: other ways to read the rows for the wiring of the best one, best first.
        tries: ways in all.
        rows: on which `best` was measured.
        chance: share of the most frequent class.
        luck: probability that a guess among so many would be as good as the best.
        lead: probability that the lead over the second is luck; 1 where there is no second.
    """

    best: tuple[Trial, ...]
    same: tuple[Trial, ...]
    tries: int
    rows: int
    chance: float
    luck: float
    lead: float

    @property
    def verdict(self) -> Verdict:
        """Whether the best one is right."""
        worst = self.luck if len(self.best) == 1 else max(self.luck, self.lead)
        return "right" if worst <= RIGHT else "likely" if worst <= LIKELY else "none"

    def describe(self) -> dict[str, Any]:
        """For programs."""
        return {"verdict": self.verdict, "flags": self.best[0].flags, **asdict(self)}


def search_of(
    best: list[tuple[Trial, NDArray[np.bool_]]],
    same: list[Trial],
    tries: int,
    place: int,
    chance: float,
) -> Search:
    """Weigh the best ways.

    Args:
        best: best first, each with the rows that it gets right, bool ``(n,)``.
        place: of the best one among the tries, from 1.
    """
    luck, lead = doubts([right for _, right in best], tries, place, chance)
    trials = tuple(trial for trial, _ in best)
    return Search(trials, tuple(same), tries, len(best[0][1]), chance, luck, lead)


def doubts(
    right: Sequence[NDArray[np.bool_]], tries: int, place: int, chance: float
) -> tuple[float, float]:
    """``luck`` and ``lead`` of the first of some ways, by the rows that each gets right."""
    first = right[0]
    share = 0.5 / tries + 0.5 / (place * (place + 1))  # over all places: at most 1
    luck = min(1.0, binomial_tail(int(first.sum()), len(first), chance) / share)
    if len(right) == 1:
        return luck, 1.0
    mine, other = first & ~right[1], right[1] & ~first
    return luck, binomial_tail(int(mine.sum()), int((mine | other).sum()), 0.5)


def binomial_tail(least: int, trials: int, probability: float) -> float:
    """P(X ≥ least) for X binomial; exact but for rounding."""
    if least <= 0 or probability >= 1:
        return 1.0
    if least > trials or probability <= 0:
        return 0.0
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, trials + 1)))])  # of factorials
    k = np.arange(least, trials + 1)
    terms = logs[trials] - logs[k] - logs[trials - k]
    terms = terms + k * np.log(probability) + (trials - k) * np.log1p(-probability)
    top = terms.max()
    return float(min(1.0, np.exp(top) * np.exp(terms - top).sum()))
