"""IR text: the module itself, to look at, to keep, and as input of `lgc opt`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.files import atomic_write
from lgc.interfaces import Backend
from lgc.text import print_module


class Mlir(Backend):
    """Prints the module."""

    name = "mlir"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".mlir": "IR text"}

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        with atomic_write(path) as temporary:
            temporary.write_text(print_module(module), encoding="utf-8")
        return [path]
