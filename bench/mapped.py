"""What Yosys made of a design: its cells, the netlist itself, and how long that took."""

from __future__ import annotations

from dataclasses import dataclass

from lgc.hdl.mapped import Cells, count_cells


@dataclass(frozen=True)
class Mapped(Cells):
    """What Yosys made of a design.

    Attributes:
        netlist: the mapped netlist, as Yosys writes it in JSON.
        gates: the same as BLIF of simple gates; empty for a design with flip-flops.
        seconds: of the run, Yosys's own start included.
        cached: found in the cache: the seconds are of an earlier run.
    """

    netlist: str
    gates: str
    seconds: float
    cached: bool = False


def counted(netlist: str, gates: str, seconds: float, cached: bool = False) -> Mapped:
    """The counts of a netlist of one module."""
    return Mapped(**vars(count_cells(netlist)), netlist=netlist, gates=gates, seconds=seconds,
                  cached=cached)  # fmt: skip
