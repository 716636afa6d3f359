"""Project: a folder that `generate` wrote, to simulate and to synthesize."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from ..driver import load
from .folder import read_report
from .reporting import shape_of
from .scripts import Family
from .simulating import Simulation, Simulator, check_simulator, simulate
from .synthesizing import check_family, synthesize
from .test_bench import Shape, hexadecimal
from .vectors import Played

MODEL = "model.mlir"


@dataclass(frozen=True)
class Project:
    """A project by its folder."""

    folder: Path

    @classmethod
    def open(cls, folder: str | PathLike[str]) -> Project:
        """A project that is there already.

        Raises:
            InputError: there is none.
        """
        path = Path(folder)
        read_report(path)
        return cls(path)

    def report(self) -> dict[str, Any]:
        """What ``report.json`` holds: sizes, timing, options, origin."""
        return read_report(self.folder)

    @property
    def shape(self) -> Shape:
        """Ports and timing."""
        return shape_of(self.report())

    @cached_property
    def played(self) -> Played:
        """The model that the hardware should be, and its ports."""
        shape = self.shape
        return Played(
            load(self.folder / MODEL).step_chain, shape.options.given, shape.results, shape.pixels
        )

    def simulate(self, x: Any = None, *, simulator: Simulator = "icarus") -> Simulation:
        """Run the test bench.

        Args:
            x: samples, of a recurrent model sequences ``(n, steps, …)``, whose results come one
                sequence after another; by default the vectors of the project.
            simulator: ``icarus``, or ``verilator``, which compiles for a while and is then faster.

        Raises:
            UnsupportedError: the simulator is not installed.
            CheckError: it refuses the files.
            InputError: the model does not read such samples, or the input format lacks them.
        """
        check_simulator(simulator)
        shape = self.shape
        if x is None:
            vectors, expected = (
                (self.folder / "tb" / f"{name}.hex").read_text() for name in ("vectors", "expected")
            )
        else:
            made = self.played.of(x)
            vectors, expected = hexadecimal(made.port), hexadecimal(made.lines(shape.results))
        return simulate(self.folder, shape.name, shape.results, simulator, vectors, expected)

    def synthesize(self, family: Family) -> dict[str, Any]:
        """What Yosys makes of it: ``luts``, ``flip_flops``, ``carries``, ``muxes``, ``depth``.

        Args:
            family: ``ice40``, ``ecp5`` or ``xilinx`` (7-series).

        Raises:
            UnsupportedError: Yosys is not installed.
            CheckError: it refuses the files.
        """
        check_family(family)
        found = synthesize(self.folder, self.shape, family)
        return {
            "luts": found.total,
            "luts_by_inputs": found.luts,
            "flip_flops": found.flip_flops,
            "carries": found.carries,
            "muxes": found.muxes,
            "depth": found.depth,
            "other": found.other,
        }
