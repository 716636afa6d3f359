"""A netlist with the names of its inputs and outputs, and registers: what a circuit file holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnsupportedError
from ..netlist import Netlist

Names = tuple[str, ...]

MOST_INPUTS = 1 << 24
"""More are refused: a few bytes of a damaged file could ask for any number."""

NO_MEMORY = "BLIF and AIGER say what registers start with; or cut the circuit there, and --state"


UNKNOWN = 2
"""In place of the value that a register starts with."""


@dataclass(frozen=True, eq=False)
class Registers:
    """Registers of a circuit: the last inputs of its netlist, fed by its last outputs.

    Attributes:
        initial: int8 ``(n,)``, what each holds before the first step, `UNKNOWN` where no file says.
        names: or None where the file gives none of its own.
    """

    initial: NDArray[np.int8]
    names: Names | None = None

    def __len__(self) -> int:
        return len(self.initial)


NO_REGISTERS = Registers(np.zeros(0, np.int8))


@dataclass(frozen=True, eq=False)
class Circuit:
    """What a circuit file says.

    Attributes:
        net: the circuit.
        inputs, outputs: names in order, or None where the file gives none of its own.
        comment: lines for people, without marks of any format.
        registers: what its last inputs and outputs are.
    """

    net: Netlist
    inputs: Names | None = None
    outputs: Names | None = None
    comment: str = ""
    registers: Registers = NO_REGISTERS

    def ports(self, allowed: re.Pattern[str]) -> Ports:
        """Names to write, see `ports`; those of registers stand behind the others on both sides."""
        net, count = self.net, len(self.registers)
        reads, gives = net.inputs - count, len(net.outputs) - count
        given = ports(self.inputs, self.outputs, reads, gives, allowed)
        if not count:
            return given
        taken = (*given.inputs, *given.outputs)
        own = _usable(self.registers.names, count, allowed, taken) or numbered("r", count, taken)
        following = numbered("next", count, (*taken, *own))
        ins, outs = (*given.inputs, *own), (*given.outputs, *following)
        return Ports(ins, outs, _stem("n", (*ins, *outs)))


def in_order(circuit: Circuit) -> Circuit:
    """The circuit with its registers by name, numbers in names by size."""
    registers, net, names = circuit.registers, circuit.net, circuit.registers.names
    if names is None:
        return circuit
    places: list[int] = sorted(range(len(names)), key=lambda place: _by_size(names[place]))
    order = np.array(places, np.int64)
    reads, gives = net.inputs - len(order), len(net.outputs) - len(order)
    number = np.arange(net.nets)
    number[reads + order] = reads + np.arange(len(order))
    outputs = np.concatenate([net.outputs[:gives], net.outputs[gives + order]])
    return replace(
        circuit,
        net=Netlist(net.inputs, net.table, number[net.fanin], number[outputs]),
        registers=Registers(registers.initial[order], tuple(names[place] for place in places)),
    )


def _by_size(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"([0-9]{1,18})", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def check_ports(inputs: int, outputs: int, where: str) -> None:
    """Refuse circuits that no netlist can be; registers count as inputs.

    Raises:
        UnsupportedError: nothing goes in, or nothing comes out.
        InputError: more goes in than could be meant.
    """
    for count, what in ((inputs, "inputs"), (outputs, "outputs")):
        if not count:
            raise UnsupportedError(
                f"the circuit has no {what}", where=where, hint="a model has at least one of each"
            )
    if inputs > MOST_INPUTS:
        raise InputError(
            f"{inputs} inputs are more than the {MOST_INPUTS} that lgc takes",
            where=where,
            hint="is the file damaged?",
        )


@dataclass(frozen=True)
class Ports:
    """Names to write: distinct, allowed by the format, none like those of inner nets.

    Attributes:
        stem: inner nets are called this and a number.
    """

    inputs: Names
    outputs: Names
    stem: str


def ports(
    inputs: Names | None, outputs: Names | None, reads: int, gives: int, allowed: re.Pattern[str]
) -> Ports:
    """The given names where a format can hold them all, else x0, x1, … and y0, y1, …

    Args:
        reads, gives: how many inputs and outputs there are.
        allowed: what a name may be.
    """
    ins = _usable(inputs, reads, allowed, ())
    if ins is None:
        ins = numbered("x", reads, outputs or ())
    outs = _usable(outputs, gives, allowed, ins)
    if outs is None:
        outs = numbered("y", gives, ins)
    return Ports(ins, outs, _stem("n", (*ins, *outs)))


def _usable(
    names: Names | None, count: int, allowed: re.Pattern[str], taken: Sequence[str]
) -> Names | None:
    if names is None or len(names) != count or len({*names, *taken}) != count + len(taken):
        return None
    return names if all(map(allowed.fullmatch, names)) else None


def numbered(stem: str, count: int, taken: Sequence[str] = ()) -> Names:
    """``x0 … x{count - 1}``, with another stem where names like these are taken."""
    stem = _stem(stem, taken)
    return tuple(f"{stem}{i}" for i in range(count))


def _stem(stem: str, taken: Sequence[str]) -> str:
    while any(name.startswith(stem) and name[len(stem) :].isdecimal() for name in taken):
        stem += "_"
    return stem


def own_names(names: Sequence[str], stem: str) -> Names | None:
    """The names, or None where they are those that lgc gives by itself."""
    plain = all(name == f"{stem}{i}" for i, name in enumerate(names))
    return None if plain else tuple(names)
