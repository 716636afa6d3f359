"""BLIF circuits: what stands between thresholds and sums, one .names a gate of any width."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.blif import write_blif
from lgc.interchange import circuit_of, write_pieces
from lgc.interfaces import Backend


class Blif(Backend):
    """Text."""

    name = "blif"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".blif": "BLIF"}

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        return write_pieces(path, write_blif(circuit_of(module, registers=True)))
