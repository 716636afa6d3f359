"""Truth tables (.tt, .truth): a line of 2**n digits, binary or hexadecimal, for each output."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import parse_encoding
from lgc.exchange.circuit import Circuit
from lgc.exchange.describing import rows_of
from lgc.exchange.truth import SUFFIXES, is_truth, read_truth
from lgc.interchange import head, module_of, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class TruthTable(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "truth-table"

    def recognises(self, path: Path) -> bool:
        return path.suffix in SUFFIXES or is_truth(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(_circuit(path, data, options), options, path, data, self.name)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        circuit = _circuit(path, read_file(path), options)
        return Inspection("truth tables", rows_of(circuit))


def _circuit(path: Path, data: bytes, options: LoadOptions) -> Circuit:
    bits = options.inputs
    if bits is not None:
        bits *= parse_encoding(options.input or "bool").each
    return read_truth(data, path.name, bits)
