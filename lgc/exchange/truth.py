"""Truth tables as text: a line of 2**n digits for each output, as ABC and the IWLS contests do.

The first digit is the value where all inputs are 1, the last where all are 0; input 0 is the lowest
bit of the index, so that 1000 is the conjunction of two inputs. Hexadecimal digits stand for four.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UsageError
from .circuit import Circuit, check_ports
from .decisions import decided

SUFFIXES = (".tt", ".truth")
FEW = 8
"""Digits of 0 and 1 alone that could as well be hexadecimal."""

_ORDER = "a line of 2**n digits for each output, such as 1000 for the conjunction of two inputs"


def is_truth(head: bytes) -> bool:
    """Whether a file that starts so holds truth tables of binary digits, or with 0x before them."""
    text = re.sub(rb"(\A|\n)\s*#[^\n]*", b"", head).lstrip()
    line, end, _ = text.partition(b"\n")
    if end:
        match = re.fullmatch(rb"(0[xX](?P<hex>[0-9a-fA-F]+)|[01]{4,})", line.strip())
        size = len(match["hex"] or match[0]) if match is not None else 3
        return size.bit_count() == 1
    return len(line) > 64 and re.fullmatch(rb"[01]+\s*", line) is not None


def read_truth(data: bytes, where: str, bits: int | None = None) -> Circuit:
    """Read all outputs.

    Args:
        bits: inputs, where they are known; short tables of 0 and 1 do not say.

    Raises:
        InputError: lines differ in length, or hold something else.
        UsageError: the tables may be binary or hexadecimal.
    """
    lines, at = _lines(data, where)
    if not lines:
        raise InputError("there is no table", where=where, hint=_ORDER)
    each = _digit_bits(lines, bits, where)
    if any(len(line) != len(lines[0]) for line in lines):
        odd = next(i for i, line in enumerate(lines) if len(line) != len(lines[0]))
        raise InputError(
            f"{len(lines[odd])} digits where the first table has {len(lines[0])}",
            where=f"{where}, line {at[odd]}",
            hint=_ORDER,
        )
    size = each * len(lines[0])
    if size.bit_count() != 1:
        raise InputError(
            f"a table of {size} values is none of whole inputs: 2, 4, 8, 16 and so on are",
            where=f"{where}, line {at[0]}",
            hint=_ORDER,
        )
    inputs = size.bit_length() - 1
    check_ports(inputs, len(lines), where)
    if bits not in (None, inputs):
        raise InputError(
            f"a table of {size} values has {inputs} inputs, not {bits}",
            where=where,
            hint="are --inputs and --input right?",
        )
    return Circuit(decided(np.stack([_values(line, each) for line in lines])))


def _lines(data: bytes, where: str) -> tuple[list[bytes], list[int]]:
    """The digits of each table, without 0x where all have it, and where they stand."""
    found: list[bytes] = []
    at: list[int] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.partition(b"#")[0].strip().lower()
        if not text:
            continue
        if re.fullmatch(rb"(0x)?[0-9a-f]+", text) is None:
            raise InputError(
                f"{text[:20].decode('latin1')!r} is no table",
                where=f"{where}, line {number}",
                hint=_ORDER,
            )
        found.append(text)
        at.append(number)
    return found, at


def _digit_bits(lines: list[bytes], bits: int | None, where: str) -> int:
    """How many values a digit is, 1 or 4; takes 0x off the lines."""
    marked = [line.startswith(b"0x") for line in lines]
    if all(marked):
        lines[:] = [line[2:] for line in lines]
        return 4
    if any(marked) or any(re.fullmatch(rb"[01]+", line) is None for line in lines):
        if any(marked):
            raise InputError("some tables have 0x before them and some have not", where=where)
        return 4
    digits = len(lines[0])
    if bits is not None:
        return 4 if 4 * digits == 1 << bits else 1
    if sum(map(len, lines)) < FEW:
        raise UsageError(
            f"{lines[0].decode()!r} may be {digits} values or {4 * digits}, in hexadecimal",
            where=where,
            hint="--inputs says how many inputs there are; 0x before the digits does as well",
        )
    return 1


def _values(line: bytes, each: int) -> NDArray[np.bool_]:
    """The values of a table by index, bool ``(2**n,)``."""
    digits = np.frombuffer(line, np.uint8)[::-1]
    if each == 1:
        return digits == ord("1")
    number = np.where(digits >= ord("a"), digits - ord("a") + 10, digits - ord("0"))
    return np.unpackbits(number[:, None], axis=1, count=8, bitorder="little")[:, :4].ravel() > 0
