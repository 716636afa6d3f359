"""SMT-LIB 2: circuit, class sums and class as definitions, with what is known about the inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Chain, provenance, read_chain
from lgc.files import atomic_write
from lgc.flattening import classifier, describe, flatten
from lgc.interfaces import Backend
from lgc.proof import smtlib


class Smtlib(Backend):
    """Writes definitions: inputs b…, gates n…, outputs o…, scores s…, class."""

    name = "smtlib"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".smt2": "SMT-LIB 2"}

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        chain = read_chain(module)
        origin = [f"{name}: {' '.join(text.split())}" for name, text in provenance(module).items()]
        with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            for line in _lines(chain, origin):
                file.write(line + "\n")
        return [path]


def _lines(chain: Chain, origin: list[str]) -> Iterator[str]:
    yield from smtlib.header([*origin, *describe(chain)])
    yield from smtlib.circuit(flatten(chain))
    yield from smtlib.known(chain.facts.clauses())
    if chain.group_sum is not None:
        yield from smtlib.scores(classifier(chain))
