"""Runs: a program for the table engine, gates of one table next to one another.

Gates are taken in windows of the execution order, so that few planes are alive; inside a window
they stand by level and then by table. At the end of a window the bits that are there are added up,
three of a class and column at a time, as long as there are many. All of it is NumPy on whole
windows: nothing here costs time for each gate on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from lgc import tables
from lgc.chain import Chain
from lgc.guards import ints
from lgc.levels import levels
from lgc.netlist import Netlist
from lgc.sums.arithmetic import CARRY, XOR3, Counter, Gates
from lgc.surgery import tidy

from .lowering import Kind, Program, finish_sums, last_layer, terms

WINDOW = 4096
"""Gates in a window."""

FEW = 16
"""Below so many full adders in a round the bits wait for those of the next window."""

COLUMNS = 64
"""More than a weight and a sum have bits."""


@dataclass(frozen=True, eq=False)
class Kinds:
    """Tables of three fan-ins up to the order of these.

    Attributes:
        table: uint64 ``(kinds,)``, one table of each kind.
        kind: int64 ``(256,)``, the kind of each table.
        order: int64 ``(256, 3)``: reading its fan-ins in this order a table becomes that of its
            kind.
    """

    table: NDArray[np.uint64]
    kind: NDArray[np.int64]
    order: NDArray[np.int64]


@cache
def kinds() -> Kinds:
    """All 80 kinds."""
    index = np.arange(8)
    orders = np.array(list(permutations(range(3))))
    every = np.arange(256, dtype=np.uint64)
    moved = np.zeros((len(orders), 256), np.uint64)
    for row, order in enumerate(orders):
        # entry i of the new table is the one whose fan-in order[j] has the value of bit j of i
        source = sum((index >> (2 - j) & 1) << (2 - int(place)) for j, place in enumerate(order))
        for new, old in zip(index.tolist(), np.asarray(source).tolist()):
            bit = every >> np.uint64(7 - old) & np.uint64(1)
            moved[row] |= bit << np.uint64(7 - new)
    best = moved.argmin(axis=0)
    smallest = moved[best, np.arange(256)]
    table, kind = np.unique(smallest, return_inverse=True)
    return Kinds(table, kind.astype(np.int64), orders[best])


def lower_in_runs(chain: Chain, kind: Kind, hurry: bool = False) -> Program:
    """Build the program of a model for the table engine.

    Args:
        chain: the model.
        kind: what it computes.
        hurry: keep the gates in the order they have, layer by layer as a rule.
    """
    if kind == "bits":
        return Program(in_runs(last_layer(chain, hurry)), kind, 0, 0, 0, 0, chain.state)
    net, added = terms(chain, hurry)
    out = _Writer(net.inputs)
    number = np.arange(net.nets)
    rows = _sorted(net)
    done = 0
    for start in range(0, max(net.gates, 1), WINDOW):
        chosen = rows[start : start + WINDOW]
        number[net.inputs + chosen] = out.nets + np.arange(len(chosen))
        out.write(net.table[chosen], number[net.fanin[chosen]])
        stop = int(np.searchsorted(added.ready, start + len(chosen), "right"))
        now = slice(done, stop)
        bit = 2 * number[added.bit[now] >> 1] + (added.bit[now] & 1)
        out.wait(bit, added.group[now], added.weight[now])
        out.add_up()
        done = stop
    gates = Gates(out.nets)
    counters = [Counter(gates) for _ in added.offset]
    for bit, key in zip(ints(out.bit), ints(out.key)):
        counters[key // COLUMNS].add(bit, key % COLUMNS)
    planes, sizes = finish_sums(gates, counters, added.offset)
    rest = gates.netlist(planes + ints(2 * number[added.state]))
    out.write(rest.table, rest.fanin)
    made = Netlist(net.inputs, np.concatenate(out.table), np.concatenate(out.fanin), rest.outputs)
    return Program(tidy(made), kind, *sizes, chain.state)


def in_runs(net: Netlist) -> Netlist:
    """A netlist in execution order, its gates in runs."""
    rows = _sorted(net)
    number = _numbers(net, rows)
    return Netlist(net.inputs, net.table[rows], number[net.fanin[rows]], number[net.outputs])


def _sorted(net: Netlist) -> NDArray[np.int64]:
    """Gates by window, level and kind of table."""
    window = np.arange(net.gates) // WINDOW
    kind = kinds().kind[net.table.astype(np.int64)]
    return np.lexsort((kind, levels(net.inputs, net.fanin), window))


def _numbers(net: Netlist, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """New net numbers when the gates stand in the order of ``rows``."""
    number = np.arange(net.nets)
    number[net.inputs + rows] = np.arange(net.inputs, net.nets)
    return number


@cache
def _carries() -> NDArray[np.uint64]:
    """CARRY reading complements, by ``sum<<2 | second<<1 | third``."""
    table = np.full(8, CARRY, np.uint64)
    for i in range(3):
        flipped = (np.arange(8) & 4 >> i) > 0
        table[flipped] = tables.flip(table[flipped], 3, i)
    return table


@dataclass
class _Writer:
    """A growing program, and the bits that wait to be added.

    Attributes:
        bit: literals.
        key: ``COLUMNS`` times the class, plus the column, of each.
    """

    inputs: int
    table: list[NDArray[np.uint64]] = field(default_factory=list[NDArray[np.uint64]])
    fanin: list[NDArray[np.integer]] = field(default_factory=list[NDArray[np.integer]])
    bit: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    key: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        self.nets = self.inputs

    def write(self, table: NDArray[np.uint64], fanin: NDArray[np.integer]) -> None:
        """Append gates."""
        self.table.append(table)
        self.fanin.append(fanin)
        self.nets += len(table)

    def wait(
        self, bit: NDArray[np.int64], group: NDArray[np.int64], weight: NDArray[np.int64]
    ) -> None:
        """More bits, each in the columns of its weight."""
        for column in range(int(weight.max(initial=0)).bit_length()):
            some = (weight >> column & 1) > 0
            self.bit = np.concatenate([self.bit, bit[some]])
            self.key = np.concatenate([self.key, group[some] * COLUMNS + column])

    def add_up(self) -> None:
        """Full adders on three bits of one key each, in rounds."""
        while True:
            order = np.argsort(self.key, kind="stable")
            bit, key = self.bit[order], self.key[order]
            first = np.searchsorted(key, key)
            size = np.searchsorted(key, key, "right") - first
            taken = (np.arange(len(key)) - first) // 3 < size // 3
            if taken.sum() < 3 * FEW:
                return
            three, column = bit[taken].reshape(-1, 3), key[taken][::3]
            odd = np.bitwise_xor.reduce(three, axis=1) & 1
            plain = three >> 1
            total = 2 * (self.nets + np.arange(len(three))) + odd
            self.write(np.full(len(three), XOR3, np.uint64), plain)
            flips = odd << 2 | (three[:, 1] & 1) << 1 | three[:, 2] & 1
            sort = np.argsort(flips, kind="stable")
            carry = 2 * (self.nets + np.arange(len(three)))
            reads = np.stack([total >> 1, plain[:, 1], plain[:, 2]], axis=1)[sort]
            self.write(_carries()[flips[sort]], reads)
            self.bit = np.concatenate([bit[~taken], total, carry])
            self.key = np.concatenate([key[~taken], column, column[sort] + 1])
