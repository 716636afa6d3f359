"""Verilog (.v, .sv) without registers, through Yosys, which flattens it and maps it to gates."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.verilog import SUFFIXES, read_verilog
from lgc.interchange import module_of
from lgc.interfaces import Frontend, LoadOptions


class Verilog(Frontend):
    """Ports in the order of their declaration, bit 0 first. Known by the ending of the file."""

    name = "verilog"

    def recognises(self, path: Path) -> bool:
        return path.suffix in SUFFIXES

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        circuit, data = read_verilog(path)
        return module_of(circuit, options, path, data, self.name)
