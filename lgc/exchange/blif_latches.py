"""Latches of BLIF: ``.latch next own [edge clock] [start]``, all of one clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnsupportedError
from .circuit import UNKNOWN
from .words import Words

Ints = NDArray[np.int64]

_EDGES = ("re", "fe")
_LEVELS = ("ah", "al", "as")
_START = {"0": 0, "1": 1, "2": UNKNOWN, "3": UNKNOWN}


@dataclass(frozen=True, eq=False)
class Latches:
    """Latches in the order of the file.

    Attributes:
        own, following: int64 ``(n,)``, symbols of each and of its next value.
        initial: int8 ``(n,)``, 0, 1 or `UNKNOWN`.
        clock: its symbol, or -1.
    """

    own: Ints
    following: Ints
    initial: NDArray[np.int8]
    clock: int

    def __len__(self) -> int:
        return len(self.own)

    def without_clock(self, inputs: Ints, read: Ints) -> Ints:
        """The inputs without the clock, which is none of a step, unless gates read it."""
        return inputs[(inputs != self.clock) | np.isin(inputs, read)]


def find_latches(words: Words, statements: Ints, where: str) -> Latches:
    """Read the statements that are latches.

    Raises:
        InputError: one has too few or too many words, or starts with something else.
        UnsupportedError: latches open by level, or not all at the same edge of the same clock.
    """
    own: list[int] = []
    following: list[int] = []
    initial: list[int] = []
    clocks: dict[tuple[str, int], int] = {}
    for at in statements.tolist():
        begin, end = int(words.begin[at]) + 1, int(words.begin[at + 1])
        symbols = words.symbol[begin:end].tolist()
        texts = [words.text(symbol) for symbol in symbols[2:]]
        line = f"{where}, line {words.line[at]}"
        start = texts.pop() if len(texts) in (1, 3) else "3"
        if len(symbols) < 2 or len(texts) not in (0, 2) or start not in _START:
            raise InputError(
                ".latch has what comes next, its own name, edge and clock, and what it starts with",
                where=line,
                hint="such as: .latch next q re clk 0; 3 is an unknown start",
            )
        if texts and texts[0] in _LEVELS:
            raise UnsupportedError(
                f"the latch is open by level ({texts[0]}), not at an edge",
                where=line,
                hint="a step is one edge of a clock: re or fe",
            )
        if texts and texts[0] not in _EDGES:
            raise InputError(f"{texts[0]!r} is no edge", where=line, hint="re or fe")
        if texts:
            clocks.setdefault((texts[0], symbols[3]), int(words.line[at]))
        if len(clocks) > 1:
            raise UnsupportedError(
                "a second clock, or the other edge of it",
                where=line,
                hint="a step is one edge of one clock, at which all latches change",
            )
        following.append(symbols[0])
        own.append(symbols[1])
        initial.append(_START[start])
    clock = next((symbol for _, symbol in clocks), -1)
    if clock >= 0 and words.text(clock) == "NIL":
        clock = -1
    return Latches(
        np.array(own, np.int64), np.array(following, np.int64), np.array(initial, np.int8), clock
    )
