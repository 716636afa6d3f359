"""Text form of a netlist: ``in 2; %2 = a&~b %0 %1; out %2``.

Statements are separated by semicolons or line ends; ``//`` starts a comment. A gate names what
it computes (one of the sixteen expressions in a and b, or a hexadecimal table for any number of
fan-ins) and the nets it reads. Gates are numbered without gaps after the inputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from .errors import InputError
from .netlist import Netlist, NetlistError
from .tables import EXPRESSIONS, TABLE_OF_EXPRESSION

_GATE = re.compile(r"%([0-9]+)\s*=\s*(\S+)\s+((?:%[0-9]+\s*)+)")
_INPUTS = re.compile(r"in\s+([0-9]+)")
_OUTPUTS = re.compile(r"out((?:\s+%[0-9]+)+)")
_LARGEST = np.iinfo(np.int32).max


def print_netlist(net: Netlist, separator: str = "; ") -> str:
    """The netlist as text that `parse_netlist` reads back to an equal netlist."""
    return separator.join(statements(net))


def statements(net: Netlist) -> Iterator[str]:
    """The statements of `print_netlist`, one at a time."""
    yield f"in {net.inputs}"
    for number, (table, reads) in enumerate(
        zip(net.table.tolist(), net.fanin.tolist()), net.inputs
    ):
        function = EXPRESSIONS[int(table)] if net.k == 2 else f"{table:#x}"
        yield f"%{number} = {function} " + " ".join(f"%{read}" for read in reads)
    yield "out " + " ".join(f"%{net}" for net in net.outputs.tolist())


def parse_netlist(text: str) -> Netlist:
    """Read the text form.

    Raises:
        InputError: naming the statement (counted from 1) that is wrong.
    """
    inputs: int | None = None
    outputs: list[int] | None = None
    table: list[int] = []
    fanin: list[list[int]] = []
    for count, statement in enumerate(_split(text), 1):
        where = f"statement {count} ({_short(statement)})"
        if outputs is not None:
            raise InputError("nothing may follow the outputs", where=where)
        if inputs is None:
            match = _INPUTS.fullmatch(statement)
            if match is None:
                raise InputError("a netlist starts with its inputs", where=where, hint="in 2")
            inputs = _number(match[1], where)
        elif match := _OUTPUTS.fullmatch(statement):
            outputs = _numbers(match[1], where)
        elif match := _GATE.fullmatch(statement):
            _expect(_number(match[1], where), inputs + len(table), where)
            reads = _numbers(match[3], where)
            if fanin and len(reads) != len(fanin[0]):
                raise InputError(
                    f"this gate reads {len(reads)} nets, the first one {len(fanin[0])}",
                    where=where,
                    hint="all gates of a netlist have the same number of fan-ins",
                )
            table.append(_function(match[2], len(reads), where))
            fanin.append(reads)
        else:
            raise InputError(
                "not a gate or an output row",
                where=where,
                hint="%2 = a&~b %0 %1, or: out %2",
            )
    if inputs is None or outputs is None:
        raise InputError("the netlist ends before its outputs", hint="end it with: out %2")
    k = len(fanin[0]) if fanin else 2
    try:
        return Netlist(
            inputs,
            np.array(table, np.uint64),
            np.array(fanin, np.int32).reshape(-1, k),
            outputs,
        )
    except NetlistError as error:
        raise InputError(error.message, where="netlist text", hint=error.hint) from None


def _split(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for part in line.partition("//")[0].split(";"):
            if statement := part.strip():
                yield statement


def _short(statement: str) -> str:
    return statement if len(statement) <= 40 else statement[:37] + "…"


def _number(digits: str, where: str) -> int:
    if len(digits) > 10 or int(digits) > _LARGEST:
        raise InputError(f"{_short(digits)} is too large for a net number", where=where)
    return int(digits)


def _numbers(text: str, where: str) -> list[int]:
    return [_number(digits, where) for digits in re.findall(r"[0-9]+", text)]


def _expect(number: int, expected: int, where: str) -> None:
    if number != expected:
        raise InputError(
            f"gate %{number} stands where gate %{expected} is due",
            where=where,
            hint="gates are numbered in order, right after the inputs",
        )


def _function(text: str, k: int, where: str) -> int:
    if k == 2 and text in TABLE_OF_EXPRESSION:
        return int(TABLE_OF_EXPRESSION[text])
    if re.fullmatch(r"0x[0-9a-fA-F]{1,16}", text):
        return int(text, 16)
    known = ", ".join(EXPRESSIONS)
    raise InputError(
        f"{_short(text)!r} is not a gate of {k} fan-ins",
        where=where,
        hint=f"two fan-ins: {known}; any number: a hexadecimal table such as 0xe8",
    )
