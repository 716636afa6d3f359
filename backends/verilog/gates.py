"""Gates as Verilog: assign expressions, primitives, or LUT cells of a device family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from lgc import tables
from lgc.covers import cover

_PRIMITIVES = {
    (2, 0x1): "and", (2, 0x7): "or", (2, 0x6): "xor",
    (2, 0xE): "nand", (2, 0x8): "nor", (2, 0x9): "xnor",
    (3, 0x01): "and", (3, 0x7F): "or", (3, 0x69): "xor",
    (3, 0xFE): "nand", (3, 0x80): "nor", (3, 0x96): "xnor",
    (1, 0b10): "not", (1, 0b01): "buf",
}  # fmt: skip
"""Gate primitives of Verilog by fan-ins and table; BUF and NOT read one net."""

_NAMED = {(3, 0x17): "({0} & {1}) | ({0} & {2}) | ({1} & {2})", (3, 0x53): "{0} ? {1} : {2}"}
"""Expressions that say more than a sum of products."""


@dataclass(frozen=True)
class Cell:
    """A LUT cell.

    Attributes:
        name: of the module; ``{k}`` stands for its inputs.
        widths: inputs of the cells there are; a narrower gate takes the next, further inputs are 0.
        table: name of the parameter.
        inputs: names of the input ports; the first is the lowest bit of the index.
        output: name of the output port.
    """

    name: str
    widths: tuple[int, ...]
    table: str
    inputs: tuple[str, ...]
    output: str


CELLS = {
    "generic": Cell(
        "lgc_lut{k}", (1, 2, 3, 4, 5, 6), "INIT", tuple(f"I{i}" for i in range(6)), "O"
    ),
    "ice40": Cell("SB_LUT4", (4,), "LUT_INIT", ("I0", "I1", "I2", "I3"), "O"),
    "ecp5": Cell("LUT4", (4,), "INIT", ("A", "B", "C", "D"), "Z"),
    "xilinx": Cell("LUT{k}", (1, 2, 3, 4, 5, 6), "INIT", tuple(f"I{i}" for i in range(6)), "O"),
}
"""By device family."""


SHORT, PRODUCTS = 4, 8
"""Fan-ins up to which, and products up to which, a gate is always an expression."""


@dataclass(frozen=True)
class Style:
    """How gates are written: ``assign``, ``primitives``, or ``lut`` with the cell of a family.

    A gate that would be a long expression is a LUT cell of our own.
    """

    kind: str
    family: str = "generic"

    def gate(self, table: int, net: str, reads: Sequence[str]) -> str:
        """One line that computes a net; the table depends on all of ``reads``."""
        return _template(self, table, len(reads)).format(net, *reads)

    @property
    def cells(self) -> str:
        """The family of its LUT cells: our own where gates are expressions."""
        return self.family if self.kind == "lut" else "generic"

    def used(self, widths: Sequence[int], lines: Iterable[str]) -> list[int]:
        """The widths of the LUT cells that gates take.

        Args:
            widths: fan-ins that gates have.
            lines: of all modules, looked at where not all gates are cells.
        """
        cell = CELLS[self.cells]
        if self.kind == "lut":
            return sorted({_width(cell, k) for k in widths})
        names = {f" {cell.name.format(k=k)} #(": k for k in widths if k > SHORT}
        return sorted({k for line in lines if names for name, k in names.items() if name in line})

    def in_cell(self, table: int, k: int) -> bool:
        """Whether a gate is a LUT cell: an expression of many products is none to read."""
        return self.kind == "lut" or (k > SHORT and len(cover(table, k)[0]) > PRODUCTS)


@cache
def _template(style: Style, table: int, k: int) -> str:
    """A line with places for the net and what it reads."""
    if style.in_cell(table, k):
        return _cell(CELLS[style.cells], table, k)
    primitive = _PRIMITIVES.get((k, table))
    if style.kind == "primitives" and primitive is not None:
        reads = ", ".join(f"{{{i + 1}}}" for i in range(k))
        return f"wire {{0}}; {primitive} g_{{0}} ({{0}}, {reads});"
    names = [f"{{{i + 1}}}" for i in range(k)]
    return "wire {0} = " + expression(table, k).format(*names) + ";"


def _width(cell: Cell, k: int) -> int:
    return next(width for width in cell.widths if width >= k)


def _cell(cell: Cell, table: int, k: int) -> str:
    width = _width(cell, k)
    # our first fan-in is the highest bit of the index; a cell's first input is the lowest
    init = int(f"{table:0{1 << k}b}"[::-1], 2)
    for wider in range(k, width):  # inputs beyond are 0, but no tool needs to know that
        init |= init << (1 << wider)
    names = [f"{{{i}}}" for i in range(k, 0, -1)] + ["1'b0"] * (width - k)
    return _instance(cell, width, init, names)


def _instance(cell: Cell, width: int, init: int, names: list[str]) -> str:
    digits = max(1, (1 << width) // 4)
    ports = ", ".join(f".{port}({name})" for port, name in zip(cell.inputs, names))
    return (
        f"wire {{0}}; {cell.name.format(k=width)} "
        f"#(.{cell.table}({1 << width}'h{init:0{digits}x})) "
        f"u_{{0}} ({ports}, .{cell.output}({{0}}));"
    )


@cache
def expression(table: int, k: int) -> str:
    """A function of k operands as an expression; operand i is the place ``{i}``."""
    if (k, table) in _NAMED:
        return _NAMED[k, table]
    for complement in (False, True):
        parity = int(_parity(k)) ^ (int(tables.ones(k)) if complement else 0)
        if table == parity:
            text = " ^ ".join(f"{{{i}}}" for i in range(k))
            return f"~({text})" if complement and k > 1 else f"~{text}" if complement else text
    cubes, value = cover(table, k)
    terms = [
        " & ".join(f"{'~' if letter == '0' else ''}{{{i}}}" for i, letter in enumerate(cube)
                   if letter != "-")
        for cube in cubes
    ]  # fmt: skip
    text = terms[0] if len(terms) == 1 else " | ".join(
        f"({term})" if "&" in term else term for term in terms
    )  # fmt: skip
    return text if value else f"~({text})"


def _parity(k: int) -> np.uint64:
    table = np.uint64(0)
    for i in range(k):
        table = table ^ tables.variable(k, i)
    return table
