"""Trials: what a worker is asked, what it answers, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from ..errors import LgcError
from ..training.recipe import Recipe
from .pruning import Bar, Curve
from .ranges import Value

State = Literal["complete", "pruned", "failed"]
Tell = Callable[[int, float], None]
"""Called with (epochs done, hard accuracy then)."""


@dataclass(frozen=True)
class Proposal:
    """A network to try.

    Attributes:
        number: of the trial.
        bars: what it must reach on the way.
    """

    number: int
    recipe: Recipe
    bars: tuple[Bar, ...] = ()

    def __str__(self) -> str:
        return f"trial {self.number}"


@dataclass(frozen=True)
class Outcome:
    """What became of a proposal.

    Attributes:
        values: by the names of objectives, and other figures; empty unless it was completed.
        curve: accuracies on the held-back rows at each evaluation.
        missed: the bar at which it ended.
        reason: why it failed.
        model: the file of the trained network.
    """

    values: Mapping[str, float] = field(default_factory=dict[str, float])
    curve: Curve = ()
    missed: Bar | None = None
    reason: str | None = None
    seconds: float = 0.0
    model: bytes = field(default=b"", repr=False)

    @property
    def state(self) -> State:
        """How it ended."""
        if self.reason is not None:
            return "failed"
        return "complete" if self.missed is None else "pruned"


class Work(Protocol):
    """What knows how to try a proposal. It pickles."""

    def answer(self, part: Proposal, tell: Tell | None = None) -> Outcome:
        """Try it; an error means that it failed."""
        ...


@dataclass(frozen=True)
class Record:
    """A trial as a study remembers it.

    Attributes:
        number: counted from 0, in the order in which trials began.
        choice: by names of dimensions, what there was to choose.
    """

    number: int
    state: State
    choice: Mapping[str, Value]
    recipe: Recipe
    outcome: Outcome

    def describe(self) -> dict[str, Any]:
        """For programs."""
        rest = asdict(self.outcome)
        rest.pop("model")
        return {
            "number": self.number, "state": self.state, "choice": dict(self.choice),
            "recipe": asdict(self.recipe), **rest,
        }  # fmt: skip


def attempt(work: Work, proposal: Proposal, tell: Tell | None = None) -> Outcome:
    """Try a proposal; a failure is an outcome as well, and the search goes on."""
    try:
        return work.answer(proposal, tell)
    except LgcError as error:
        return Outcome(reason=str(error))
    except Exception as error:
        return Outcome(reason=f"{type(error).__name__}: {error}")
