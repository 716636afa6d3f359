"""DIMACS clauses: what stands between thresholds and sums, and what is known about its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.chain import read_chain
from lgc.exchange.dimacs import write_dimacs
from lgc.interchange import circuit_of, write_pieces
from lgc.interfaces import Backend


class Dimacs(Backend):
    """For satisfiability solvers; comments say which variable is which input and output."""

    name = "dimacs"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".cnf": "DIMACS"}

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        known = read_chain(module).facts.clauses()
        return write_pieces(path, write_dimacs(circuit_of(module), known))
