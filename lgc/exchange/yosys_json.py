"""The JSON of Yosys (``write_json``): a flat netlist of gates, LUTs, or words of equal width.

Format: Yosys manual, ``help write_json``. Ports become bits in the order of the file, bit 0 of each
first. An x is 0. Cells stand in no order; a bit is a number that one cell or input drives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..errors import InputError, UnsupportedError
from ..guards import ints, is_dict, is_list
from ..netlist import Netlist
from .cells import BITWISE, GATES, SINGLE, Cell, lut, table_of
from .circuit import NO_MEMORY, Circuit, check_ports
from .ordering import CycleError, ordered

Ints = NDArray[np.int64]
Bits = list[int]

_ZERO, _ONE = -2, -1
_CONSTANTS = {"0": _ZERO, "1": _ONE, "x": _ZERO}
_MOST = 1 << 60
_REGISTER = re.compile(
    r"\$_?(DFF|SDFF|ADFF|ALDFF|DFFSR|SR|FF|DLATCH|ADLATCH|DLATCHSR|mem)|SB_DFF|FD[RSCP]E|"
    r"TRELLIS_FF|DFF|LD[CP]E",
    re.IGNORECASE,
)
_IGNORED = ("$scopeinfo", "$print", "$check", "$assert", "$cover", "$assume")
_GATES = "techmap; simplemap; opt_clean"
_TABLES = "abc -lut 6; opt_clean"
_FLAT = "hierarchy -auto-top; flatten; opt_clean"


def is_yosys_json(head: bytes) -> bool:
    """Whether a file that starts so is Yosys's JSON."""
    start = rb'\s*\{\s*("creator"\s*:\s*"[^"]*"\s*,\s*)?"modules"\s*:\s*\{'
    return re.match(start, head) is not None


def read_yosys_json(data: bytes, where: str) -> Circuit:
    """Read the top module.

    Raises:
        InputError: the file is damaged; the message names the cell or port.
        UnsupportedError: it holds registers, instances of modules, or words of arithmetic.
    """
    try:
        content: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(
            "this is not JSON", where=where, hint="is the file whole? Yosys's write_json makes it"
        ) from None
    modules = content.get("modules") if is_dict(content) else None
    if not is_dict(modules):
        raise InputError("there are no modules", where=where, hint="Yosys's write_json makes them")
    module, name = _top(modules, where)
    inputs, outputs = _ports(module, f"{where}, module {name}")
    found = _Gates(where, name)
    cells = module.get("cells", {})
    if not is_dict(cells):
        raise InputError("cells are no object", where=found.where)
    for title, cell in cells.items():
        found.cell(str(title), cell, modules)
    check_ports(len(inputs[0]), len(outputs[0]), where)
    net = found.netlist(inputs[0], outputs[0], outputs[1])
    return Circuit(net, tuple(inputs[1]), tuple(outputs[1]))


def _top(modules: dict[Any, Any], where: str) -> tuple[dict[Any, Any], str]:
    """The module that is marked as the top one, or the only one that is no black box."""
    own: dict[str, dict[Any, Any]] = {}
    for name, module in modules.items():
        if not is_dict(module) or not is_dict(module.get("attributes", {})):
            raise InputError(f"module {str(name)[:40]!r} is damaged", where=where)
        if not _marked(module, "blackbox") and not _marked(module, "whitebox"):
            own[str(name)] = module
    tops = [name for name, module in own.items() if _marked(module, "top")]
    chosen = tops if len(tops) == 1 else list(own)
    if len(chosen) != 1:
        shown = ", ".join(map(repr, list(own)[:4]))
        raise UnsupportedError(
            f"there are {len(own)} modules and none is the top one: {shown}" if own
            else "there is no module with gates",
            where=where,
            hint=_again(where, _FLAT),
        )  # fmt: skip
    return own[chosen[0]], chosen[0]


def _again(file: str, passes: str) -> str:
    """The command that makes a netlist which can be read."""
    return f"yosys -p 'read_json {file}; {passes}; write_json again.json' writes what can be read"


def _marked(module: dict[Any, Any], name: str) -> bool:
    value = module.get("attributes", {}).get(name, 0)
    return _number(value) not in (None, 0)


def _number(value: Any) -> int | None:
    """A parameter or attribute: a number, or its bits as text; x is 0."""
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"[01xzXZ?]+", value):
        return int(re.sub("[^01]", "0", value), 2)
    return None


