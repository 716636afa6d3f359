"""AIGER circuits, binary (.aig) and ASCII (.aag): AND nodes and complements."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.aiger import is_aiger, read_aiger
from lgc.interchange import head, inspection_of_circuit, module_of, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class Aiger(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "aiger"

    def recognises(self, path: Path) -> bool:
        return is_aiger(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(read_aiger(data, path.name), options, path, data, self.name)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        data = read_file(path)
        form = "binary" if data.startswith(b"aig") else "ASCII"
        circuit = read_aiger(data, path.name)
        return inspection_of_circuit(f"AIGER circuit, {form}", circuit, options)
