"""BENCH circuits: what stands between thresholds and sums, as ISCAS gates or as tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.bench import write_bench
from lgc.interchange import circuit_of, write_pieces
from lgc.interfaces import Backend


class Bench(Backend):
    """Text."""

    name = "bench"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".bench": "BENCH"}

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        return write_pieces(path, write_bench(circuit_of(module)))
