"""Functions of up to six variables as words of 64 bits, in loops: each bit is a row of the table.

A word is a signed number, as `lgc.loops` wants it; its rows stand in the order of a table of six
variables.
"""

from __future__ import annotations

import numpy as np

from . import tables
from .loops import Row

WIDE = 6
"""Variables of a word."""

TOP = 1 << 63
"""For a number of 64 bits, x ⊕ TOP - TOP is the same number with its sign."""

VARIABLE = np.array([tables.variable(WIDE, i) for i in range(WIDE)], np.uint64).view(np.int64)
"""Rows where each variable is 1."""

DE_BRUIJN = 0x03F79D71B4CB0A89
POSITIVE = (1 << 63) - 1
BIT = np.zeros(64, np.int64)
"""Place of a bit that stands alone, by the top six bits of its product with `DE_BRUIJN`."""
for _place in range(64):
    BIT[((DE_BRUIJN << _place) & ((1 << 64) - 1)) >> 58] = _place


def signed(table: int) -> int:
    """A table of six variables as a word."""
    return (table ^ TOP) - TOP


def flipped(rows: int, i: int, variable: Row) -> int:
    """The rows with one variable complemented."""
    stride, mask = 1 << (WIDE - 1 - i), variable[i]
    return (((rows & mask) << stride | (rows >> stride & mask)) ^ TOP) - TOP


def cofactor(on: int, i: int, value: int, variable: Row) -> int:
    """A function with one variable held, over all rows."""
    stride, mask = 1 << (WIDE - 1 - i), variable[i]
    half = on & mask if value else on >> stride & mask
    return ((half | half << stride) ^ TOP) - TOP
