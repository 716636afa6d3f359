"""Sums of nets in gates: what is left of a class sum when nothing else settled it."""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np

from .. import tables
from ..netlist import Netlist
from ..surgery import widen
from .linear import Form

_XOR3, _MAJORITY = 0b01101001, 0b00010111
_XOR2, _AND2 = 0b00111100, 0b00000011
"""Of three fan-ins, the third of them unused."""


def balance(net: Netlist, form: Form) -> tuple[Netlist, int]:
    """The circuit with two sums more, equal where a linear form is 0.

    Returns:
        A circuit whose outputs are the bits of the sum of all positive terms, lowest first, and
        then those of the sum of all negative ones; and how many bits each has.
    """
    wide = widen(net, max(net.k, 3))
    work = _Adders(wide)
    sides = [work.total(form, sign) for sign in (1, -1)]
    width = max(map(len, sides))
    outputs = [place for side in sides for place in side + [work.constant(0)] * (width - len(side))]
    return work.finish(outputs), width


class _Adders:
    def __init__(self, net: Netlist) -> None:
        self.net = net
        self.table: list[int] = []
        self.fanin: list[list[int]] = []

    def gate(self, table: int, *reads: int) -> int:
        k = self.net.k
        self.table.append(int(tables.widen(np.uint64(table), 3, k)))
        self.fanin.append([*reads, *[reads[0]] * (k - len(reads))])
        return self.net.nets + len(self.table) - 1

    def constant(self, value: int) -> int:
        return self.gate(255 * value, 0)

    def total(self, form: Form, sign: int) -> list[int]:
        """Bits of the sum of the terms of one sign, lowest first."""
        columns: defaultdict[int, deque[int]] = defaultdict(deque)
        for product, factor in sorted(form.terms.items(), key=lambda term: sorted(term[0])):
            if factor * sign > 0:
                (net,) = product or (self.constant(1),)
                for place in range(abs(factor).bit_length()):
                    if abs(factor) >> place & 1:
                        columns[place].append(net)
        bits: list[int] = []
        while len(bits) <= max(columns, default=-1):
            column, carry = columns[len(bits)], columns[len(bits) + 1]
            while len(column) > 1:
                reads = [column.popleft() for _ in range(min(3, len(column)))]
                full = len(reads) == 3
                column.append(self.gate(_XOR3 if full else _XOR2, *reads))
                carry.append(self.gate(_MAJORITY if full else _AND2, *reads))
            bits.append(column[0] if column else self.constant(0))
            if not carry:
                del columns[len(bits)]
        return bits

    def finish(self, outputs: list[int]) -> Netlist:
        net = self.net
        return Netlist(
            net.inputs,
            np.concatenate([net.table, np.array(self.table, np.uint64)]),
            np.concatenate([net.fanin, np.array(self.fanin, np.int32).reshape(-1, net.k)]),
            outputs,
        )
