"""The training loop: Adam on rows of bits, evaluations of the relaxed and the hard network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .datasets import DataSet
from .recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """An evaluation.

    Attributes:
        epoch: whole epochs that are done, of `Recipe.epochs`.
        step, steps: steps that are done, of how many.
        loss: mean over the steps since the last evaluation.
        relaxed, hard: accuracy of the relaxed and of the hard network on the held-back rows, or
            on training rows where none are held back.
        seconds: of training until now, evaluations included.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    relaxed: float
    hard: float
    seconds: float

    @property
    def gap(self) -> float:
        """What the choice of one gate each costs."""
        return self.relaxed - self.hard


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network.

    Attributes:
        model: a torch module in eval mode, which `lgc.compile` takes.
        history: all evaluations.
        best: the one whose weights the model has.
    """

    model: Any
    recipe: Recipe
    history: tuple[Progress, ...]
    best: Progress


class Interrupted(Exception):
    """The training was asked to stop.

    Attributes:
        checkpoint: where it can go on from, if it was told where to write.
    """

    def __init__(self, checkpoint: Path | None, step: int) -> None:
        super().__init__(checkpoint, step)
        self.checkpoint = checkpoint
        self.step = step


def train(
    recipe: Recipe,
    data: DataSet,
    *,
    report: Callable[[Progress], None] | None = None,
    tick: Callable[[int, int, float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    resume: Path | None = None,
    checkpoint: Path | None = None,
    device: str = "cpu",
) -> Trained:
    """Train a network.

    Args:
        report: is told of every evaluation; what it raises ends the training.
        tick: is told of every step: steps done, of how many, loss.
        stop: is asked after every step; True writes a checkpoint and raises `Interrupted`.
        resume: a checkpoint of the same recipe and data, from which to go on.
        checkpoint: file that is written at every evaluation and on an interruption.
        device: where to train, as torch calls it.

    Raises:
        InputError: the checkpoint is of something else.
        Interrupted: ``stop`` said so.
    """
    raise NotImplementedError
