"""What Yosys made of a design: cells of a fabric, counted in the mapped netlist.

Counts come from the netlist that Yosys writes, not from what ``stat`` prints: one file gives cells
and depth, and it has one form in all releases. A *LUT* is any lookup table of the fabric, inverters
too; *carries* are cells of carry chains, *muxes* the ones that join LUTs to wider ones (PFUMX,
L6MUX21, MUXF7, MUXF8). *Depth* is the most LUTs on a path from an input or flip-flop to an output
or flip-flop; carries and muxes on the way are free, except ECP5's CCU2C, which has LUTs inside and
counts one where a path enters it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KINDS = {
    "lut": re.compile(r"SB_LUT4|LUT[1-6]|INV"),
    "flip-flop": re.compile(r"SB_DFF\w*|TRELLIS_FF|FD[RSCP]E(_1)?"),
    "carry": re.compile(r"SB_CARRY|CCU2C|CARRY[48]"),
    "mux": re.compile(r"PFUMX|L6MUX21|MUXF[5-9]"),
}
"""Kinds of cells, by the types of all fabrics."""


@dataclass(frozen=True)
class Cells:
    """Cells of a mapped design.

    Attributes:
        luts: how many, by the inputs that are in use: constants are not counted.
        other: cells of none of the kinds, by name.
    """

    luts: dict[int, int]
    flip_flops: int
    carries: int
    muxes: int
    depth: int
    other: dict[str, int]

    @property
    def total(self) -> int:
        """LUTs."""
        return sum(self.luts.values())


def count_cells(netlist: str, top: str | None = None) -> Cells:
    """The cells of a module, by default the only one, of a netlist in the JSON of Yosys."""
    modules = json.loads(netlist)["modules"]
    (module,) = modules.values() if top is None else (modules[top],)
    cells: list[dict[str, Any]] = [
        cell for cell in module["cells"].values() if cell["type"] != "$scopeinfo"
    ]
    kinds = Counter[str]()
    other = Counter[str]()
    luts = Counter[int]()
    for cell in cells:
        kind = next((name for name, form in KINDS.items() if form.fullmatch(cell["type"])), None)
        if kind is None:
            other[cell["type"]] += 1
        elif kind == "lut":
            luts[sum(isinstance(net, int) for net, _ in ends(cell, "input"))] += 1
        else:
            kinds[kind] += 1
    return Cells(
        dict(sorted(luts.items())), kinds["flip-flop"], kinds["carry"], kinds["mux"],
        depth(cells), dict(other),
    )  # fmt: skip


def ends(cell: dict[str, Any], direction: str) -> Iterator[tuple[int | str, str]]:
    """Nets (a number, or "0", "1", "x") and ports of a cell."""
    for port, way in cell["port_directions"].items():
        if way == direction:
            for net in cell["connections"].get(port, []):
                yield net, port


def depth(cells: list[dict[str, Any]]) -> int:
    """The most LUTs on a path."""
    logic = [cell for cell in cells if not KINDS["flip-flop"].fullmatch(cell["type"])]
    driver = {net: i for i, cell in enumerate(logic) for net, _ in ends(cell, "output")}
    reads = [
        [(driver[net], port) for net, port in ends(cell, "input") if net in driver]
        for cell in logic
    ]
    readers: list[list[int]] = [[] for _ in logic]
    for i, sources in enumerate(reads):
        for source, _ in sources:
            readers[source].append(i)
    waits = [len(sources) for sources in reads]
    ready = [i for i, count in enumerate(waits) if not count]
    levels = [0] * len(logic)
    for i in ready:  # grows while it is gone through
        kind = logic[i]["type"]
        inside = KINDS["lut"].fullmatch(kind) is not None
        levels[i] = int(inside or kind == "CCU2C")
        for source, port in reads[i]:
            step = inside or (kind == "CCU2C" and port != "CIN")
            levels[i] = max(levels[i], levels[source] + step)
        for reader in readers[i]:
            waits[reader] -= 1
            if not waits[reader]:
                ready.append(reader)
    assert len(ready) == len(logic), "a combinational loop"
    return max(levels, default=0)
