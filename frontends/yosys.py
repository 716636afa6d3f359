"""The JSON of Yosys (.json): netlists of its gates, of LUTs, or of an FPGA's cells."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.describing import rows_of
from lgc.exchange.yosys_json import is_yosys_json, read_yosys_json
from lgc.interchange import head, module_of, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class Yosys(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "yosys"

    def recognises(self, path: Path) -> bool:
        return is_yosys_json(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(read_yosys_json(data, path.name), options, path, data, self.name)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        circuit = read_yosys_json(read_file(path), path.name)
        return Inspection("Yosys netlist, JSON", rows_of(circuit))
