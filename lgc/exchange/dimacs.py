"""DIMACS CNF: a circuit as clauses that hold when every net has the value its gate gives it.

Net n is variable n + 1. Nothing is asserted about inputs and outputs but what is known of the
inputs (see `lgc.facts`): whoever reads the file adds the question as clauses of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..proof.cnf import narrow_clauses
from ..surgery import arity, tidy
from .circuit import Circuit
from .spelling import spell_rows

Ints = NDArray[np.int64]


def write_dimacs(circuit: Circuit, known: Iterable[list[int]] = ()) -> Iterator[bytes]:
    """The clauses, in pieces of a file.

    Args:
        known: clauses over inputs alone, as `lgc.facts.Facts.clauses` gives them.
    """
    net = tidy(circuit.net)
    groups = list(_clauses(net.table, net.fanin, arity(net), net.k, net.inputs))
    facts = list(known)
    count = sum(len(rows) for rows in groups) + len(facts)
    for line in circuit.comment.splitlines():
        yield f"c {line}\n".encode()
    for what, names, nets in (
        ("input", circuit.inputs, range(net.inputs)),
        ("output", circuit.outputs, net.outputs.tolist()),
    ):
        named = names if names is not None and len(names) == len(nets) else [""] * len(nets)
        lines = (
            " ".join(f"c {what} {i} is {variable + 1} {name}".split()) + "\n"
            for i, (variable, name) in enumerate(zip(nets, named))
        )
        yield "".join(lines).encode()
    yield f"c clauses of the gates, then {len(facts)} of what is known about inputs\n".encode()
    yield f"p cnf {net.nets} {count}\n".encode()
    for rows in groups:
        yield from spell_rows(b"%d " * rows.shape[1] + b"0\n", rows)
    yield "".join(" ".join(map(str, [*clause, 0])) + "\n" for clause in facts).encode()


def _clauses(
    table: tables.Tables, fanin: NDArray[np.int32], reads: Ints, k: int, inputs: int
) -> Iterator[Ints]:
    """Clauses of equal length, int64 ``(n, length)``; gates with one table are taken at once."""
    order = np.argsort(table, kind="stable")
    starts = np.flatnonzero(np.diff(table[order], prepend=~table[order[:1]]))
    for gates in np.split(order, starts[1:]) if len(order) else []:
        width = int(reads[gates[0]])
        variable = np.concatenate(
            [fanin[gates, :width].astype(np.int64) + 1, inputs + 1 + gates[:, None]], axis=1
        )
        for clause in narrow_clauses(int(table[gates[0]]), k, width):
            literals = np.array(clause)
            yield variable[:, np.abs(literals) - 1] * np.sign(literals)
