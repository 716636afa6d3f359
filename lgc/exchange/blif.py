"""BLIF, Berkeley's text form: gates as covers of cubes, ``.names a b y`` and rows ``1- 1``.

Format: "Berkeley Logic Interchange Format (BLIF)", University of California, 1992. Other models
inside are refused by name; a circuit may have any number of fan-ins at a gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..covers import cover
from ..errors import InputError, UnsupportedError
from ..surgery import arity, tidy
from .blif_latches import find_latches
from .circuit import UNKNOWN, Circuit, Registers, check_ports, own_names
from .connecting import NONE, Gates, connect, signals
from .spelling import Vocabulary
from .trees import Part, Parts
from .words import Words, split

Ints = NDArray[np.int64]

_FLAT = "flatten the design first, for example with Yosys: flatten; or ABC"
_REFUSED = {
    ".mlatch": ("a latch of a library", "let the tool that wrote the file unmap it to .latch"),
    ".subckt": ("an instance of another model", _FLAT),
    ".gate": ("a gate of a library", "let the tool that wrote the file unmap it to .names"),
    ".exdc": ("don't-cares from outside", "take that part out of the file"),
    ".search": ("a reference to another file", _FLAT),
}
_IGNORED = {".default_input_arrival", ".area", ".delay", ".wire_load_slope", ".wire",
            ".input_arrival", ".default_output_required", ".output_required", ".input_drive",
            ".default_input_drive", ".output_load", ".default_output_load", ".max_input_load",
            ".default_max_input_load", ".attr", ".param", ".cname", ".clock"}  # fmt: skip
_ALLOWED = re.compile(r"[^\s#\\=\x00.][^\s#\\=\x00]*")
"""Names that all tools read; a backslash would join lines, a dot begin a command."""


def is_blif(head: bytes) -> bool:
    """Whether a file that starts so is BLIF."""
    return re.match(rb"(\s|#[^\n]*\n)*\.(model|inputs)\s", head) is not None


def read_blif(data: bytes, where: str) -> Circuit:
    """Read one model.

    Raises:
        InputError: the file is damaged; the message names the line.
        UnsupportedError: it holds latches of several clocks or none, instances of other models, or
            a second model.
    """
    words = split(data, joins=True)
    command = _commands(words, where)
    ports = {name: _listed(words, command, name) for name in (".inputs", ".outputs")}
    gates = _gates(words, command, where)
    at = np.flatnonzero(command == _CODES[".outputs"])
    line = int(words.line[at[0]]) if len(at) else 1
    inputs, outputs = ports[".inputs"], ports[".outputs"]
    latches = find_latches(words, np.flatnonzero(command == _CODES[".latch"]), where)
    if not len(latches):
        return connect(words, inputs, outputs, line, gates, where)
    inputs = latches.without_clock(inputs, np.concatenate([gates.reads.ravel(), outputs]))
    made = connect(
        words,
        np.concatenate([inputs, latches.own]),
        np.concatenate([outputs, latches.following]),
        line,
        gates,
        where,
    )
    if not len(outputs):
        check_ports(1, 0, where)
    return Circuit(
        made.net,
        own_names(words.texts(inputs), "x"),
        own_names(words.texts(outputs), "y"),
        "",
        Registers(latches.initial, own_names(words.texts(latches.own), "r")),
    )


_CODES = {".inputs": 1, ".outputs": 2, ".names": 3, ".model": 4, ".end": 5, ".latch": 6}
_ROW = 0
_OTHER = 7
_JOIN = "\\"


def _commands(words: Words, where: str) -> Ints:
    """What each statement is: a code of `_CODES`, or a row of a cover."""
    head = words.begin[:-1]
    dotted = words.letters(head) == ord(".")
    codes = np.zeros(words.symbols, np.int64)
    symbols, place = np.unique(words.symbol[head[dotted]], return_index=True)
    for symbol, at in zip(symbols.tolist(), place.tolist()):
        text = words.text(symbol)
        line = f"{where}, line {words.line[np.flatnonzero(dotted)[at]]}"
        if text in _REFUSED:
            what, hint = _REFUSED[text]
            raise UnsupportedError(f"{text} is {what}", where=line, hint=hint)
        if text not in _CODES and text not in _IGNORED:
            raise InputError(
                f"{words.shown(symbol)} is no command of BLIF",
                where=line,
                hint="a row of a cover begins with 0, 1 or -",
            )
        codes[symbol] = _CODES.get(text, _OTHER)
    command = np.where(dotted, codes[words.symbol[head]], _ROW)
    models = np.flatnonzero(command == _CODES[".model"])
    if len(models) > 1:
        raise UnsupportedError(
            f"{len(models)} models are in the file",
            where=f"{where}, line {words.line[models[1]]}",
            hint=_FLAT,
        )
    ends = np.flatnonzero(command == _CODES[".end"])
    return np.where(np.arange(len(command)) > ends[0], _OTHER, command) if len(ends) else command


def _listed(words: Words, command: Ints, name: str) -> Ints:
    """Symbols of all statements of one name, in order."""
    parts = [
        words.symbol[words.begin[at] + 1 : words.begin[at + 1]]
        for at in np.flatnonzero(command == _CODES[name]).tolist()
    ]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _gates(words: Words, command: Ints, where: str) -> Gates:
    heads = np.flatnonzero(command == _CODES[".names"])
    rows = np.flatnonzero(command == _ROW)
    sizes = words.sizes
    if (sizes[heads] < 2).any():
        at = heads[int((sizes[heads] < 2).argmax())]
        raise InputError(".names without a name", where=f"{where}, line {words.line[at]}")
    gate = np.searchsorted(heads, rows) - 1  # of each row
    last = np.maximum.accumulate(np.where(command == _ROW, -1, np.arange(len(command))))
    stray = (gate < 0) | (heads[np.maximum(gate, 0)] != last[rows]) if len(heads) else rows >= 0
    if stray.any():
        at = rows[int(stray.argmax())]
        row = words.shown(int(words.symbol[words.begin[at]]))
        raise InputError(
            f"{row} is a row without a .names before it",
            where=f"{where}, line {words.line[at]}",
            hint="a row of a cover belongs to the .names before it",
        )
    reads = sizes[heads] - 2
    value = _rows(words, rows, reads[gate], gate, len(heads), where)
    own = words.symbol[words.begin[heads + 1] - 1]
    narrow = reads <= tables.MAX_FANIN
    k = max(2, min(tables.MAX_FANIN, int(reads.max(initial=0))))
    some = narrow[gate]
    table = _tables(words, rows[some], reads[gate[some]], gate[some], len(heads), k)
    table = np.where(value == 0, table ^ tables.ones(k), table)
    fanin = np.full((len(heads), k), NONE, np.int64)
    for i in range(k):
        there = narrow & (reads > i)
        fanin[there, i] = words.symbol[words.begin[heads[there]] + 1 + i]
    gates = Gates(own, fanin, table, words.line[heads])
    return gates if narrow.all() else _with_wide(words, gates, heads, rows, gate, value, ~narrow)


def _rows(words: Words, rows: Ints, reads: Ints, gate: Ints, gates: int, where: str) -> Ints:
    """Check rows of covers; what each gate's rows say it is, 1 where it has none."""
    end = words.begin[rows + 1] - 1
    size = words.sizes[rows]
    good = (size == 1 + (reads > 0)) & (words.length[end] == 1)
    good &= (reads == 0) | (words.length[end - (reads > 0)] == reads)
    letter = words.letters(end)
    good &= (letter == ord("0")) | (letter == ord("1"))
    longer = np.flatnonzero(good & (reads > 0))
    place = 0
    while len(longer):
        cube = words.letters(words.begin[rows[longer]], place)
        good[longer] = (cube == ord("0")) | (cube == ord("1")) | (cube == ord("-"))
        place += 1
        longer = longer[good[longer] & (reads[longer] > place)]
    if not good.all():
        i = int((~good).argmax())
        raise InputError(
            f"a row of {reads[i]} places and a value was expected",
            where=f"{where}, line {words.line[rows[i]]}",
            hint="places are 0, 1 or -, the value 0 or 1, such as: 1-0 1",
        )
    value = np.ones(gates, np.int64)
    value[gate[::-1]] = letter[::-1] == ord("1")  # the first row decides
    mixed = value[gate] != (letter == ord("1"))
    if mixed.any():
        raise InputError(
            "rows with 0 and with 1 stand in one cover",
            where=f"{where}, line {words.line[rows[int(mixed.argmax())]]}",
            hint="a cover lists where the signal is 1, or where it is 0",
        )
    return value