def _ports(
    module: dict[Any, Any], where: str
) -> tuple[tuple[Bits, list[str]], tuple[Bits, list[str]]]:
    """Bits and names of the inputs and of the outputs."""
    ports = module.get("ports", {})
    if not is_dict(ports):
        raise InputError("ports are no object", where=where)
    found: dict[str, tuple[Bits, list[str]]] = {"input": ([], []), "output": ([], [])}
    for name, port in ports.items():
        at = f"{where}, port {str(name)[:40]}"
        direction = port.get("direction") if is_dict(port) else None
        if direction == "inout":
            raise UnsupportedError("the port goes both ways", where=at)
        if not is_dict(port) or direction not in ("input", "output"):
            raise InputError("the port has no direction", where=at)
        bits = _bits(port.get("bits"), at)
        if direction == "input" and min(bits, default=0) < 0:
            raise InputError("an input is a constant", where=at)
        found[direction][0].extend(bits)
        found[direction][1].extend(_names(str(name), port, len(bits)))
    return found["input"], found["output"]


def _names(name: str, port: dict[Any, Any], width: int) -> Iterator[str]:
    offset, upto = port.get("offset", 0), port.get("upto", 0)
    first = offset if isinstance(offset, int) else 0
    if width == 1 and not first:
        yield name
        return
    for place in range(width):
        yield f"{name}[{first + (width - 1 - place if upto else place)}]"


def _bits(value: Any, where: str) -> Bits:
    """What is connected to a port, the lowest bit first; constants are below 0."""
    made: Bits = []
    for one in value if is_list(value) else [None]:
        bit = _CONSTANTS.get(one) if isinstance(one, str) else one
        if not isinstance(bit, int) or isinstance(bit, bool) or bit >= _MOST or bit < _ZERO:
            raise InputError(
                f"a bit cannot be {json.dumps(one)[:20]}",
                where=where,
                hint="bits are numbers, or \"0\", \"1\" and \"x\"",
            )  # fmt: skip
        made.append(bit)
    return made


