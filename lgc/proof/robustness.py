"""Local robustness: does every input of a ball have the class of its centre?

The cheap ways come first. A small ball is gone through. Bounds prove much: where most bits are
fixed, most of the circuit is constant, and what is left cannot make up the difference of the
scores. A greedy search finds most counterexamples. Balls of up to some millions of inputs are gone
through, all others are questions to a solver, one for each class that could win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..inputs import PackedBits
from .balls import Attack, Ball, Scores, margins
from .classifier import Classifier, Lead, swept
from .counting import AND_NOT, OR, Builder
from .questions import Limits, Question, Solver, known

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FEW = 1 << 12
"""Inputs that are gone through before anything else is tried."""

EASY = 20_000
"""Conflicts after which a solver makes way for going through the inputs, where these are few."""

Answer = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was found about one question.

    Attributes:
        answer: the property holds, does not hold, or a limit was reached.
        how: in words.
        bits: bool ``(n,)``, an input that refutes it.
    """

    answer: Answer
    how: str
    bits: Bools | None = None


def decide(model: Classifier, ball: Ball, scores: Scores, limits: Limits, most: int) -> Verdict:
    """Whether all inputs of a ball have one class.

    Args:
        most: a ball of at most so many inputs is gone through, before a solver is asked.
    """
    own = int(scores(_packed(ball.centre)).argmax(axis=1)[0])
    if ball.size <= min(FEW, most):
        return _enumerate(ball, scores, own, limits)
    if ball.budget is None:
        model = model.restricted(ball.centre, ball.free)
    leads = rivals(model, own)
    if not leads:
        return Verdict("proved", "bounds")
    if (found := Attack(ball, scores, lambda found: margins(found, own)).run()) is not None:
        return Verdict("refuted", "search", found)
    easy = ball.budget is None  # else few inputs are fixed, and counting changes is hard
    if ball.size > most:
        return _solve(model, ball, list(leads.values()), limits)
    if easy:
        few = Limits(min(EASY, limits.conflicts), limits.seconds)
        verdict = _solve(model, ball, list(leads.values()), few)
        if verdict.answer != "undecided":
            return verdict
    return _enumerate(ball, scores, own, limits)


def _packed(bits: Bools) -> PackedBits:
    return PackedBits(np.packbits(bits)[None], len(bits))


def _enumerate(ball: Ball, scores: Scores, own: int, limits: Limits) -> Verdict:
    """Run the model on every input."""
    for rows in ball.inputs():
        if limits.reached:
            return Verdict("undecided", f"stopped after {limits.reached}")
        gain = margins(scores(rows), own)
        if (gain > 0).any():
            return Verdict("refuted", "enumeration", rows.unpack()[int((gain > 0).argmax())])
    return Verdict("proved", f"all {ball.size:,} inputs")


def rivals(model: Classifier, own: int) -> dict[int, Lead]:
    """The other classes that bounds do not rule out, with what it takes for each to win."""
    leads = {other: model.lead(other, own) for other in range(model.classes) if other != own}
    return {other: lead for other, lead in leads.items() if not lead.never}


def question(model: Classifier, ball: Ball, leads: Sequence[Lead]) -> Question:
    """One output a rival: the rival wins, on an input within the budget."""
    builder = Builder(model.net)
    outputs = [
        builder.at_least(
            builder.total(builder.literals(lead.nets, lead.negated), lead.weight), lead.need
        )
        for lead in leads
    ]
    outputs = outputs or [builder.constant(False)]  # there is but one class
    if ball.budget is not None:
        changed = builder.total(_changes(builder, ball), np.int64(1))
        above = [builder.at_least(changed, ball.budget + 1)] * len(outputs)
        outputs = builder.gates(AND_NOT, outputs, above).tolist()
    return Question(builder.finish(outputs), known(model.facts, ball.centre, ball.free))


def _changes(builder: Builder, ball: Ball) -> Ints:
    """One net for each unit that can change: whether any of its bits has."""
    free = np.flatnonzero(ball.free)
    differs = builder.literals(free, ball.centre[free])
    _, unit = np.unique(ball.unit[free], return_inverse=True)
    while len(np.unique(unit)) < len(unit):  # two of a unit become one
        order = np.argsort(unit, kind="stable")
        unit, differs = unit[order], differs[order]
        again = np.concatenate([[False], unit[1:] == unit[:-1]])
        place = np.arange(len(unit)) - np.maximum.accumulate(
            np.where(again, 0, np.arange(len(unit)))
        )
        second = np.flatnonzero(place % 2 == 1)
        differs[second - 1] = builder.gates(OR, differs[second - 1], differs[second])
        unit, differs = np.delete(unit, second), np.delete(differs, second)
    return differs


def _solve(model: Classifier, ball: Ball, leads: Sequence[Lead], limits: Limits) -> Verdict:
    asked = question(model, ball, leads)
    with Solver(Question(swept(asked.net), asked.known)) as solver:
        for output in range(len(leads)):
            answer = solver.ask(output, limits)
            if answer is None:
                return Verdict("undecided", f"stopped after {limits.reached}")
            if answer is not False:
                assert isinstance(answer, np.ndarray)
                return Verdict("refuted", "SAT", answer)
    return Verdict("proved", f"SAT, {limits.spent:,} conflicts")
