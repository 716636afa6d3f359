"""BLIF circuits, Berkeley's text form: gates as covers of cubes."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.blif import is_blif, read_blif
from lgc.interchange import head, inspection_of_circuit, module_of, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class Blif(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "blif"

    def recognises(self, path: Path) -> bool:
        return path.suffix == ".blif" or is_blif(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(read_blif(data, path.name), options, path, data, self.name)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        circuit = read_blif(read_file(path), path.name)
        return inspection_of_circuit("BLIF circuit", circuit, options)
