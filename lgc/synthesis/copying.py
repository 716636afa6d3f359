"""Copying a circuit gate by gate into a growing one, as all rewriting does.

The copy of a gate takes over its readers at once, though they are not copied yet: nothing that is
there reads the newest gate, and everything that is still needed has readers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row
from lgc.netlist import Netlist

from .gates import EITHER, KINDS, WIRE, Gates
from .growing import INPUTS, TOP, acquire, release
from .replacing import make

Ints = NDArray[np.int64]


class Copy:
    """The rows of a circuit to be copied and of the empty one beside it.

    Attributes:
        old: tables, fan-ins, and `KINDS`.
        literals: int64 ``(nets,)``, what each old net has become.
        uses: int64 ``(nets,)``, its readers.
        new: ``left``, ``right``, ``xor``, ``refs``, ``slots`` and ``state``.
    """

    def __init__(self, net: Netlist, capacity: int, seed: int) -> None:
        self.net = net
        fanin = net.fanin.astype(np.int64).ravel()
        self.old = (net.table.astype(np.int64), fanin, KINDS.ravel())
        self.literals = np.zeros(net.nets, np.int64)
        self.literals[: net.inputs] = 2 * np.arange(1, net.inputs + 1)
        self.uses = np.bincount(fanin, minlength=net.nets)
        self.uses += np.bincount(net.outputs, minlength=net.nets)
        left, right, xor, refs = (np.zeros(capacity, np.int64) for _ in range(4))
        refs[1 : net.inputs + 1] = self.uses[: net.inputs]
        refs[0] = 1  # the constant is never freed
        slots = np.zeros(1 << (2 * capacity).bit_length(), np.int64)
        state = np.array([net.inputs + 1, net.inputs, seed], np.int64)
        self.new = (left, right, xor, refs, slots, state)

    def gates(self) -> Gates:
        """The copy's gates that have readers, numbered anew."""
        left, right, xor, refs, _, state = self.new
        inputs, top = self.net.inputs, int(state[TOP])
        alive = np.flatnonzero(refs[inputs + 1 : top] > 0) + inputs + 1
        number = np.arange(top, dtype=np.int64)
        number[alive] = np.arange(inputs + 1, inputs + 1 + len(alive))
        left, right, outputs = (
            2 * number[part >> 1] + (part & 1)
            for part in (left[alive], right[alive], self.literals[self.net.outputs])
        )
        return Gates(inputs, left, right, xor[alive], outputs)


def transcribe(
    aig: int, g: int, table: Row, fanin: Row, kinds: Row, literals: Row, left: Row, right: Row,
    xor: Row, refs: Row, slots: Row, state: Row, cut: Row, cuts: Row, merged: Row, spread: Row,
) -> int:  # fmt: skip
    """The literal of the copy of a gate, but for the gate's own sign."""
    base = 4 * table[g]
    kind = kinds[base]
    a, b = literals[fanin[2 * g]], literals[fanin[2 * g + 1]]
    if kind == WIRE:
        return b if kinds[base + 1] else a
    if kind > WIRE:
        return make(
            aig, kind == EITHER, a ^ kinds[base + 1], b ^ kinds[base + 2], left, right, xor, refs,
            slots, state, cut, cuts, merged, spread,
        )  # fmt: skip
    return 0


def hand_over(
    v: int, g: int, fanin: Row, literals: Row, uses: Row, left: Row, right: Row, refs: Row,
    stack: Row, state: Row,
) -> None:  # fmt: skip
    """The copy takes over the readers of the old gate, and reads what it needs itself."""
    many = uses[state[INPUTS] + g]
    if many > 0:
        acquire(v, left, right, refs, stack, state)
        refs[v] += many - 1
    for i in range(2):
        release(literals[fanin[2 * g + i]] >> 1, left, right, refs, stack, state)


def supersede(
    v: int, u: int, left: Row, right: Row, refs: Row, stack: Row, state: Row
) -> None:  # fmt: skip
    """Net ``u`` takes over the readers of ``v``."""
    many = refs[v]
    acquire(u, left, right, refs, stack, state)
    refs[u] += many - 1
    refs[v] = 1
    release(v, left, right, refs, stack, state)


COPYING = (transcribe, hand_over, supersede)
"""What a loop that copies needs beside `lgc.synthesis.replacing.REPLACING`."""
