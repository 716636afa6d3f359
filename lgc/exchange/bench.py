"""BENCH, the text form of the ISCAS circuits, and ABC's with tables: ``y = LUT 0x8 ( a, b )``.

Format: Brglez, Fujiwara, "A neutral netlist of 10 combinational benchmark circuits", ISCAS 1985.
The bits of a LUT count from the lowest; the first name is the lowest bit of the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..errors import InputError, UnsupportedError
from ..netlist import Netlist
from ..surgery import arity, tidy
from .circuit import NO_MEMORY, Circuit
from .connecting import NONE, Gates, Signals, connect, signals
from .spelling import Vocabulary
from .trees import Parts
from .words import Words, split

Ints = NDArray[np.int64]

_AND, _OR, _XOR = range(3)
_GATES = {
    "AND": (_AND, 0), "NAND": (_AND, 1), "OR": (_OR, 0), "NOR": (_OR, 1), "XOR": (_XOR, 0),
    "XNOR": (_XOR, 1), "BUF": (_AND, 0), "BUFF": (_AND, 0), "NOT": (_AND, 1), "INV": (_AND, 1),
}  # fmt: skip
"""What joins the fan-ins, and whether it is complemented."""
_SINGLE = ("BUF", "BUFF", "NOT", "INV")
_CONSTANTS = {"gnd": 0, "vdd": 1}
_ALLOWED = re.compile(r"[^\s#(),=\x00]+")
_FORMS = "INPUT(a), OUTPUT(y), y = AND(a, b), y = LUT 0x8 ( a, b ), y = vdd"
_HEX = re.compile(r"0[xX]([0-9a-fA-F]{1,16})")


def is_bench(head: bytes) -> bool:
    """Whether a file that starts so is BENCH."""
    start = rb"(INPUT|OUTPUT)[ \t]*\([^()\n]*\)|[^\s#(),=]+[ \t]*=[ \t]*[A-Za-z]+[ \t]*\("
    return re.match(rb"(\s|#[^\n]*\n)*(" + start + rb")", head, re.IGNORECASE) is not None


def read_bench(data: bytes, where: str) -> Circuit:
    """Read a file.

    Raises:
        InputError: the file is damaged; the message names the line.
        UnsupportedError: it holds flip-flops or tables of more than six inputs.
    """
    words = split(data, b"=(),")
    sizes, head = words.sizes, words.begin[:-1]
    mark = {text: _symbol(words, text) for text in "=(),"}
    second = np.where(sizes > 1, words.symbol[head + (sizes > 1)], NONE)
    gate = np.flatnonzero(second == mark["="])
    port = np.flatnonzero(second != mark["="])
    good = (sizes[port] == 4) & (second[port] == mark["("])
    good[good] &= words.symbol[head[port[good]] + 3] == mark[")"]
    kinds = {"INPUT": 0, "OUTPUT": 1}
    known = np.array([kinds.get(text, NONE) for text in _upper(words, words.symbol[head[port]])])
    _expect(words, port, good & (known != NONE), where)
    inputs, outputs = (
        words.symbol[head[port[known == kind]] + 2] if len(port) else port for kind in (0, 1)
    )
    line = int(words.line[port[known == 1][0]]) if (known == 1).any() else 1
    return connect(words, inputs, outputs, line, _gates(words, gate, mark, where), where)


def _symbol(words: Words, text: str) -> int:
    """The symbol of a word; one that no word has where it is nowhere."""
    found = words.letters(words.first) == ord(text)
    return int(found.argmax()) if found.any() else -2


def _upper(words: Words, symbols: Ints) -> list[str]:
    """Each symbol as text in capitals; every distinct one is spelled once."""
    distinct, which = np.unique(symbols, return_inverse=True)
    text = [words.text(symbol).upper() for symbol in distinct.tolist()]
    return [text[i] for i in which.tolist()]


def _expect(words: Words, statements: Ints, good: NDArray[np.bool_], where: str) -> None:
    if not good.all():
        at = int(statements[int((~good).argmax())])
        begin, end = int(words.begin[at]), int(words.begin[at + 1])
        text = " ".join(words.texts(words.symbol[begin : min(end, begin + 12)]))
        raise InputError(
            f"{text[:60]!r} is no line of a BENCH file",
            where=f"{where}, line {words.line[at]}",
            hint=f"lines are {_FORMS}",
        )


def _gates(words: Words, gate: Ints, mark: dict[str, int], where: str) -> Gates:
    sizes, head = words.sizes[gate], words.begin[gate]
    _expect(words, gate, sizes >= 3, where)
    kind, inverse = np.unique(words.symbol[head + 2], return_inverse=True)
    names = [words.text(symbol) for symbol in kind.tolist()]
    for i, name in enumerate(names):
        if name.upper() in ("DFF", "DFFRSE", "LATCH"):
            at = words.line[gate[int((inverse == i).argmax())]]
            raise UnsupportedError(
                f"{name} is a register", where=f"{where}, line {at}", hint=NO_MEMORY
            )
    is_lut = np.array([name.upper() == "LUT" for name in names], np.bool_)[inverse]
    constant = np.array([name.lower() in _CONSTANTS for name in names], np.bool_)[inverse]
    known = np.array([name.upper() in _GATES for name in names], np.bool_)[inverse]
    single = np.array([name.upper() in _SINGLE for name in names], np.bool_)[inverse]
    base = 4 + is_lut  # words before the first fan-in
    reads = np.where(constant, 0, (sizes - base) // 2)
    paired = ((sizes - base) % 2 == 0) & (reads >= 1)
    good = (constant & (sizes == 3)) | (~constant & paired)
    good &= (constant | is_lut | known) & (~single | (reads == 1))
    _expect(words, gate, good, where)
    opened = words.symbol[head + np.where(constant, 0, base - 1)] == mark["("]
    _expect(words, gate, constant | opened, where)
    k = max(2, min(tables.MAX_FANIN, int(reads.max(initial=0))))
    fanin = np.full((len(gate), k), NONE, np.int64)
    longer, place = np.flatnonzero(reads > 0), 0
    while len(longer):
        word = head[longer] + base[longer] + 2 * place
        symbol, after = words.symbol[word], words.symbol[word + 1]
        wanted = np.where(reads[longer] == place + 1, mark[")"], mark[","])
        plain = ~np.isin(symbol, list(mark.values()))
        _expect(words, gate[longer], plain & (after == wanted), where)
        if place < k:
            fanin[longer, place] = symbol
        place += 1
        longer = longer[reads[longer] > place]
    _expect(words, gate, ~np.isin(words.symbol[head], list(mark.values())), where)
    table = _named_tables(names, k)[inverse, np.minimum(reads, k)]
    if is_lut.any():
        which = np.flatnonzero(is_lut)
        table[which] = _lut_tables(words, gate[which], reads[which], k, where)
        for n in range(2, k + 1):  # the last fan-in is the first of a table here
            some = which[reads[which] == n]
            fanin[some, :n] = fanin[some, n - 1 :: -1] if n == k else fanin[some][:, n - 1 :: -1]
    own = words.symbol[head]
    gates = Gates(own, fanin, table, words.line[gate])
    wide = reads > tables.MAX_FANIN
    return _with_wide(words, gates, head, reads, names, inverse, wide) if wide.any() else gates


def _named_tables(names: list[str], k: int) -> tables.Tables:
    """Table of each kind of gate over its first n of k fan-ins: uint64 ``(kinds, k + 1)``."""
    ones = tables.ones(k)
    found = np.zeros((len(names), k + 1), np.uint64)
    for row, name in enumerate(names):
        if name.lower() in _CONSTANTS:
            found[row] = ones * np.uint64(_CONSTANTS[name.lower()])
        kind, complement = _GATES.get(name.upper(), (_AND, 0))
        for n in range(1, k + 1):
            every = [tables.variable(k, i) for i in range(n)]
            join = (np.bitwise_and, np.bitwise_or, np.bitwise_xor)[kind]
            found[row, n] = join.reduce(np.array(every)) ^ (ones * np.uint64(complement))
    return found


def _lut_tables(words: Words, luts: Ints, reads: Ints, k: int, where: str) -> tables.Tables:
    symbol, inverse = np.unique(words.symbol[words.begin[luts] + 3], return_inverse=True)
    matches = [_HEX.fullmatch(words.text(one)) for one in symbol.tolist()]
    value = np.array([int(m[1], 16) if m is not None else 0 for m in matches], np.uint64)[inverse]
    good = np.array([m is not None for m in matches], np.bool_)[inverse]
    wide = reads > tables.MAX_FANIN
    if wide.any():
        at = int(wide.argmax())
        raise UnsupportedError(
            f"a LUT of {reads[at]} inputs is more than {tables.MAX_FANIN}",
            where=f"{where}, line {words.line[luts[at]]}",
            hint="map it to smaller ones first, for example with ABC: if -K 6",
        )
    size = np.int64(1) << reads
    good &= (size == 64) | (value >> np.minimum(size, 63).astype(np.uint64) == 0)
    if not good.all():
        at = int((~good).argmax())
        raise InputError(
            f"{words.shown(int(symbol[inverse[at]]))} is no table of {reads[at]} inputs",
            where=f"{where}, line {words.line[luts[at]]}",
            hint="a hexadecimal number such as 0x8, of one bit for each vector of inputs",
        )
    return _widened(_turned(value, reads), reads, k)


def _turned(table: tables.Tables, reads: Ints) -> tables.Tables:
    """The bits of tables of so many inputs in the opposite order."""
    for step, mask in enumerate(
        (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF,
         0x0000FFFF0000FFFF, 0x00000000FFFFFFFF)
    ):  # fmt: skip
        shift, low = np.uint64(1 << step), np.uint64(mask)
        table = ((table & low) << shift) | ((table >> shift) & low)
    return table >> (64 - (np.int64(1) << reads)).astype(np.uint64)


def _widened(table: tables.Tables, reads: Ints, k: int) -> tables.Tables:
    result = table.copy()
    for n in range(1, k + 1):
        result[reads == n] = tables.widen(table[reads == n], n, k)
    return result


def _with_wide(
    words: Words, gates: Gates, head: Ints, reads: Ints, names: list[str], kind: Ints,
    wide: NDArray[np.bool_],
) -> Gates:  # fmt: skip
    parts = Parts(words.symbols)
    for one in np.flatnonzero(wide).tolist():
        first = int(head[one]) + 4
        given = words.symbol[first : first + 2 * int(reads[one]) : 2].tolist()
        operation, complement = _GATES[names[int(kind[one])].upper()]
        join = (parts.all_of, parts.any_of, parts.parity)[operation]
        part = join([(symbol, False) for symbol in given])
        parts.define(int(gates.own[one]), part, bool(complement), int(gates.line[one]))
    return parts.replace(gates, wide)


_NAMED = {1: "AND", 2: "AND", 4: "AND", 7: "OR", 11: "OR", 13: "OR", 8: "NOR", 14: "NAND",
          6: "XOR", 9: "XNOR", 3: "BUFF", 12: "NOT"}  # fmt: skip
_INVERTED = {2: 1, 11: 1, 4: 0, 13: 0}
"""Which fan-in of a gate with that table is complemented first."""


def write_bench(circuit: Circuit) -> Iterator[bytes]:
    """The circuit in pieces of a file: ISCAS gates where no gate has more than two fan-ins."""
    given = circuit.ports(_ALLOWED)
    net = tidy(circuit.net)
    for line in circuit.comment.splitlines():
        yield f"# {line}\n".encode()
    for kind, names in (("INPUT", given.inputs), ("OUTPUT", given.outputs)):
        yield "".join(f"{kind}({name})\n" for name in names).encode()
    vocabulary = Vocabulary()
    reads = arity(net)
    if int(reads.max(initial=0)) > 2:
        signal = signals(net, given, vocabulary, 0, "")
        yield from vocabulary.spell(_luts(net, reads, signal, vocabulary))
    else:
        net = _pairs(net)
        side = np.full(16, NONE)
        side[list(_INVERTED)] = list(_INVERTED.values())
        which = side[net.table.astype(np.int64)]
        through = np.where(which == NONE, NONE, net.fanin[np.arange(net.gates), which])
        inverted = np.unique(through[through != NONE])
        signal = signals(net, given, vocabulary, len(inverted), "")
        yield from vocabulary.spell(_iscas(net, reads, signal, which, inverted, vocabulary))
    opened, closed = vocabulary.add([b" = BUFF(", b")\n"]).tolist()
    copies = np.full((len(signal.copies), 4), opened, np.int64)
    copies[:, 0] = signal.outputs[signal.copies[:, 0]]
    copies[:, 2], copies[:, 3] = signal.net[signal.copies[:, 1]], closed
    yield from vocabulary.spell(copies.ravel())


def _pairs(net: Netlist) -> Netlist:
    """The same tidy netlist with two fan-ins a gate."""
    if net.k == 1:
        return Netlist(
            net.inputs, tables.widen(net.table, 1, 2), np.repeat(net.fanin, 2, axis=1), net.outputs
        )
    places = np.arange(4) << (net.k - 2)
    bits = (net.table[:, None] >> places.astype(np.uint64)) & np.uint64(1)
    table = (bits << np.arange(4, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
    return Netlist(net.inputs, table, net.fanin[:, :2], net.outputs)


def _iscas(
    net: Netlist, reads: Ints, signal: Signals, which: Ints, inverted: Ints, vocabulary: Vocabulary
) -> Ints:
    """Words of all gates, and of the inverters they need."""
    nothing, comma, closed, zero, one, inverter = vocabulary.add(
        [b"", b", ", b")\n", b" = gnd\n", b" = vdd\n", b" = NOT("]
    ).tolist()
    names = vocabulary.add([f" = {_NAMED.get(table, '')}(".encode() for table in range(16)])
    names[[0, 15]] = zero, one
    fanin = signal.net[net.fanin]
    for i in (0, 1):
        some = np.flatnonzero(which == i)
        fanin[some, i] = signal.spare[np.searchsorted(inverted, net.fanin[some, i])]
    text = np.full((net.gates, 6), nothing, np.int64)
    text[:, 0], text[:, 1] = signal.net[net.inputs :], names[net.table.astype(np.int64)]
    text[:, 2] = np.where(reads > 0, fanin[:, 0], nothing)
    text[:, 3] = np.where(reads > 1, comma, nothing)
    text[:, 4] = np.where(reads > 1, fanin[:, 1], nothing)
    text[:, 5] = np.where(reads > 0, closed, nothing)
    extra = np.full((len(inverted), 4), inverter, np.int64)
    extra[:, 0], extra[:, 2], extra[:, 3] = signal.spare, signal.net[inverted], closed
    return np.concatenate([text.ravel(), extra.ravel()])


def _luts(net: Netlist, reads: Ints, signal: Signals, vocabulary: Vocabulary) -> Ints:
    """Words of all gates as tables; the last fan-in stands first."""
    nothing, comma, closed = vocabulary.add([b"", b", ", b" )\n"]).tolist()
    kinds, kind = np.unique(net.table, return_inverse=True)
    width = np.zeros(len(kinds), np.int64)
    width[kind] = reads
    heads = vocabulary.add(
        [_head(table, net.k, fewer) for table, fewer in zip(kinds.tolist(), width.tolist())]
    )
    text = np.full((net.gates, 2 * net.k + 2), nothing, np.int64)
    text[:, 0], text[:, 1] = signal.net[net.inputs :], heads[kind]
    for i in range(net.k):
        there = reads > i
        place = 2 * (reads[there] - 1 - i) + 2
        text[there, place] = signal.net[net.fanin[there, i]]
        text[there, place + 1] = comma if i else closed
    return text.ravel()


def _head(table: int, k: int, reads: int) -> bytes:
    if not reads:
        return b" = vdd\n" if table else b" = gnd\n"
    step = 1 << (k - reads)
    bits = [table >> (bit * step) & 1 for bit in range(1 << reads)]
    if reads == 1:
        return b" = BUFF( " if bits == [1, 0] else b" = NOT( "
    return f" = LUT {sum(bit << i for i, bit in enumerate(reversed(bits))):#x} ( ".encode()
