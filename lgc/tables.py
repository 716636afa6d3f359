"""Truth tables: the names of the sixteen two-input gates and bit tricks on arrays of tables.

A table of a k-input gate is an integer of ``2**k`` bits. The first fan-in is the most significant
bit of the index, and index 0 is the *highest* bit of the table: bit ``2**k - 1 - index`` is
``f(index)``. For k = 2 the table therefore equals difflogic's gate number.

Every function here works on ``uint64`` scalars and arrays alike and keeps their shape.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Tables = NDArray[np.uint64]
Word = TypeVar("Word", Tables, np.uint64)
"""One table or an array of them."""

MAX_FANIN = 6
"""Widest gate: its table fills one 64-bit word."""

EXPRESSIONS = (
    "0", "a&b", "a&~b", "a", "~a&b", "b", "a^b", "a|b",
    "~(a|b)", "~(a^b)", "~b", "a|~b", "~a", "~a|b", "~(a&b)", "1",
)  # fmt: skip
"""What a two-input gate computes, indexed by its table."""

TABLE_OF_EXPRESSION = {text: np.uint64(table) for table, text in enumerate(EXPRESSIONS)}


@cache
def ones(k: int) -> np.uint64:
    """The table of the constant 1 with ``k`` fan-ins."""
    return np.uint64((1 << (1 << k)) - 1)


@cache
def variable(k: int, i: int) -> np.uint64:
    """The table of ``f(x) = x[i]`` with ``k`` fan-ins."""
    place = k - 1 - i
    return np.uint64(sum(1 << bit for bit in range(1 << k) if not bit >> place & 1))


def _stride(k: int, i: int) -> np.uint64:
    return np.uint64(1 << (k - 1 - i))


def flip(table: Word, k: int, i: int) -> Word:
    """The table with fan-in ``i`` complemented."""
    mask, stride = variable(k, i), _stride(k, i)
    return ((table & mask) << stride) | ((table >> stride) & mask)


def cofactor(table: Word, k: int, i: int, value: int) -> Word:
    """The table with fan-in ``i`` held at ``value``; it no longer depends on ``i``."""
    mask, stride = variable(k, i), _stride(k, i)
    half = table & mask if value else (table >> stride) & mask
    return half | (half << stride)


def identify(table: Word, k: int, i: int, j: int) -> Word:
    """The table with fan-in ``j`` replaced by fan-in ``i``; it no longer depends on ``j``."""
    mask = variable(k, i)
    return (cofactor(table, k, j, 1) & mask) | (cofactor(table, k, j, 0) & ~mask)


def swap(table: Word, k: int, i: int, j: int) -> Word:
    """The table with fan-ins ``i < j`` exchanged."""
    # Only entries with x[i] != x[j] move: delta swap between (0, 1) and (1, 0).
    low = variable(k, i) & ~variable(k, j) & ones(k)  # x[i] = 1, x[j] = 0
    stride = _stride(k, i) - _stride(k, j)
    delta = ((table >> stride) ^ table) & low
    return table ^ delta ^ (delta << stride)


def depends(table: Tables | np.uint64, k: int, i: int) -> NDArray[np.bool_]:
    """Whether the table depends on fan-in ``i``."""
    mask, stride = variable(k, i), _stride(k, i)
    return ((table ^ (table >> stride)) & mask) != 0


def widen(table: Word, k: int, wider: int) -> Word:
    """The same function with ``wider - k`` unused fan-ins appended."""
    copies = 1 << (wider - k)
    spread = table & np.uint64(0)
    for bit in range(1 << k):
        block = np.uint64(((1 << copies) - 1) << (bit * copies))
        spread = spread | ((table >> np.uint64(bit)) & np.uint64(1)) * block
    return spread


def narrow(table: Word, k: int, fewer: int) -> Word:
    """The table over the first ``fewer`` fan-ins, where it depends on no others."""
    copies = 1 << (k - fewer)
    result = table & np.uint64(0)
    for bit in range(1 << fewer):
        result = result | ((table >> np.uint64(bit * copies)) & np.uint64(1)) << np.uint64(bit)
    return result


def kinds() -> tuple[frozenset[int], frozenset[int]]:
    """The two-input tables of AND type (one or three ones) and of XOR type (6 and 9)."""
    return frozenset({1, 2, 4, 7, 8, 11, 13, 14}), frozenset({6, 9})
