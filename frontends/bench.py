"""BENCH circuits: the gates of the ISCAS benchmarks, and ABC's form with tables."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.exchange.bench import is_bench, read_bench
from lgc.interchange import head, inspection_of_circuit, module_of, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class Bench(Frontend):
    """Bits in, bits out; see `lgc.interchange` for what options say."""

    name = "bench"

    def recognises(self, path: Path) -> bool:
        return path.suffix == ".bench" or is_bench(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        return module_of(read_bench(data, path.name), options, path, data, self.name)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        circuit = read_bench(read_file(path), path.name)
        return inspection_of_circuit("BENCH circuit", circuit, options)
