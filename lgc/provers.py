"""Questions about a model as text for other provers: DIMACS and SMT-LIB 2.

The text holds the circuit as it is, not what lgc makes of it before it asks its own solver. An
answer that it can be satisfied is an example against the property; that it cannot, is a proof.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from .chain import Chain
from .errors import UsageError
from .files import atomic_write
from .flattening import classifier, describe, flatten
from .neighbours import Near, Samples
from .proof import smtlib
from .proof.classifier import Classifier
from .proof.counting import Builder
from .proof.dependence import Unit, differs, twice, twofold, winners
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


def write_constant(path: Path, chain: Chain, number: int) -> None:
    """Does an output ever have another value than it has for some input?"""
    net, facts = flatten(chain), chain.facts
    planes = facts.planes(1, np.random.default_rng(0))
    value = bool(net.evaluate(planes)[number, 0] & np.uint64(1))
    asked = f"output {number} is {value:d} for some input; is it ever {not value:d}?"
    clauses = list(facts.clauses())
    if path.suffix == ".cnf":
        builder = Builder(net)
        other = builder.literals(net.outputs[[number]].astype(np.int64), np.array([value]))
        text = _dimacs(Question(builder.finish(other.tolist()), clauses), chain, asked)
    else:
        end = f"(assert (not o{number}))" if value else f"(assert o{number})"
        text = _lines(chain, asked, [*smtlib.circuit(net), *smtlib.known(clauses), end])
    _write(path, text)


def write_dead(path: Path, chain: Chain, item: str, number: int, unit: Unit, target: str) -> None:
    """Do two inputs give different outputs, or classes, that differ in a feature or bit alone?

    Args:
        item: ``feature`` or ``bit``; ``unit``: its bits.
        target: ``outputs`` or ``class``.
    """
    what = "outputs" if target == "outputs" else "classes"
    asked = f"do two inputs that differ in {item} {number} alone give different {what}?"
    bits, facts = unit[0].tolist(), chain.facts
    if path.suffix == ".cnf":
        net = flatten(chain) if target == "outputs" else winners(classifier(chain))
        other = [f"b{bit} of the second input" for bit in bits]
        question = Question(differs(twice(net, unit)), twofold(facts, unit))
        text = _dimacs(question, chain, asked, other)
    else:
        net = flatten(chain)
        lines = [*smtlib.circuit(net), *smtlib.known(facts.clauses())]
        names = [f"o{output}" for output in range(len(net.outputs))]
        if target == "class":
            lines += smtlib.scores(classifier(chain))
            names = ["class"]
        copy = smtlib.second(lines, bits)
        text = _lines(chain, asked, [*lines, *copy, smtlib.differ(names)])
    _write(path, text)


def _dimacs(asked: Question, chain: Chain, what: str, more: Sequence[str] = ()) -> Iterator[str]:
    names = [*describe(chain), *more]
    comments = [what, *(f"variable {i + 1}: {name}" for i, name in enumerate(names))]
    outputs = ", ".join(str(net + 1) for net in np.unique(asked.net.outputs).tolist())
    return asked.dimacs([*comments, f"one of these is true: {outputs}"])


def _smtlib(
    model: Classifier, chain: Chain, what: str, left: list[list[int]], ends: list[str]
) -> Iterator[str]:
    middle = [smtlib.circuit(model.net), smtlib.known(left), smtlib.scores(model)]
    return _lines(chain, what, itertools.chain(*middle, ends))


def _lines(chain: Chain, what: str, lines: Iterable[str]) -> Iterator[str]:
    yield from smtlib.header([what, *describe(chain)])
    yield from lines
    yield "(check-sat)"


def _write(path: Path, lines: Iterator[str]) -> None:
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
