"""AIGER circuits: what stands between thresholds and sums, as AND nodes and complements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.aiger import write_aiger
from lgc.interchange import circuit_of, write_pieces
from lgc.interfaces import Backend


class Aiger(Backend):
    """Binary or ASCII by the ending of the file."""

    name = "aiger"
    SUFFIXES: ClassVar[Mapping[str, str]] = {
        ".aig": "AIGER, binary",
        ".aag": "AIGER, ASCII",
    }

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        return write_pieces(
            path, write_aiger(circuit_of(module, registers=True), path.suffix == ".aig")
        )