def _tables(words: Words, rows: Ints, reads: Ints, gate: Ints, gates: int, k: int) -> tables.Tables:
    """The union of the cubes of each gate, as tables of k fan-ins; none is 0."""
    product = np.full(len(rows), tables.ones(k))
    for i in range(k):
        cube = np.where(reads > i, words.letters(words.begin[rows], i), 0)
        x = tables.variable(k, i)
        product &= np.where(cube == ord("1"), x, np.where(cube == ord("0"), ~x, tables.ones(k)))
    table = np.zeros(gates, np.uint64)
    if len(rows):
        first = np.flatnonzero(np.diff(gate, prepend=-1))
        table[gate[first]] = np.bitwise_or.reduceat(product, first)
    return table


def _with_wide(
    words: Words, gates: Gates, heads: Ints, rows: Ints, gate: Ints, value: Ints,
    wide: NDArray[np.bool_],
) -> Gates:  # fmt: skip
    """Covers of more than six places become gates that exclude and join."""
    parts = Parts(words.symbols)
    starts = np.searchsorted(gate, np.arange(len(heads) + 1))
    for one in np.flatnonzero(wide).tolist():
        begin = int(words.begin[heads[one]])
        names = words.symbol[begin + 1 : int(words.begin[heads[one] + 1]) - 1].tolist()
        cubes: list[Part] = []
        for row in rows[starts[one] : starts[one + 1]].tolist():
            word = int(words.begin[row])
            at = int(words.start[word])
            cube = words.data[at : at + int(words.length[word])].decode()
            literals = [(name, c == "0") for name, c in zip(names, cube) if c != "-"]
            cubes.append(parts.all_of(literals))
        parts.define(int(gates.own[one]), parts.any_of(cubes), value[one] == 0, gates.line[one])
    return parts.replace(gates, wide)


