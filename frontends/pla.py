"""ESPRESSO's PLA (.pla), types f, fd, fr and fdr: the ON-set of each output."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.describing import rows_of
from lgc.exchange.pla import is_pla, read_pla
from lgc.interchange import head, module_of, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class Pla(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "pla"

    def recognises(self, path: Path) -> bool:
        return is_pla(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(read_pla(data, path.name), options, path, data, self.name)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        circuit = read_pla(read_file(path), path.name)
        return Inspection("PLA of ESPRESSO", rows_of(circuit))
