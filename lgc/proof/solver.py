"""A SAT solver with limits: Glucose 4 of python-sat.

It is the one for circuits of shallow cones: made and thrown away in microseconds, answers under
assumptions within a limit of conflicts, and writes down what it derives. (CaDiCaL 1.9.5 takes as
long for all of a proof; CryptoMiniSat 5 is made three times as slowly, and leaves sums undecided.)
Literals follow DIMACS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..extras import extra

NAME = "Glucose 4"


class Solver:
    """Clauses, added in any number between questions.

    Args:
        proof: keep what is derived, for `lemmas`.

    Raises:
        UnsupportedError: python-sat is not installed.
    """

    def __init__(self, *, proof: bool = False) -> None:
        self._solver = extra("pysat.solvers", "proof").Glucose4(with_proof=proof)
        self.add = self._solver.add_clause

    def add_all(self, clauses: Iterable[Sequence[int]]) -> None:
        for clause in clauses:
            self.add(clause)

    def solve(self, assumptions: Sequence[int] = (), conflicts: int = 0) -> bool | None:
        """Whether all clauses can be true at once, and the assumptions with them.

        Args:
            conflicts: after how many to give up and return None; 0 for never.
        """
        if not conflicts:
            return self._solver.solve(assumptions)
        self._solver.conf_budget(conflicts)
        return self._solver.solve_limited(assumptions)

    def model(self) -> list[int]:
        """After an answer that was true: a literal for each variable, in order."""
        return self._solver.get_model() or []

    @property
    def conflicts(self) -> int:
        """So far."""
        return self._solver.accum_stats()["conflicts"]

    def lemmas(self) -> list[list[int]]:
        """All clauses derived, each by unit propagation from those before it (RUP).

        What the solver forgot on the way is not in it: a proof without deletions. Nor is the empty
        clause, by which the solver means that the assumptions failed.
        """
        lines: list[str] = self._solver.get_proof() or []
        found = [[int(x) for x in line.split()[:-1]] for line in lines if not line.startswith("d")]
        return [lemma for lemma in found if lemma]

    def close(self) -> None:
        self._solver.delete()
