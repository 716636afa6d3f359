"""NPN classes: functions of four inputs that differ in order and signs of inputs and in sign.

There are 222. Each is named by its smallest table; a table of all 65,536 functions says which
class a function belongs to, and how it comes from the class's smallest table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

INPUTS = 4
TABLES = 1 << (1 << INPUTS)


@dataclass(frozen=True, eq=False)
class Classes:
    """All functions of four inputs by class.

    A function f of class c is ``f(x) = smallest[c](y) ^ sign`` with ``y[i] = x[order[i]] ^
    phase[i]``, where ``order``, ``phase`` and ``sign`` are rows of f's transform.

    Attributes:
        smallest: int64 ``(222,)``, the table that stands for each class, ascending.
        number: int64 ``(65536,)``, the class of each function.
        transform: int64 ``(65536,)``, a row of the arrays below.
        order: int64 ``(768, 4)``.
        phase: int64 ``(768, 4)``.
        sign: int64 ``(768,)``.
    """

    smallest: Ints
    number: Ints
    transform: Ints
    order: Ints
    phase: Ints
    sign: Ints

    def images(self, table: int) -> Ints:
        """The function that each transform makes of ``table``, int64 ``(768,)``."""
        return _images(table, self.order, self.phase, self.sign)


@cache
def classes() -> Classes:
    """Found by taking the smallest function that no class has yet, again and again."""
    transforms = [
        (order, [mask >> i & 1 for i in range(INPUTS)], sign)
        for sign in range(2)
        for order in permutations(range(INPUTS))
        for mask in range(1 << INPUTS)
    ]
    order, phase, sign = (np.array(part, np.int64) for part in zip(*transforms))
    number = np.full(TABLES, -1, np.int64)
    transform = np.zeros(TABLES, np.int64)
    smallest: list[int] = []
    table = 0
    while table < TABLES:
        image = _images(table, order, phase, sign)[::-1]  # of several ways the first is kept
        number[image] = len(smallest)
        transform[image] = np.arange(len(transforms))[::-1]
        smallest.append(table)
        rest = number[table:] < 0
        table = table + int(rest.argmax()) if rest.any() else TABLES
    return Classes(np.array(smallest, np.int64), number, transform, order, phase, sign)


def _images(table: int, order: Ints, phase: Ints, sign: Ints) -> Ints:
    index = np.arange(1 << INPUTS)
    x = index >> (INPUTS - 1 - np.arange(INPUTS))[:, None] & 1  # the first is the high bit
    y = x[order] ^ phase[:, :, None]
    read = (y << (INPUTS - 1 - np.arange(INPUTS))[:, None]).sum(axis=1)
    value = (table >> ((1 << INPUTS) - 1 - read) & 1) ^ sign[:, None]
    return (value << ((1 << INPUTS) - 1 - index)).sum(axis=1)
