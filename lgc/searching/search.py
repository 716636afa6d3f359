"""The search: ask the study, let an engine try, tell the study, until there are enough trials."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import InputError
from .engines import Engine
from .front import front
from .pruning import Seen, bars, bounds
from .settings import Settings
from .space import recipe_of
from .study import Asked, Study
from .trials import Proposal, Record

HOPELESS = 4
"""Trials of which the first all failed: then it is not the choice."""

Heard = Callable[[Record, tuple[Record, ...], bytes], None]
"""Called with every trial that ended, the front with it, and its model."""


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes:
        records: all trials that ended, those of an earlier run too.
        interrupted: there would have been more.
    """

    settings: Settings
    records: tuple[Record, ...]
    interrupted: bool

    @property
    def front(self) -> tuple[Record, ...]:
        """The trials that no other beats in everything, dearest first."""
        return front(self.records, self.settings)


def search(
    study: Study,
    engine: Engine,
    *,
    trials: int,
    seconds: float | None = None,
    heard: Heard | None = None,
) -> Searched:
    """Search until a study has so many trials, time is over, or somebody presses Ctrl-C.

    Args:
        trials: complete, pruned and failed ones, those of an earlier run too.
        seconds: after which no trial begins any more.

    Raises:
        InputError: the first trials have all failed.
    """
    run = _Run(study, engine, trials, seconds, heard)
    interrupted = False
    try:
        run.loop()
    except KeyboardInterrupt:
        interrupted = True
    finally:
        run.end()
    return Searched(study.settings, tuple(run.records), interrupted)


class _Run:
    def __init__(
        self,
        study: Study,
        engine: Engine,
        trials: int,
        seconds: float | None,
        heard: Heard | None,
    ) -> None:
        self.study, self.engine, self.trials, self.heard = study, engine, trials, heard
        self.end_of_time = None if seconds is None else time.monotonic() + seconds
        self.records = study.records()
        self.running: dict[int, tuple[Asked, Proposal]] = {}

    def loop(self) -> None:
        while True:
            while self.wants_more() and len(self.running) < max(self.engine.slots, 1):
                self.begin()
            if not self.running:
                return
            proposal, outcome = self.engine.first()
            asked, _ = self.running[proposal.number]
            record = self.study.tell(asked, proposal.recipe, outcome)
            del self.running[proposal.number]
            self.keep(record)
            if self.heard is not None:
                standing = front(self.records, self.study.settings)
                self.heard(record, standing, outcome.model)

    def wants_more(self) -> bool:
        if self.end_of_time is not None and time.monotonic() >= self.end_of_time:
            return False
        return len(self.records) + len(self.running) < self.trials

    def begin(self) -> None:
        settings = self.study.settings
        asked = self.study.ask()
        recipe = recipe_of(asked.choice, settings.base, settings.features, settings.classes)
        required = ()
        if settings.prune:
            names = [goal.name for goal in settings.goals]
            mine = bounds(recipe.widths, names)
            seen = [
                Seen(bounds(one.recipe.widths, names), one.outcome.curve) for one in self.records
            ]
            required = bars(mine, seen, recipe.epochs)
        proposal = Proposal(asked.number, recipe, required)
        self.running[asked.number] = asked, proposal
        self.engine.submit(proposal)

    def keep(self, record: Record) -> None:
        self.records.append(record)
        self.records.sort(key=lambda one: one.number)
        if len(self.records) >= HOPELESS and all(one.state == "failed" for one in self.records):
            raise InputError(
                f"the first {len(self.records)} trials all failed; the last: "
                f"{record.outcome.reason}",
                where=f"trial {record.number}",
                hint="narrow the space to what this data and these layers allow",
            )

    def end(self) -> None:
        self.engine.stop()
        for asked, _ in self.running.values():
            self.study.abandon(asked)


def best(study: Study) -> tuple[Record, ...]:
    """The front of a study."""
    return front(study.records(), study.settings)


def shown(records: Sequence[Record]) -> str:
    """How many trials ended in which way."""
    states = [one.state for one in records]
    parts = [f"{states.count(state)} {state}" for state in ("complete", "pruned", "failed")]
    return f"{len(records)} trials: {', '.join(part for part in parts if part[0] != '0')}"
