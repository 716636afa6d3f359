"""Two-input gates as AND or XOR of literals (2 · net + sign), and back as a netlist."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.netlist import Netlist
from lgc.sharing import sweep

Ints = NDArray[np.int64]

CONSTANT, WIRE, BOTH, EITHER = range(4)
"""Kinds of two-input tables."""


def _kind(table: int) -> tuple[int, int, int, int]:
    """Kind, signs of both fan-ins (a wire: which it is), sign of the gate."""
    sign = int(table in (7, 9, 10, 11, 12, 13, 14, 15))
    plain = table ^ (15 if sign else 0)
    if plain == 0:
        return CONSTANT, 0, 0, sign
    if plain == 6:
        return EITHER, 0, 0, sign
    if plain in (3, 5):
        return WIRE, int(plain == 5), 0, sign
    entry = 4 - plain.bit_length()
    return BOTH, 1 - (entry >> 1), 1 - (entry & 1), sign


KINDS = np.array([_kind(table) for table in range(16)], np.int64)


def assemble(
    inputs: int, left: Ints, right: Ints, xor: Ints, alive: Ints, outputs: Ints
) -> Netlist:
    """Gates by literals as a netlist; ``alive`` are their nets."""
    number = np.zeros(int(alive.max(initial=inputs)) + 1, np.int64)
    number[1 : inputs + 1] = np.arange(inputs)
    number[alive] = np.arange(inputs, inputs + len(alive))
    fanin = np.stack([number[left >> 1], number[right >> 1]], axis=1)
    # a ∧ b with signs: the one entry of the table that is 1
    entry = 2 * (1 - (left & 1)) + (1 - (right & 1))
    table = np.where(xor > 0, 6, 8 >> entry)
    # what the outputs need beyond gates: constants and complements, shared by the sweep
    extra, where = np.unique(outputs, return_inverse=True)
    kind = np.where(extra < 2, np.where(extra & 1, 15, 0), np.where(extra & 1, 12, 3))
    reads = np.where(extra < 2, 0, number[extra >> 1])
    made = Netlist(
        inputs,
        np.concatenate([table, kind]).astype(np.uint64),
        np.concatenate([fanin, np.stack([reads, reads], axis=1)]).astype(np.int32),
        (inputs + len(alive) + where).astype(np.int32),
    )
    return sweep(made, share=True)