def write_blif(circuit: Circuit) -> Iterator[bytes]:
    """The circuit as one model, in pieces of a file."""
    given = circuit.ports(_ALLOWED)
    net = tidy(circuit.net)
    vocabulary = Vocabulary()
    nothing, names, buffer = vocabulary.add([b"", b".names", b"\n1 1\n"]).tolist()
    signal = signals(net, given, vocabulary, 0, " ")
    for line in circuit.comment.splitlines():
        yield f"# {line.replace(_JOIN, '/')}\n".encode()
    yield b".model lgc\n"
    registers = circuit.registers
    reads, gives = net.inputs - len(registers), len(net.outputs) - len(registers)
    for command, listed in ((".inputs", given.inputs[:reads]), (".outputs", given.outputs[:gives])):
        yield from _wrapped(command, listed)
    for own, following, start in zip(
        given.inputs[reads:], given.outputs[gives:], registers.initial.tolist()
    ):
        yield f".latch {following} {own} {3 if start == UNKNOWN else start}\n".encode()
    depends = arity(net)
    kinds, kind = np.unique(net.table, return_inverse=True)
    width = np.zeros(len(kinds), np.int64)
    width[kind] = depends
    covers = vocabulary.add(
        [_cover(table, net.k, fewer) for table, fewer in zip(kinds.tolist(), width.tolist())]
    )
    text = np.full((net.gates, net.k + 3), nothing, np.int64)
    text[:, 0] = names
    used = np.arange(net.k) < depends[:, None]
    text[:, 1 : net.k + 1] = np.where(used, signal.net[net.fanin], nothing)
    text[:, -2], text[:, -1] = signal.net[net.inputs :], covers[kind]
    yield from vocabulary.spell(text.ravel())
    copies = np.full((len(signal.copies), 4), names, np.int64)
    copies[:, 1], copies[:, 2] = (
        signal.net[signal.copies[:, 1]],
        signal.outputs[signal.copies[:, 0]],
    )
    copies[:, 3] = buffer
    yield from vocabulary.spell(copies.ravel())
    yield b".end\n"


def _wrapped(command: str, names: tuple[str, ...]) -> Iterator[bytes]:
    """A list of names on lines that people and tools with short buffers can read."""
    line = command
    for name in names:
        if len(line) + len(name) > 96 and line != command:
            yield f"{line} \\\n".encode()
            line = ""
        line += f" {name}"
    yield f"{line}\n".encode()


def _cover(table: int, k: int, reads: int) -> bytes:
    """Rows of a table that depends on its first fan-ins alone."""
    if not reads:
        return b"\n1\n" if table else b"\n"
    cubes, value = cover(table, k)
    return "".join(["\n", *(f"{cube[:reads]} {value}\n" for cube in cubes)]).encode()
