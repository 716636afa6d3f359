"""A proof that another program can check: clauses (DIMACS) and what follows from them (DRAT).

The clauses say that some pair of outputs of two circuits differs. The proof refutes them: for each
pair of nets that the sweep merged what the solver derived, then that they are equal; at the end
that no pair of outputs differs, and the empty clause. Every line follows by unit propagation from
those before it, so that it is a DRUP proof too; nothing is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..facts import Facts
from ..files import atomic_write
from ..netlist import Netlist
from .cnf import clauses
from .equality import Tick, joint
from .sweeping import Effort, Limits, equal_nets


@dataclass(frozen=True, eq=False)
class Certificate:
    """A formula without solution, and the proof of that.

    Attributes:
        formula: variables ``1 … nets`` are the nets, the next is 0, the others one for each pair.
        lemmas: end with the empty clause.
        effort: what finding them took.
    """

    variables: int
    formula: list[list[int]]
    lemmas: list[list[int]]
    effort: Effort

    def write(self, proof: Path) -> Path:
        """Write the proof, and the formula beside it; give the name of the latter."""
        formula = proof.with_suffix(".cnf")
        with atomic_write(formula) as temporary:
            head = f"p cnf {self.variables} {len(self.formula)}\n"
            temporary.write_text(head + _lines(self.formula))
        with atomic_write(proof) as temporary:
            temporary.write_text(_lines(self.lemmas))
        return formula


def _lines(rows: list[list[int]]) -> str:
    return "".join(" ".join(map(str, (*row, 0))) + "\n" for row in rows)


def certify(
    left: Netlist,
    right: Netlist,
    keys: tuple[NDArray[np.int64], NDArray[np.int64]],
    facts: Facts,
    limits: Limits,
    *,
    tick: Tick | None = None,
) -> Certificate | int:
    """A certificate that the outputs of two circuits agree, or how many have no partner.

    The circuits are taken as they are, so that the formula says what they do and nothing else.

    Args:
        keys: one number for each left and each right output: outputs of equal keys may stand for
            one another, as bits of one class and weight do.

    Raises:
        UnsupportedError: python-sat is not installed.
    """
    both = joint(left, right)
    equal = equal_nets(both, facts, limits, proof=True, tick=tick)
    assert equal.proof is not None
    pairs = _partners(*keys, equal.literals(both.outputs))
    if len(pairs) < max(map(len, keys)):
        return max(map(len, keys)) - len(pairs)
    formula = [*facts.clauses(), *clauses(both), [-(both.nets + 1)]]
    lemmas = list(equal.proof)
    variable = both.nets + 1
    for one, other in pairs:
        a, b = int(both.outputs[one]) + 1, int(both.outputs[other]) + 1
        variable += 1  # true only where the two differ
        formula += [[-variable, a, b], [-variable, -a, -b]]
        lemmas += [[-variable, a], [-variable]]
    formula.append(list(range(both.nets + 2, variable + 1)))
    return Certificate(variable, formula, [*lemmas, []], equal.effort)


def _partners(
    left: NDArray[np.int64], right: NDArray[np.int64], stands: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Left and right outputs of equal keys for which the same net stands, each used once."""
    places: dict[tuple[int, int], list[int]] = {}
    for place, key in enumerate(zip(right.tolist(), stands[len(left) :].tolist()), len(left)):
        places.setdefault(key, []).append(place)
    ends = enumerate(zip(left.tolist(), stands.tolist()))
    return [(place, places[key].pop()) for place, key in ends if places.get(key)]