class _Gates:
    """Gates that cells are, one after another."""

    def __init__(self, file: str, module: str) -> None:
        self.file, self.where = file, f"{file}, module {module}"
        self.own: list[int] = []
        self.reads: list[tuple[int, ...]] = []
        self.table: list[int] = []
        self.title: list[str] = []

    def cell(self, title: str, cell: Any, modules: dict[Any, Any]) -> None:
        """Add what one cell computes."""
        where = f"{self.where}, cell {title[:60]}"
        kind = cell.get("type") if is_dict(cell) else None
        given = cell.get("connections") if is_dict(cell) else None
        if not is_dict(cell) or not isinstance(kind, str) or not is_dict(given):
            raise InputError("the cell has no type or connections", where=where)
        if kind in _IGNORED:
            return
        ports = {str(port): _bits(bits, where) for port, bits in given.items()}
        if (one := GATES.get(kind) or SINGLE.get(kind)) is not None:
            self._bitwise(title, one, ports, 1, where)
        elif (one := BITWISE.get(kind)) is not None:
            self._bitwise(title, one, ports, len(ports.get("Y", [])), where)
        elif kind == "$lut":
            reads, made = ports.get("A", []), ports.get("Y", [])
            self._lut(title, reads, made, cell, "LUT", where)
        elif (shape := lut(kind, frozenset(ports))) is not None:
            reads = [bit for port in shape.inputs for bit in ports.get(port, [_ZERO])]
            if len(reads) != len(shape.inputs):
                raise InputError(f"a {kind} reads {len(reads)} bits", where=where)
            self._lut(title, reads, ports.get(shape.output, []), cell, shape.parameter, where)
        else:
            self._refuse(kind, modules, where)

    def _bitwise(
        self, title: str, one: Cell, ports: dict[str, Bits], width: int, where: str
    ) -> None:
        words: list[Bits] = []
        for port in one.inputs:
            bits = ports.get(port, [])
            single = len(bits) == 1 and port == "S"
            if len(bits) != width and not single:
                raise UnsupportedError(
                    f"port {port} has {len(bits)} bits where {width} are needed",
                    where=where,
                    hint=_again(self.file, _GATES),
                )
            words.append(bits * width if single else bits)
        made = ports.get(one.output, [])
        if len(made) not in (0, width):
            raise InputError(f"port {one.output} has {len(made)} bits, not {width}", where=where)
        for place, bit in enumerate(made):
            self._add(title, bit, tuple(word[place] for word in words), one.table, where)

    def _lut(
        self, title: str, reads: Bits, made: Bits, cell: dict[Any, Any], name: str, where: str
    ) -> None:
        parameters = cell.get("parameters", {})
        init = _number(parameters.get(name)) if is_dict(parameters) else None
        if len(reads) > tables.MAX_FANIN:
            raise UnsupportedError(
                f"the table has {len(reads)} inputs",
                where=where,
                hint=f"lgc takes up to 6: {_again(self.file, _TABLES)}",
            )
        if init is None or len(made) > 1:
            raise InputError(f"the table {name} is missing or damaged", where=where)
        for bit in made:
            self._add(title, bit, tuple(reads[::-1]), table_of(init, len(reads)), where)

    def _add(self, title: str, own: int, reads: tuple[int, ...], table: int, where: str) -> None:
        if own < 0:
            raise InputError("its output is a constant", where=where)
        self.own.append(own)
        self.reads.append(reads)
        self.table.append(table)
        self.title.append(title)

    def _refuse(self, kind: str, modules: dict[Any, Any], where: str) -> None:
        if _REGISTER.match(kind) is not None:
            raise UnsupportedError(f"{kind} is a register", where=where, hint=NO_MEMORY)
        inside = modules.get(kind)
        if is_dict(inside) and not _marked(inside, "blackbox"):
            raise UnsupportedError(
                f"it is an instance of the module {kind[:40]}",
                where=where,
                hint=_again(self.file, _FLAT),
            )
        raise UnsupportedError(
            f"what a {kind[:40]} computes is not known", where=where,
            hint=_again(self.file, _GATES),
        )  # fmt: skip

    def netlist(self, inputs: Bits, outputs: Bits, names: list[str]) -> Netlist:
        """The gates in topological order.

        Raises:
            InputError: a bit has two drivers or none, or gates form a cycle.
        """
        k = max(2, max(map(len, self.reads), default=0))
        reads = np.full((len(self.own) + 2, k), inputs[0], np.int64)
        table = np.zeros(len(self.own) + 2, np.uint64)
        table[1] = tables.ones(k)
        sizes = np.array([0, 0, *map(len, self.reads)], np.int64)
        given = np.array([0, 0, *self.table], np.uint64)
        for size in range(k + 1):
            here = np.flatnonzero(sizes == size)
            here = here[here >= 2]
            if len(here):
                flat = [bit for place in ints(here) for bit in self.reads[place - 2]]
                reads[here, :size] = np.array(flat, np.int64).reshape(len(here), size)
                table[here] = tables.widen(given[here], size, k)
        own = np.array([*inputs, _ZERO, _ONE, *self.own], np.int64)
        wanted = np.array(outputs, np.int64)
        known, number = np.unique(own, return_index=True)
        self._check(own, known, len(inputs))
        self._check_driven(known, reads, wanted, names)
        fanin = number[np.searchsorted(known, reads)]
        ends = number[np.searchsorted(known, wanted)]
        try:
            order = ordered(len(inputs), fanin)
        except CycleError as error:
            shown = [repr(self.title[gate - 2][:40]) for gate in error.gates[:8]]
            raise InputError(
                f"cells wait for one another: {' reads '.join([*shown, shown[0]])}"
                if len(shown) == len(error.gates)
                else f"cells wait for one another: {' reads '.join(shown)} …",
                where=self.where,
                hint="a circuit without memory has no cycles",
            ) from None
        if order is not None:
            place = np.arange(len(own))
            place[len(inputs) + order] = len(inputs) + np.arange(len(order))
            fanin, table, ends = place[fanin[order]], table[order], place[ends]
        return Netlist(len(inputs), table, fanin.astype(np.int32), ends.astype(np.int32))

    def _check(self, own: Ints, known: Ints, inputs: int) -> None:
        if len(known) < len(own):
            order = np.argsort(own, kind="stable")
            i = int(order[np.flatnonzero(np.diff(own[order]) == 0) + 1].min())
            cell = i - inputs - 2
            place = f", cell {self.title[cell][:60]}" if cell >= 0 else ""
            raise InputError(f"bit {own[i]} has a second driver", where=self.where + place)

    def _check_driven(self, known: Ints, reads: Ints, wanted: Ints, names: list[str]) -> None:
        for read, cells in ((reads, True), (wanted, False)):
            missing = ~np.isin(read, known)
            if missing.any():
                i = int(missing.argmax())
                place = f"cell {self.title[i // read.shape[1] - 2][:60]}" if cells else (
                    f"port {names[i][:60]}"
                )  # fmt: skip
                raise InputError(
                    f"bit {read.flat[i]} is read, but nothing drives it",
                    where=f"{self.where}, {place}",
                    hint="was a cell left out, or is an input of the design not connected?",
                )
