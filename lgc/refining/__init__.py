"""Gate search after training: tables and wires of a hardened network, chosen by labelled samples.

Gates are visited in turn. One simulation says what each sample would cost more were the output of
the gate the other value; sums of that over sets of samples are what every other table, and every
other wire, would cost: exactly, without trying them. The best one is taken. Nothing is
differentiated and nothing relaxed, so there is no gap between what is searched and what runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..approximation import Labelled, split
from ..chain import Chain, annotate, provenance
from ..dialect import CircuitOp, NetlistAttr
from ..driver import PathLike, as_model, optimize
from ..errors import InputError, UnsupportedError
from ..flattening import layers_of
from ..inputs import PackedBits
from ..model import Model
from .rounds import Goal, Options, Round, Rounds

VALIDATION = 0.1
"""Share of the rows that is held back."""


@dataclass(frozen=True, eq=False)
class Refined:
    """What was found.

    Attributes:
        model: the best one, after ``O2``; the given one, after ``O2``, if none was better.
        rounds: what the model was, then every round.
        kept: which of them it is now.
        training, held_back: rows of both parts.
        tried: candidates measured.
        seconds: that took, of the search alone.
    """

    model: Model
    rounds: tuple[Round, ...]
    kept: int
    training: int
    held_back: int
    tried: int
    seconds: float

    @property
    def start(self) -> Round:
        """The model as it was."""
        return self.rounds[0]

    @property
    def result(self) -> Round:
        """The model as it is now."""
        return self.rounds[self.kept]

    @property
    def rate(self) -> float:
        """Candidates a second."""
        return self.tried / self.seconds if self.seconds else 0.0


def refine(
    model: Model | PathLike | object,
    x: NDArray[Any] | PackedBits,
    y: ArrayLike,
    *,
    goal: Goal = "accuracy",
    validation: float = VALIDATION,
    validation_data: tuple[NDArray[Any] | PackedBits, ArrayLike] | None = None,
    rounds: int = Options.rounds,
    patience: int = Options.patience,
    batch: int = Options.batch,
    wires: int = Options.wires,
    temperature: float | None = None,
    seed: int = 0,
    tell: Callable[[Round], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Refined:
    """Improve a trained network by a search over its gates.

    Args:
        model: a model, a path (see `lgc.load`), or a live object; it is not changed.
        x, y: training samples, as the model is fed, and their classes.
        goal: ``accuracy`` lowers what training samples cost; ``size`` removes gates without loss
            of accuracy on them.
        validation: share of the rows that is held back, to stop and to choose by; 0 for none.
        validation_data: held-back samples and classes of their own, instead of that share.
        rounds: most of them; in each, every gate is visited once.
        patience: so many rounds without a better result end the search.
        batch: rows that a round looks at, chosen by what they cost; of fewer, all.
        wires: nets tried as other fan-ins, each visit.
        temperature: a row costs Σ ln(1 + exp(-lead / temperature)) over all wrong classes; by
            default GroupSum's tau.
        seed: same seed, same result.
        tell: called after each round.
        progress: called with (thousandths of rounds done, thousandths in all).

    Raises:
        UsageError: an option makes no sense, or leaves a part without rows.
        UnsupportedError: the model is not one circuit with class sums.
        InputError: labels that name no class, or data of another width.
    """
    options = Options(goal, rounds, patience, batch, wires, temperature, seed)
    options.verify("refine")
    read = optimize(as_model(model), "O2")
    chain = read.chain
    stage = _circuit(chain)
    training = _labelled(x, y, "training")
    if validation_data is not None:
        held = _labelled(*validation_data, "held-back")
    elif validation:
        training, held = split(training, 100 * validation, seed)
    else:
        held = training.take(np.arange(0))
    search = Rounds(stage.net.data, chain, training, held, options)
    found, kept, best = [search.now], 0, search.net
    for number in range(1, rounds + 1):

        def report(done: int, visits: int, before: int = 1000 * (number - 1)) -> None:
            if progress is not None:
                progress(before + 1000 * done // visits, 1000 * rounds)

        now = search.step(report)
        found.append(now)
        if tell is not None:
            tell(now)
        if _better(now, found[kept], found[0], goal):
            kept, best = number, search.net
        if number - kept == patience or not now.changes:
            break
    made = read
    if kept:
        made = Model(read.module.clone(), read.stats)
        _circuit(made.chain).net = NetlistAttr(best)
        told = _account(found[0], found[kept], len(training), len(held), options)
        before = provenance(made.module).get("refine")
        annotate(made.module, "refine", f"{before}; then {told}" if before else told)
        made = optimize(made, "O2")
    return Refined(made, tuple(found), kept, len(training), len(held), search.tried, search.seconds)


def _circuit(chain: Chain) -> CircuitOp:
    """The circuit that is searched.

    Raises:
        UnsupportedError: there is none, or more around it than class sums.
    """
    layers_of(chain)  # says what to do about convolutions
    stage = chain.stages[0] if len(chain.stages) == 1 else None
    if chain.group_sum is None or not isinstance(stage, CircuitOp):
        raise UnsupportedError(
            "a search needs one circuit of gates that ends in class sums",
            where="refine",
            hint="--classes, where the file lacks them",
        )
    return stage


def _labelled(x: NDArray[Any] | PackedBits, y: ArrayLike, name: str) -> Labelled:
    labels = np.asarray(y)
    if labels.dtype.kind not in "biu" or labels.shape != (len(x),):
        raise InputError(
            f"labels are {labels.dtype} {labels.shape}, a whole number for each of {len(x):,} rows "
            "is needed",
            where=f"{name} data",
        )
    return Labelled(x, labels.astype(np.int64))


def _better(now: Round, best: Round, start: Round, goal: Goal) -> bool:
    """Whether a round is to be kept instead of the best so far."""
    blind = math.isnan(now.held_back)
    if goal == "size":
        worse = now.training < start.training or (not blind and now.held_back < start.held_back)
        return not worse and now.gates < best.gates
    if blind:
        return now.loss < best.loss
    return (now.held_back, -now.held_back_loss) > (best.held_back, -best.held_back_loss)


def _account(start: Round, result: Round, training: int, held: int, options: Options) -> str:
    """What was done and measured, in a line."""
    kept_back = (
        f", on {held:,} rows held back {start.held_back:.2%} to {result.held_back:.2%}"
        if held
        else ""
    )
    return (
        f"{start.gates:,} to {result.gates:,} gates; accuracy on {training:,} training rows "
        f"{start.training:.2%} to {result.training:.2%}{kept_back}; goal {options.goal}, "
        f"{result.number} rounds, seed {options.seed}"
    )


__all__ = ["Goal", "Options", "Refined", "Round", "refine"]
