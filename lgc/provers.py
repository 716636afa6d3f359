"""Questions about a model as text for other provers: DIMACS and SMT-LIB 2.

The text holds the circuit as it is, not what lgc makes of it before it asks its own solver. An
answer that it can be satisfied is an example against the property; that it cannot, is a proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .chain import Chain
from .errors import UsageError
from .files import atomic_write
from .flattening import classifier, describe
from .neighbours import Near, Samples
from .proof import smtlib
from .proof.classifier import Classifier
from .proof.dependence import winners
from .proof.questions import Question, known
from .proof.robustness import question

SUFFIXES = {".cnf": "DIMACS", ".smt2": "SMT-LIB 2"}


def check_suffix(path: Path) -> None:
    """Find out before the work whether such a file can be written.

    Raises:
        UsageError: the ending is unknown.
    """
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"questions are written as {' or '.join(SUFFIXES)}, not {path.suffix!r}",
            where=str(path),
        )


def numbered(path: Path, number: int, count: int) -> Path:
    """The file of one of several questions: ``q.cnf`` where there is one, else ``q-7.cnf``."""
    return path if count == 1 else path.with_stem(f"{path.stem}-{number}")


def write_robust(path: Path, given: Samples, number: int, near: Near, own: int) -> None:
    """Is there an input near a sample that is not given class ``own``?"""
    model, ball = classifier(given.chain), given.ball(number, near)
    asked = f"sample {number} has class {own}; is another class given to {near}?"
    if path.suffix == ".cnf":
        leads = [model.lead(other, own) for other in range(model.classes) if other != own]
        text = _dimacs(question(model, ball, leads), given.chain, asked)
    else:
        left = known(given.facts, ball.centre, ball.free)
        ends = [*smtlib.budget(ball), smtlib.other_class(model.classes, own)]
        text = _smtlib(model, given.chain, asked, left, ends)
    _write(path, text)


def write_class(path: Path, chain: Chain, number: int) -> None:
    """Is there an input that is given a class?"""
    model, asked = classifier(chain), f"is class {number} given to any input?"
    if path.suffix == ".cnf":
        net = winners(model)
        facts = list(chain.facts.clauses())
        text = _dimacs(Question(net, facts).only(number), chain, asked)
    else:
        ends = [smtlib.this_class(model.classes, number)]
        text = _smtlib(model, chain, asked, list(chain.facts.clauses()), ends)
    _write(path, text)


def _dimacs(asked: Question, chain: Chain, what: str) -> Iterator[str]:
    names = describe(chain)
    comments = [what, *(f"variable {i + 1}: {name}" for i, name in enumerate(names))]
    outputs = ", ".join(str(net + 1) for net in np.unique(asked.net.outputs).tolist())
    return asked.dimacs([*comments, f"one of these is true: {outputs}"])


def _smtlib(
    model: Classifier, chain: Chain, what: str, left: list[list[int]], ends: list[str]
) -> Iterator[str]:
    yield from smtlib.header([what, *describe(chain)])
    yield from smtlib.circuit(model.net)
    yield from smtlib.known(left)
    yield from smtlib.scores(model)
    yield from ends
    yield "(check-sat)"


def _write(path: Path, lines: Iterator[str]) -> None:
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
