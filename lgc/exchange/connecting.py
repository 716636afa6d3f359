"""From named signals to numbered nets and back: what BLIF and BENCH have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..errors import InputError
from ..netlist import Netlist
from .circuit import Circuit, Ports, check_ports, own_names
from .ordering import CycleError, ordered
from .spelling import Vocabulary
from .words import Words

Ints = NDArray[np.int64]

NONE = -1
"""In place of a fan-in that a gate has not."""


@dataclass(frozen=True, eq=False)
class Gates:
    """Gates of a text file in its order.

    Attributes:
        own: int64 ``(n,)``, symbol that each defines.
        reads: int64 ``(n, k)``, symbols it reads, then `NONE`.
        table: uint64 ``(n,)`` over k fan-ins.
        line: int64 ``(n,)``, where it stands.
    """

    own: Ints
    reads: Ints
    table: tables.Tables
    line: Ints


def connect(
    words: Words, inputs: Ints, outputs: Ints, ports_line: int, gates: Gates, where: str
) -> Circuit:
    """The circuit of gates in any order; ``inputs`` and ``outputs`` are symbols.

    Symbols from ``words.symbols`` on are signals that stand for part of a gate.

    Raises:
        InputError: a signal has two definitions or none, or gates form a cycle.
    """
    check_ports(len(inputs), len(outputs), where)
    defined = np.concatenate([inputs, gates.own])
    line = np.concatenate([np.full(len(inputs), ports_line), gates.line])
    _check_once(words, defined, line, where)
    net = np.full(max(words.symbols, int(defined.max()) + 1), NONE, np.int64)
    net[defined] = np.arange(len(defined))
    reads = np.where(gates.reads == NONE, inputs[0], gates.reads)
    for read, at in ((reads, gates.line[:, None]), (outputs, np.array([ports_line]))):
        missing = net[read] == NONE
        if missing.any():
            i = int(missing.argmax())
            raise InputError(
                f"{words.shown(int(read.flat[i]))} is read, but nothing defines it",
                where=f"{where}, line {np.broadcast_to(at, read.shape).flat[i]}",
                hint="is the name spelled alike in both places?",
            )
    try:
        order = ordered(len(inputs), net[reads])
    except CycleError as error:
        names = [words.shown(int(gates.own[gate])) for gate in error.gates[:8]]
        raise InputError(
            f"signals wait for one another: {' reads '.join([*names, names[0]])}"
            if len(names) == len(error.gates)
            else f"signals wait for one another: {' reads '.join(names)} …",
            where=f"{where}, line {gates.line[error.gates[0]]}",
            hint="a circuit without memory has no cycles",
        ) from None
    table = gates.table
    if order is not None:
        reads, table = reads[order], table[order]
        net[gates.own[order]] = len(inputs) + np.arange(len(order))
    made = Netlist(len(inputs), table, net[reads].astype(np.int32), net[outputs].astype(np.int32))
    names = own_names(words.texts(inputs), "x"), own_names(words.texts(outputs), "y")
    return Circuit(made, *names)


def _check_once(words: Words, defined: Ints, line: Ints, where: str) -> None:
    order = np.argsort(defined, kind="stable")
    twice = np.flatnonzero(np.diff(defined[order]) == 0)
    if len(twice):
        i = int(order[twice + 1].min())
        raise InputError(
            f"{words.shown(int(defined[i]))} is defined for the second time",
            where=f"{where}, line {line[i]}",
        )


@dataclass(frozen=True, eq=False)
class Signals:
    """Names of nets as words to write.

    Attributes:
        net: int64 ``(nets,)``, word of each.
        spare: one word for each of ``spares`` further signals.
        copies: outputs that are no gate's own name, as ``(output, net)``.
        outputs: word of each output.
    """

    net: Ints
    spare: Ints
    copies: Ints
    outputs: Ints


def signals(net: Netlist, ports: Ports, vocabulary: Vocabulary, spares: int, lead: str) -> Signals:
    """Add the words of all signals, each behind ``lead``.

    A gate that is an output has the name of the first such output.
    """
    inputs = vocabulary.add([f"{lead}{name}".encode() for name in ports.inputs])
    outputs = vocabulary.add([f"{lead}{name}".encode() for name in ports.outputs])
    inner = vocabulary.add_numbered(f"{lead}{ports.stem}".encode(), net.gates + spares)
    word = np.concatenate([inputs, inner[: net.gates]])
    count = len(net.outputs)
    first = np.full(net.nets, count, np.int64)
    np.minimum.at(first, net.outputs, np.arange(count))
    named = np.flatnonzero((first < count) & (np.arange(net.nets) >= net.inputs))
    word[named] = outputs[first[named]]
    copied = (first[net.outputs] != np.arange(count)) | (net.outputs < net.inputs)
    copies = np.stack([np.flatnonzero(copied), net.outputs[copied].astype(np.int64)], axis=1)
    return Signals(word, inner[net.gates :], copies, outputs)
