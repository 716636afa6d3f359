"""AIGER circuits, binary (.aig) and ASCII (.aag): AND nodes and complements."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.aiger import is_aiger, read_aiger
from lgc.interchange import head, module_of, read_file
from lgc.reading import Frontend, LoadOptions


class Aiger(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "aiger"

    def recognises(self, path: Path) -> bool:
        return is_aiger(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(read_aiger(data, path.name), options, path, data, self.name)
