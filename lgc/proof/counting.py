"""Gates that count: sums of weighted bits as carry-save adders, compared with a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import tables
from ..netlist import Netlist
from ..surgery import widen

Nets = NDArray[np.int64]

K = 3
_A, _B, _C = (tables.variable(K, i) for i in range(K))
XOR3, MAJORITY = _A ^ _B ^ _C, (_A & _B) | (_A & _C) | (_B & _C)
XOR, AND, OR, AND_NOT = _A ^ _B, _A & _B, _A | _B, _A & ~_B
NOT = _A ^ tables.ones(K)
BORROW = (_A & ~_B) | (_A & _C) | (~_B & _C)  # a > b, or a = b and so far so good


class Builder:
    """A netlist of gates with three fan-ins that grows at its end."""

    def __init__(self, net: Netlist) -> None:
        wide = widen(net, K) if net.k < K else net
        self.net, self.nets = wide, wide.nets
        self._table, self._fanin = [wide.table], [wide.fanin]

    def gates(self, table: np.uint64, *reads: ArrayLike) -> Nets:
        """Gates of one table; ``reads`` are one row of nets for each fan-in, up to three."""
        rows = np.stack([np.asarray(row, np.int32) for row in reads], axis=1)
        spare = np.repeat(rows[:, :1], self.net.k - rows.shape[1], axis=1)
        self._table.append(np.full(len(rows), tables.widen(table, K, self.net.k)))
        self._fanin.append(np.concatenate([rows, spare], axis=1))
        self.nets += len(rows)
        return np.arange(self.nets - len(rows), self.nets)

    def constant(self, value: bool) -> int:
        return int(self.gates(tables.ones(K) if value else np.uint64(0), [0])[0])

    def literals(self, nets: Nets, negated: NDArray[np.bool_]) -> Nets:
        """The nets, or their complements."""
        result = nets.copy()
        if negated.any():
            result[negated] = self.gates(NOT, nets[negated])
        return result

    def total(self, nets: Nets, weight: NDArray[np.int64] | np.int64) -> list[int]:
        """The sum of weight · net in binary, the least significant bit first; weights positive.

        Full adders take three bits of a column to one and a carry (carry-save), column by column.
        """
        weight = np.broadcast_to(weight, nets.shape)
        highest = int(weight.max(initial=0)).bit_length()
        columns = [nets[weight >> place & 1 != 0] for place in range(highest)]
        bits = list[int]()
        while len(bits) < len(columns):
            column, carries = columns[len(bits)], list[Nets]()
            while len(column) > 1:
                triples = len(column) // 3
                if triples:
                    a, b, c = column[: 3 * triples].reshape(3, triples)
                    carries.append(self.gates(MAJORITY, a, b, c))
                    column = np.concatenate([column[3 * triples :], self.gates(XOR3, a, b, c)])
                else:
                    a, b = column[:1], column[1:]
                    carries.append(self.gates(AND, a, b))
                    column = self.gates(XOR, a, b)
            if carries:
                columns += [np.zeros(0, np.int64)] * (len(bits) + 2 - len(columns))
                columns[len(bits) + 1] = np.concatenate([columns[len(bits) + 1], *carries])
            bits.append(int(column[0]) if len(column) else self.constant(False))
        return bits

    def at_least(self, bits: Sequence[int], need: int) -> int:
        """Whether a number in binary is at least ``need``."""
        if need <= 0 or need >> len(bits):
            return self.constant(need <= 0)
        enough: int | None = None  # of the bits below, which need less than or as much as they have
        for place, bit in enumerate(bits):
            wanted = need >> place & 1
            if enough is None:
                enough = bit if wanted else None
            else:
                enough = int(self.gates(AND if wanted else OR, [bit], [enough])[0])
        assert enough is not None
        return enough

    def compare(self, ahead: Sequence[int], behind: Sequence[int], *, equal: bool) -> int:
        """Whether a number in binary is larger than another; or ``equal`` to it, if that counts."""
        zero, result = self.constant(False), self.constant(equal)
        for place in range(max(len(ahead), len(behind))):
            a, b = (bits[place] if place < len(bits) else zero for bits in (ahead, behind))
            result = int(self.gates(BORROW, [a], [b], [result])[0])
        return result

    def any(self, nets: Nets) -> int:
        """Whether any of the nets is 1."""
        if not len(nets):
            return self.constant(False)
        while len(nets) > 1:
            half = len(nets) // 2
            joined = self.gates(OR, nets[:half], nets[half : 2 * half])
            nets = np.concatenate([joined, nets[2 * half :]])
        return int(nets[0])

    def finish(self, outputs: Sequence[int]) -> Netlist:
        return Netlist(
            self.net.inputs,
            np.concatenate(self._table),
            np.concatenate(self._fanin),
            np.array(outputs),
        )
