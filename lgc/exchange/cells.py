"""What the cells of synthesised netlists compute: Yosys's own gates, LUTs and muxes of FPGAs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .. import tables


@dataclass(frozen=True)
class Cell:
    """A kind of cell with one output.

    Attributes:
        inputs: its ports, the first the most significant bit of the index of the table.
        output: its port.
        table: over the inputs, as `lgc.tables` has it.
    """

    inputs: tuple[str, ...]
    output: str
    table: int


@dataclass(frozen=True)
class Lut:
    """A kind of cell whose table is a parameter.

    Attributes:
        inputs: its ports, the first the least significant bit of the index.
        output: its port.
        parameter: bit i of this number is the value at index i.
    """

    inputs: tuple[str, ...]
    output: str
    parameter: str


def _cell(ports: str, output: str, table: int) -> Cell:
    inputs = tuple(ports.split())
    return Cell(inputs, output, table & int(tables.ones(len(inputs))))


def _variables(k: int) -> tuple[int, ...]:
    """The tables of the inputs of a cell with so many."""
    return tuple(int(tables.variable(k, place)) for place in range(k))


def _choice(select: int, zero: int, one: int) -> int:
    return select & one | ~select & zero


def _gates() -> dict[str, Cell]:
    (a,) = _variables(1)
    found = {
        "$_BUF_": _cell("A", "Y", a),
        "$_NOT_": _cell("A", "Y", ~a),
        "INV": _cell("I", "O", ~a),
        "IBUF": _cell("I", "O", a),
        "OBUF": _cell("I", "O", a),
        "GND": _cell("", "G", 0),
        "VCC": _cell("", "P", 1),
    }
    a, b = _variables(2)
    found |= {
        "$_AND_": _cell("A B", "Y", a & b),
        "$_NAND_": _cell("A B", "Y", ~(a & b)),
        "$_OR_": _cell("A B", "Y", a | b),
        "$_NOR_": _cell("A B", "Y", ~(a | b)),
        "$_XOR_": _cell("A B", "Y", a ^ b),
        "$_XNOR_": _cell("A B", "Y", ~(a ^ b)),
        "$_ANDNOT_": _cell("A B", "Y", a & ~b),
        "$_ORNOT_": _cell("A B", "Y", a | ~b),
    }
    a, b, c = _variables(3)
    mux = _choice(a, b, c)
    found |= {
        "$_MUX_": _cell("S A B", "Y", mux),
        "$_NMUX_": _cell("S A B", "Y", ~mux),
        "$_AOI3_": _cell("A B C", "Y", ~(a & b | c)),
        "$_OAI3_": _cell("A B C", "Y", ~((a | b) & c)),
        "SB_CARRY": _cell("I0 I1 CI", "CO", a & b | (a | b) & c),
        "MUXF7": _cell("S I0 I1", "O", mux),
        "MUXF8": _cell("S I0 I1", "O", mux),
        "MUXF9": _cell("S I0 I1", "O", mux),
        "PFUMX": _cell("C0 BLUT ALUT", "Z", mux),
        "L6MUX21": _cell("SD D0 D1", "Z", mux),
        **{f"MUX2_LUT{wide}": _cell("S0 I0 I1", "O", mux) for wide in range(5, 9)},
    }
    a, b, c, d = _variables(4)
    found |= {
        "$_AOI4_": _cell("A B C D", "Y", ~(a & b | c & d)),
        "$_OAI4_": _cell("A B C D", "Y", ~((a | b) & (c | d))),
    }
    t, s, a, b, c, d = _variables(6)
    four = _choice(t, _choice(s, a, b), _choice(s, c, d))
    return found | {"$_MUX4_": _cell("T S A B C D", "Y", four)}


GATES = _gates()
"""Of one bit each."""

BITWISE: dict[str, Cell] = {
    "$buf": GATES["$_BUF_"],
    "$pos": GATES["$_BUF_"],
    "$not": GATES["$_NOT_"],
    "$and": GATES["$_AND_"],
    "$or": GATES["$_OR_"],
    "$xor": GATES["$_XOR_"],
    "$xnor": GATES["$_XNOR_"],
    "$mux": GATES["$_MUX_"],
}
"""Of words whose ports are equally wide, but for the select of a mux, which has one bit."""

SINGLE: dict[str, Cell] = {
    "$logic_not": GATES["$_NOT_"],
    "$logic_and": GATES["$_AND_"],
    "$logic_or": GATES["$_OR_"],
    "$reduce_and": GATES["$_BUF_"],
    "$reduce_or": GATES["$_BUF_"],
    "$reduce_xor": GATES["$_BUF_"],
    "$reduce_xnor": GATES["$_NOT_"],
    "$reduce_bool": GATES["$_BUF_"],
}
"""The same where every port has one bit."""

_FOUR = ("A", "B", "C", "D")


def lut(kind: str, ports: frozenset[str]) -> Lut | None:
    """The kind of LUT that a cell is, by its type and its ports: there are several called LUT4."""
    if kind == "SB_LUT4":
        return Lut(_inputs(4), "O", "LUT_INIT")
    match = re.fullmatch(r"LUT([1-6])", kind)
    if match is None:
        return None
    if "Z" in ports:  # of Lattice
        return Lut(_FOUR, "Z", "INIT") if kind == "LUT4" else None
    return Lut(_inputs(int(match[1])), "F" if "F" in ports else "O", "INIT")  # of Gowin, of Xilinx


def _inputs(count: int) -> tuple[str, ...]:
    return tuple(f"I{place}" for place in range(count))


@cache
def table_of(init: int, k: int) -> int:
    """The table of which bit i of a number is the value at index i, its fan-ins from the most
    significant to the least: the same bits from the other end."""
    return int(f"{init & int(tables.ones(k)):0{1 << k}b}"[::-1], 2)
