"""Questions to a satisfiability solver: is there an input for which this output is 1?

A question is a netlist and what is known about its inputs; it can be asked here, or written for
another prover (DIMACS; `lgc.proof.smtlib` writes the other format).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..extras import extra
from ..facts import Facts
from ..netlist import Netlist
from .cnf import clauses

Bools = NDArray[np.bool_]

SLICE = 2000
"""Conflicts between two looks at the clock."""


@dataclass
class Limits:
    """What a question may take; a limit that is reached leaves it undecided.

    Attributes:
        conflicts: of the solver, in all.
        seconds: of wall clock.
    """

    conflicts: int = 1_000_000
    seconds: float = 60.0
    started: float = field(default_factory=time.perf_counter)
    spent: int = 0

    def again(self) -> Limits:
        """The same limits for another question."""
        return Limits(self.conflicts, self.seconds)

    @property
    def reached(self) -> str:
        """The limit that is reached, in words; empty while none is."""
        if self.spent >= self.conflicts:
            return f"{self.conflicts:,} conflicts"
        if time.perf_counter() - self.started >= self.seconds:
            return f"{self.seconds:g} seconds"
        return ""


@dataclass(frozen=True, eq=False)
class Question:
    """Inputs that make an output 1.

    Attributes:
        net: each output is a question of its own.
        known: clauses about the inputs; the variable of input i is ``i + 1``.
    """

    net: Netlist
    known: Sequence[Sequence[int]]

    def clauses(self) -> Iterator[Sequence[int]]:
        """All that always holds; net n is variable ``n + 1``."""
        yield from self.known
        yield from clauses(self.net)

    def only(self, output: int) -> Question:
        """The question about one output."""
        net = self.net
        return Question(
            Netlist(net.inputs, net.table, net.fanin, net.outputs[[output]]), self.known
        )

    def dimacs(self, comments: Sequence[str] = ()) -> Iterator[str]:
        """Lines for another solver: can any output be 1? ``SATISFIABLE`` is yes."""
        rows = [*self.clauses(), [int(net) + 1 for net in np.unique(self.net.outputs)]]
        yield from (f"c {comment}" for comment in comments)
        yield f"p cnf {self.net.nets} {len(rows)}"
        yield from (" ".join(map(str, [*row, 0])) for row in rows)


class Solver:
    """A solver that holds one question and is asked about its outputs.

    Raises:
        UnsupportedError: python-sat is missing.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self._solver: Any = extra("pysat.solvers", "proof").Solver(
            name="cadical195", bootstrap_with=question.clauses()
        )

    def ask(self, output: int, limits: Limits) -> Bools | bool | None:
        """An input that makes an output 1; False where there is none, None where a limit ended it.

        The input is bool ``(inputs,)``.
        """
        variable = int(self.question.net.outputs[output]) + 1
        while not limits.reached:
            before = self._solver.accum_stats()["conflicts"]
            self._solver.conf_budget(min(SLICE, limits.conflicts - limits.spent))
            answer = self._solver.solve_limited(assumptions=[variable])
            limits.spent += self._solver.accum_stats()["conflicts"] - before
            if answer:
                model = np.array(self._solver.get_model()[: self.question.net.inputs])
                return model > 0
            if answer is False:
                return False
        return None

    def close(self) -> None:
        self._solver.delete()

    def __enter__(self) -> Solver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def known(facts: Facts, value: Bools, free: Bools) -> list[list[int]]:
    """The facts, for inputs that agree with ``value`` but for the ``free`` ones."""
    sign = np.where(value, 1, -1)
    left = list[list[int]]()
    for clause in facts.clauses():
        literals = np.array(clause)
        place = np.abs(literals) - 1
        if not (~free[place] & (np.sign(literals) == sign[place])).any():
            left.append([int(x) for x in literals if free[abs(x) - 1]])
    held = np.flatnonzero(~free)
    return left + [[int(i + 1) * int(sign[i])] for i in held]
