"""Verilog (.v, .sv) without registers, through Yosys, which flattens it and maps it to gates.

lgc's own Verilog says what its ports mean, and is the model that it was made from again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.verilog import SUFFIXES, facts, read_verilog
from lgc.hardware.reading import check_circuit, model_of
from lgc.heads import head_of
from lgc.interchange import inspection_of_circuit, module_of, origin, read_file
from lgc.netlist import Netlist
from lgc.reading import Frontend, Inspection, LoadOptions


class Verilog(Frontend):
    """Ports in the order of their declaration, bit 0 first. Known by the ending of the file."""

    name = "verilog"

    def recognises(self, path: Path) -> bool:
        return path.suffix in SUFFIXES

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        found = facts(data, path.name)
        if found is None:
            circuit = read_verilog(path, data)
            return module_of(circuit, options, path, data, self.name)
        check_circuit(found, path.name)
        circuit = read_verilog(path, data, found["top"])

        def ended(net: Netlist, state: int) -> tuple[Netlist, dict[str, Any]]:
            return head_of(options, len(net.outputs) - state, path.name).after(net, state)

        return model_of(circuit, found, path.name, origin(path, data, self.name), ended)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        data = read_file(path)
        found = facts(data, path.name)
        if found is None:
            return inspection_of_circuit("Verilog", read_verilog(path, data), options)
        shown = ("top", "format", "features", "tau", "pipeline", "source")
        rows = tuple((key, str(found[key])) for key in shown if key in found)
        return Inspection("Verilog that lgc wrote", rows)
