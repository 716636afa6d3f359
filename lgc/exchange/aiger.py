"""AIGER, binary (.aig) and ASCII (.aag): AND nodes and complements.

Format: Biere, "The AIGER And-Inverter Graph (AIG) Format Version 20071012", 2007, and Biere,
Heljanko, Wieringa, "AIGER 1.9 And Beyond", 2011, for the values that latches start with; its
properties are refused by name. Nodes are decoded by NumPy, all at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnsupportedError
from ..netlist import Netlist
from .ands import Ands, as_ands, netlist_of
from .circuit import Circuit, Names, Registers, check_ports, own_names
from .latches import NO_LATCHES, Latches, read_latches, write_latches
from .ordering import CycleError, ordered
from .spelling import spell_rows

Ints = NDArray[np.int64]

_HEADER = re.compile(rb"(aig|aag)((?: [0-9]{1,10}){5,9})\r?\n")
_PROPERTIES = ("bad states", "constraints", "justice properties", "fairness constraints")
_SYMBOL = re.compile(rb"([ilobcjf])([0-9]{1,10}) ([^\r\n]*)\r?")
_CUT = "the file is cut short, or its header wrong: fetch or write it again"
_LITERAL = 10
"""Most digits of a literal."""


def is_aiger(head: bytes) -> bool:
    """Whether a file that starts so is AIGER."""
    return re.match(rb"a[ai]g [0-9]", head) is not None


@dataclass(frozen=True)
class _Header:
    """``inputs`` are those of the netlist: latches stand behind the inputs of the file."""

    binary: bool
    most: int
    inputs: int
    latches: int
    outputs: int
    nodes: int


def read_aiger(data: bytes, where: str) -> Circuit:
    """Read either form; gates stay in the order of the file where it is topological.

    Raises:
        InputError: the file is damaged; the message names the node or line.
        UnsupportedError: it holds properties, or neither inputs nor latches, or no outputs.
    """
    match = _HEADER.match(data)
    if match is None:
        line = data[:40].split(b"\n")[0].decode("latin1")
        raise InputError(
            f"{line!r} is no header of an AIGER file",
            where=f"{where}, line 1",
            hint="aig M I L O A, five numbers: highest variable, inputs, latches, outputs, nodes",
        )
    header = _header(match, where)
    raw = np.frombuffer(data, np.uint8)[match.end() :]
    own = 2 * (header.inputs - header.latches + 1 + np.arange(header.latches))
    if header.binary:
        latches, used = read_latches(raw, header.latches, own, where, 2)
        outputs, length = _lines(raw[used:], header.outputs, 1, where, 2 + header.latches)
        reads, more = _deltas(raw[used + length :], header, where)
        used += length + more
        given = np.concatenate([outputs.ravel(), latches.following])
        net = _netlist(header, np.arange(header.inputs), reads, given, where, None)
        line = 0
    else:
        net, latches, used = _ascii(raw, header, where)
        line = 2 + header.inputs + header.outputs + header.nodes
    inputs, registers, outputs, comment = _symbols(raw[used:].tobytes(), header, where, line)
    return Circuit(net, inputs, outputs, comment, Registers(latches.initial, registers))


def _header(match: re.Match[bytes], where: str) -> _Header:
    numbers = [int(number) for number in match[2].split()]
    most, inputs, latches, outputs, nodes = numbers[:5]
    inputs += latches
    for count, what in zip(numbers[5:], _PROPERTIES):
        if count:
            raise UnsupportedError(
                f"the file holds {count} {what}, which is for model checkers",
                where=where,
                hint="take them out; outputs are what a model gives",
            )
    binary = match[1] == b"aig"
    if (most != inputs + nodes) if binary else (most < inputs + nodes):
        raise InputError(
            f"the highest variable is {most}, but there are {inputs} inputs and {nodes} nodes"
            if not latches
            else f"the highest variable is {most}, but there are {inputs - latches} inputs, "
            f"{latches} latches and {nodes} nodes",
            where=f"{where}, line 1",
            hint="is the file damaged?",
        )
    check_ports(inputs, outputs, where)
    if inputs + nodes > np.iinfo(np.int32).max // 2:
        raise InputError(f"{nodes} nodes are more than lgc takes", where=f"{where}, line 1")
    return _Header(binary, most, inputs, latches, outputs, nodes)


def _lines(
    raw: NDArray[np.uint8], count: int, width: int, where: str, line: int
) -> tuple[Ints, int]:
    """So many lines of ``width`` literals: int64 ``(count, width)``, and the bytes they take."""
    window = raw[: count * width * (_LITERAL + 2)]
    ends = np.flatnonzero((window < 48) | (window > 57))[: count * width]
    if len(ends) and (window[ends] == 13).any():
        raise InputError(
            "lines end in two characters, as on Windows",
            where=where,
            hint="AIGER lines end in one: convert the file",
        )
    lengths = np.diff(ends, prepend=-1) - 1
    expected = np.where(np.arange(len(ends)) % width == width - 1, 10, 32)
    good = (lengths >= 1) & (lengths <= _LITERAL) & (window[ends] == expected)
    if len(ends) < count * width or not good.all():
        at = int((~good).argmax()) if not good.all() else len(ends)
        raise InputError(
            f"{width} literals with a blank between were expected"
            if width > 1
            else "a line with one literal was expected",
            where=f"{where}, line {line + at // width}",
            hint=_CUT,
        )
    values = np.zeros(len(ends), np.int64)
    for place in range(int(lengths.max(initial=0))):
        there = lengths > place
        values[there] += (window[ends[there] - 1 - place].astype(np.int64) - 48) * 10**place
    return values.reshape(count, width), int(ends[-1]) + 1 if len(ends) else 0


def _deltas(raw: NDArray[np.uint8], header: _Header, where: str) -> tuple[Ints, int]:
    """Literals that the nodes read, int64 ``(n, 2)``, and the bytes they take.

    A number is written seven bits a byte, lowest first, the last byte below 128.
    """
    first = 2 * (header.inputs + 1)
    ends = np.flatnonzero(raw[: 10 * header.nodes] < 128)[: 2 * header.nodes]
    lengths = np.diff(ends, prepend=-1)
    long = lengths > 5
    if len(ends) < 2 * header.nodes or long.any():
        node = (int(long.argmax()) if long.any() else len(ends)) // 2
        what = "reads a number of more than five bytes" if long.any() else "is missing"
        raise InputError(
            f"node {node} of {header.nodes} {what}", where=f"{where}, binary part", hint=_CUT
        )
    value = np.zeros(len(ends), np.int64)
    for place in range(int(lengths.max(initial=0))):
        there = lengths > place
        byte = raw[ends[there] - lengths[there] + 1 + place].astype(np.int64)
        value[there] |= (byte & 127) << (7 * place)
    delta = value.reshape(-1, 2)
    own = first + 2 * np.arange(header.nodes)
    left = own - delta[:, 0]
    right = left - delta[:, 1]
    wrong = (delta[:, 0] < 1) | (right < 0)
    if wrong.any():
        node = int(wrong.argmax())
        raise InputError(
            f"node {node} of {header.nodes} reads itself or a literal below 0",
            where=f"{where}, binary part",
            hint="is the file damaged?",
        )
    return np.stack([left, right], axis=1), int(ends[-1]) + 1 if len(ends) else 0


def _ascii(raw: NDArray[np.uint8], header: _Header, where: str) -> tuple[Netlist, Latches, int]:
    line, used = 2, 0
    parts: list[Ints] = []
    latches = NO_LATCHES
    for count, width in (
        (header.inputs - header.latches, 1),
        (header.outputs, 1),
        (header.nodes, 3),
    ):
        if count * 2 * width > len(raw) - used:
            raise InputError(
                f"{count} lines are announced that do not fit into the file",
                where=f"{where}, line {line}",
                hint=_CUT,
            )
        values, length = _lines(raw[used:], count, width, where, line)
        parts.append(values)
        used, line = used + length, line + count
        if len(parts) == 1:
            latches, length = read_latches(raw[used:], header.latches, None, where, line)
            used, line = used + length, line + header.latches
    inputs = np.concatenate([parts[0].ravel(), latches.own])
    outputs, nodes = parts[1].ravel(), parts[2]
    defined = np.concatenate([inputs, nodes[:, 0]])
    at = np.concatenate([2 + np.arange(len(inputs)), line - len(nodes) + np.arange(len(nodes))])
    odd = (defined & 1 == 1) | (defined < 2) | (defined > 2 * header.most + 1)
    if odd.any():
        i = int(odd.argmax())
        raise InputError(
            f"literal {defined[i]} cannot be defined",
            where=f"{where}, line {at[i]}",
            hint=f"even literals from 2 to {2 * header.most} can",
        )
    order = np.argsort(defined, kind="stable")
    twice = np.flatnonzero(np.diff(defined[order]) == 0)
    if len(twice):
        i = int(order[twice + 1].min())
        raise InputError(
            f"literal {defined[i]} is defined for the second time", where=f"{where}, line {at[i]}"
        )
    reads = _renamed(nodes[:, 1:], defined, order, at[len(inputs) :, None], where)
    first_output = 2 + len(inputs) + np.arange(len(outputs))
    outputs = _renamed(outputs, defined, order, first_output, where)
    first_latch = 2 + len(inputs) - header.latches + np.arange(header.latches)
    following = _renamed(latches.following, defined, order, first_latch, where)
    given = np.concatenate([outputs, following])
    return _netlist(header, inputs, reads, given, where, nodes[:, 0]), latches, used


def _renamed(literals: Ints, defined: Ints, order: Ints, line: Ints, where: str) -> Ints:
    """Literals as if inputs and nodes were numbered in the order of the file."""
    place = np.searchsorted(defined, literals & ~1, sorter=order)
    found = order[np.minimum(place, len(order) - 1)]
    missing = (defined[found] != literals & ~1) & (literals > 1)
    if missing.any():
        i = int(missing.argmax())
        raise InputError(
            f"literal {literals.flat[i]} is read, but nothing defines it",
            where=f"{where}, line {np.broadcast_to(line, literals.shape).flat[i]}",
            hint="is the file damaged?",
        )
    return np.where(literals > 1, 2 + 2 * found + (literals & 1), literals)


def _netlist(
    header: _Header, inputs: Ints, reads: Ints, outputs: Ints, where: str, own: Ints | None
) -> Netlist:
    """The netlist of nodes in any order; ``own`` names them in messages."""
    if (outputs > 2 * header.most + 1).any():
        i = int((outputs > 2 * header.most + 1).argmax())
        raise InputError(
            f"output {i} is literal {outputs[i]}, the highest is {2 * header.most + 1}",
            where=where,
            hint="is the file damaged?",
        )
    if own is not None:
        try:
            order = ordered(header.inputs, (reads >> 1) - 1)
        except CycleError as error:
            names = " reads ".join(str(own[gate]) for gate in error.gates[:8])
            raise InputError(
                f"nodes wait for one another: {names} …",
                where=where,
                hint="a circuit without memory has no cycles",
            ) from None
        if order is not None:
            number = np.arange(header.inputs + 1 + header.nodes)
            number[header.inputs + 1 :][order] = header.inputs + 1 + np.arange(header.nodes)
            reads, outputs = (
                2 * number[part >> 1] + (part & 1) for part in (reads[order], outputs)
            )
    return netlist_of(header.inputs, reads, outputs)


def _symbols(
    data: bytes, header: _Header, where: str, line: int
) -> tuple[Names | None, Names | None, Names | None, str]:
    """Names of inputs, latches, outputs, and the comment; ``line`` is that of the first symbol."""
    names: dict[str, dict[int, str]] = {"i": {}, "l": {}, "o": {}}
    counts = {
        "i": header.inputs - header.latches, "l": header.latches, "o": header.outputs,
    }  # fmt: skip
    start, comment = 0, ""
    while start < len(data):
        end = data.find(b"\n", start)
        text = data[start : len(data) if end < 0 else end]
        start += len(text) + 1
        if text in (b"c", b"c\r"):
            comment = data[start:].decode("utf-8", "replace").rstrip()
            break
        match = _SYMBOL.fullmatch(text)
        kind = match[1].decode() if match is not None else ""
        place = f"{where}, symbols" if header.binary else f"{where}, line {line}"
        if match is None or kind not in names or int(match[2]) >= counts[kind]:
            raise InputError(
                f"{text[:40].decode('latin1')!r} names no input or output",
                where=place,
                hint="a symbol is i0 NAME or o0 NAME; a line with c alone starts the comment",
            )
        if int(match[2]) in names[kind]:
            raise InputError(f"{kind}{int(match[2])} has a second name", where=place)
        names[kind][int(match[2])] = match[3].decode("utf-8", "replace")
        line += 1
    inputs, latches, outputs = (_complete(names[kind], counts[kind], kind) for kind in "ilo")
    return inputs, latches, outputs, comment


def _complete(names: dict[int, str], count: int, kind: str) -> Names | None:
    stem = {"i": "x", "l": "r", "o": "y"}[kind]
    if not names:
        return None
    return own_names([names.get(i, f"{stem}{i}") for i in range(count)], stem)


def write_aiger(circuit: Circuit, binary: bool) -> Iterator[bytes]:
    """The circuit as AND nodes, in pieces of a file."""
    ands = as_ands(circuit.net)
    latches = len(circuit.registers)
    most, outputs = ands.inputs + ands.nodes, len(ands.outputs) - latches
    kind, inputs = "aig" if binary else "aag", ands.inputs - latches
    yield f"{kind} {most} {inputs} {latches} {outputs} {ands.nodes}\n".encode()
    own = 2 * (ands.inputs + 1 + np.arange(ands.nodes))
    if not binary:
        yield from spell_rows(b"%d\n", 2 + 2 * np.arange(inputs)[:, None])
    registers = 2 + 2 * np.arange(inputs, ands.inputs)
    following, initial = ands.outputs[outputs:], circuit.registers.initial
    yield write_latches(registers, following, initial, binary)
    yield from spell_rows(b"%d\n", ands.outputs[:outputs, None])
    if binary:
        yield _encoded(own, ands)
    else:
        yield from spell_rows(b"%d %d %d\n", np.stack([own, ands.left, ands.right], axis=1))
    for letter, names, count in (
        ("i", circuit.inputs, inputs),
        ("l", circuit.registers.names, latches),
        ("o", circuit.outputs, outputs),
    ):
        if names is not None and len(names) == count and "\n" not in "".join(names):
            yield "".join(f"{letter}{i} {name}\n" for i, name in enumerate(names)).encode()
    if circuit.comment:
        yield f"c\n{circuit.comment.rstrip()}\n".encode()


def _encoded(own: Ints, ands: Ands) -> bytes:
    delta = np.stack([own - ands.left, ands.left - ands.right], axis=1).ravel()
    lengths = np.ones(len(delta), np.int64)
    for place in range(1, 5):
        lengths += delta >= 1 << (7 * place)
    start = np.cumsum(lengths) - lengths
    result = np.zeros(int(lengths.sum()), np.uint8)
    for place in range(5):
        there = lengths > place
        more = np.where(lengths[there] > place + 1, 128, 0)
        result[start[there] + place] = (delta[there] >> (7 * place)) & 127 | more
    return result.tobytes()
