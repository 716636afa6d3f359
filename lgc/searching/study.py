"""Study: the trials of a search in a file, kept by Optuna, which also says what to try next.

One process writes the file, and holds a lock on it for as long. The numbers of trials that a
killed search did not finish are given again when it is resumed, before any other. Choices are drawn
from a generator that is seeded for each trial anew, by the seed of the search and the number of the
trial: a search of one job that was killed and resumed makes the same choices as one that was not.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, UsageError
from ..extras import extra
from ..training.recipe import Recipe
from .objectives import ACCURACY
from .pruning import Bar
from .ranges import Value
from .settings import Settings
from .trials import Outcome, Record, State

NAME = "lgc search"
POPULATION = 16
"""Networks in a generation of NSGA-II: searches are of dozens of trials, not of thousands."""

RANDOM = 8
"""Trials at random, before the estimates of TPE are worth anything."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A trial that has begun.

    Attributes:
        number: its place in the search, not Optuna's number.
        choice: by names of dimensions, fixed ones too.
    """

    number: int
    choice: Mapping[str, Value]
    trial: Any


class Study:
    """The trials of a search, oldest first."""

    def __init__(self, study: Any, settings: Settings) -> None:
        self.settings = settings
        self._study = study
        self._optuna = _optuna()
        self._taken = {record.number for record in self.records()}

    def ask(self) -> Asked:
        """What to try next; it has the smallest number that no trial ended with or runs under."""
        number = next(number for number in itertools.count() if number not in self._taken)
        self._taken.add(number)
        self._study.sampler = self._sampler(number)
        trial = self._study.ask()
        trial.set_user_attr("number", number)
        return Asked(number, self.settings.ranges.suggest(trial), trial)

    def _sampler(self, number: int) -> Any:
        samplers = self._optuna.samplers
        sequence = np.random.SeedSequence([self.settings.seed, number])
        seed = int(sequence.generate_state(1)[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", self._optuna.exceptions.ExperimentalWarning)
            if self.settings.sampler == "tpe":
                return samplers.TPESampler(n_startup_trials=RANDOM, multivariate=True, seed=seed)
            if self.settings.sampler == "nsga2":
                return samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
            return samplers.RandomSampler(seed=seed)

    def tell(self, asked: Asked, recipe: Recipe, outcome: Outcome) -> Record:
        """Remember what became of a trial."""
        told = asdict(outcome)
        told.pop("model")
        asked.trial.set_user_attr("recipe", asdict(recipe))
        asked.trial.set_user_attr("outcome", told)
        states = self._optuna.trial.TrialState
        if outcome.state == "complete":
            if self.settings.floor:
                below = self.settings.floor - outcome.values[ACCURACY]
                asked.trial.set_constraint(ACCURACY, below)
            values = [outcome.values[goal.name] for goal in self.settings.goals]
            self._study.tell(asked.trial, values)
        else:
            state = states.PRUNED if outcome.state == "pruned" else states.FAIL
            self._study.tell(asked.trial, state=state)
        return Record(asked.number, outcome.state, asked.choice, recipe, outcome)

    def abandon(self, asked: Asked) -> None:
        """A trial that nobody finishes."""
        self._study.tell(asked.trial, state=self._optuna.trial.TrialState.FAIL)
        self._taken.remove(asked.number)

    def recover(self) -> int:
        """End what was running when the search was killed; returns how many."""
        states = self._optuna.trial.TrialState
        stale = self._study.get_trials(deepcopy=False, states=(states.RUNNING,))
        for one in stale:
            self._study.tell(one.number, state=states.FAIL)
        return len(stale)

    def records(self) -> list[Record]:
        """All trials that ended, by number; not those that were interrupted."""
        ended = [
            self._record(one)
            for one in self._study.get_trials(deepcopy=False)
            if one.state.is_finished() and "outcome" in one.user_attrs
        ]
        return sorted(ended, key=lambda one: one.number)

    def _record(self, trial: Any) -> Record:
        told: dict[str, Any] = dict(trial.user_attrs["outcome"])
        missed = told["missed"]
        told["missed"] = None if missed is None else Bar(**missed)
        told["curve"] = tuple((int(epoch), hard, soft) for epoch, hard, soft in told["curve"])
        outcome = Outcome(**told)
        recipe = Recipe.from_json(json.dumps(trial.user_attrs["recipe"]))
        fixed = {
            one.dimension.name: one.values[0] for one in self.settings.ranges.ranges if one.fixed
        }
        state: State = outcome.state
        return Record(trial.user_attrs["number"], state, {**fixed, **trial.params}, recipe, outcome)


@contextmanager
def opened(path: Path | None, settings: Settings, *, resume: bool) -> Generator[Study]:
    """The study of a search.

    Args:
        path: its file; without one it is kept in memory.
        resume: whether the file is one that is there already.

    Raises:
        InputError: it is no such file, or another search is at work on it.
        UsageError: it is there and should not be, or the other way round.
    """
    optuna = _optuna()
    if path is None:
        yield Study(_created(optuna, None, settings), settings)
        return
    check_study(path, resume=resume)
    if resume:
        stored_settings(path)  # whatever else the file is, it is left as it is
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                "another search is at work on this study",
                where=str(path),
                hint="wait for it, or give this one a file of its own with --study",
            ) from None
        _mend(path)
        journal = optuna.storages.journal
        try:
            storage = optuna.storages.JournalStorage(
                journal.JournalFileBackend(str(path), lock_obj=_Held())
            )
            names = [one.study_name for one in storage.get_all_studies()]
        except (ValueError, KeyError) as error:
            raise _no_study(path) from error
        if not resume:
            yield Study(_created(optuna, storage, settings), settings)
            return
        if NAME not in names:
            raise _no_study(path)
        yield Study(optuna.load_study(study_name=NAME, storage=storage), settings)


def stored_settings(path: Path) -> Settings:
    """The settings with which a search began.

    Raises:
        InputError: there is no such study.
    """
    check_study(path, resume=True)
    with path.open("rb") as file:
        for line in file:
            try:
                attributes = json.loads(line).get("user_attr", {})
            except (ValueError, AttributeError):
                break
            if "settings" in attributes:
                return Settings.from_json(attributes["settings"])
    raise _no_study(path)


def check_study(path: Path, *, resume: bool) -> None:
    """Find out before the work whether a search can begin, or go on.

    Raises:
        UsageError: the file is there and should not be, or the other way round.
    """
    if resume and not path.is_file():
        raise UsageError(
            "there is no search to go on with",
            where=str(path),
            hint="leave --resume out to begin one",
        )
    if not resume and path.exists() and path.stat().st_size:
        raise UsageError(
            "there is a search here already",
            where=str(path),
            hint="--resume goes on with it; --study or another folder begins a new one",
        )


def _created(optuna: Any, storage: Any, settings: Settings) -> Any:
    study = optuna.create_study(
        study_name=NAME, storage=storage, directions=[goal.direction for goal in settings.goals]
    )
    study.set_user_attr("settings", settings.to_json())
    return study


def _no_study(path: Path) -> InputError:
    return InputError(
        "this is no study of lgc search", where=str(path), hint="it is study.journal in its folder"
    )


def _mend(path: Path) -> None:
    """Drop a last line that a killed search wrote half of."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)


class _Held:
    """The lock that Optuna asks for at every line: the whole file is locked already."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


def _optuna() -> Any:
    optuna = extra("optuna", "search")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
