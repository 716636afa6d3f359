"""Latches of AIGER files: a line each, with what comes next and the value at the start."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .circuit import UNKNOWN

Ints = NDArray[np.int64]

_LITERAL = re.compile(rb"[0-9]{1,10}")
_CUT = "the file is cut short, or its header wrong: fetch or write it again"


@dataclass(frozen=True, eq=False)
class Latches:
    """Latches in the order of the file.

    Attributes:
        own, following: int64 ``(n,)``, literals of each and of its next value.
        initial: int8 ``(n,)``, 0, 1 or `UNKNOWN`.
    """

    own: Ints
    following: Ints
    initial: NDArray[np.int8]


NO_LATCHES = Latches(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int8))


def read_latches(
    raw: NDArray[np.uint8], count: int, own: Ints | None, where: str, line: int
) -> tuple[Latches, int]:
    """So many lines ``next [start]``, and the bytes they take.

    Args:
        own: literals of the latches; None where the lines begin with them.
        line: number of the first line.

    Raises:
        InputError: a line is none of a latch; a file that starts with a latch's own literal, which
            says that it may hold anything, gives `UNKNOWN`.
    """
    if not count:
        return NO_LATCHES, 0
    if 2 * count > len(raw):
        raise InputError(
            f"{count} latches are announced that do not fit into the file",
            where=f"{where}, line {line}",
            hint=_CUT,
        )
    first = 0 if own is not None else 1
    data = raw[: count * (first + 2) * 11].tobytes()
    used, rows = 0, np.zeros((count, first + 2), np.int64)
    for place in range(count):
        end = data.find(b"\n", used)
        parts = data[used : max(end, used)].split(b" ")
        good = end >= 0 and all(map(_LITERAL.fullmatch, parts))
        if not good or not first + 1 <= len(parts) <= first + 2:
            raise InputError(
                "a line of a latch was expected, its literal, the next one, what it starts with"
                if first
                else "a line of a latch was expected, the next literal and what it starts with",
                where=f"{where}, line {line + place}",
                hint=_CUT,
            )
        rows[place, : len(parts)] = [int(part) for part in parts]
        used = end + 1
    owned = rows[:, 0] if own is None else own
    start = rows[:, -1]
    wrong = (start > 1) & (start != owned)
    if wrong.any():
        place = int(wrong.argmax())
        raise InputError(
            f"a latch starts with {start[place]}, which is not 0, 1 or itself",
            where=f"{where}, line {line + place}",
            hint="is the file damaged?",
        )
    initial = np.where(start > 1, UNKNOWN, start).astype(np.int8)
    return Latches(owned, rows[:, first], initial), used


def write_latches(own: Ints, following: Ints, initial: NDArray[np.int8], binary: bool) -> bytes:
    """The lines; a value is left out where it is 0, as files from before version 1.9 have none."""
    lines: list[str] = []
    for latch, literal, start in zip(own.tolist(), following.tolist(), initial.tolist()):
        value = {0: "", 1: " 1"}.get(start, f" {latch}")
        lines.append(f"{literal}{value}\n" if binary else f"{latch} {literal}{value}\n")
    return "".join(lines).encode()
