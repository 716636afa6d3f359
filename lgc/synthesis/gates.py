"""Two-input gates as AND or XOR of literals (2 · net + sign), and back as a netlist."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class Gates:
    """A circuit by literals: net 0 is the constant 0, then come the inputs, then the gates.

    Attributes:
        inputs: how many.
        left, right: int64 ``(n,)``, the literals that each gate reads.
        xor: int64 ``(n,)``, 1 for an XOR, 0 for an AND.
        outputs: int64 ``(m,)``, literals.
    """

    inputs: int
    left: Ints
    right: Ints
    xor: Ints
    outputs: Ints


def assemble(gates: Gates) -> Netlist:
    """The gates as a netlist, twins merged and constants gone."""
    inputs, size = gates.inputs, len(gates.xor)
    fanin = np.stack([gates.left >> 1, gates.right >> 1], axis=1) - 1
    # a ∧ b with signs: the one entry of the table that is 1
    entry = 2 * (1 - (gates.left & 1)) + (1 - (gates.right & 1))
    table = np.where(gates.xor > 0, 6 ^ (15 * ((gates.left ^ gates.right) & 1)), 8 >> entry)
    # what the outputs need beyond gates: constants and complements, shared by the sweep
    extra, where = np.unique(gates.outputs, return_inverse=True)
    kind = np.where(extra < 2, np.where(extra & 1, 15, 0), np.where(extra & 1, 12, 3))
    reads = np.maximum((extra >> 1) - 1, 0)
    made = Netlist(
        inputs,
        np.concatenate([table, kind]).astype(np.uint64),
        np.concatenate([fanin, np.stack([reads, reads], axis=1)]).astype(np.int32),
        (inputs + size + where).astype(np.int32),
    )
    return sweep(made, share=True)
