"""The arrays of a search: a netlist by levels, who reads each net, the planes of a batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..approximation.greedy import Task
from ..evaluation import Planes
from ..levels import levels
from ..loops import Loop
from ..netlist import Netlist
from ..words import BIT
from .costs import costs, curve_of
from .improving import improve
from .shrinking import shrink

Ints = NDArray[np.int64]


class Search:
    """A netlist that changes gate by gate, and what a batch of samples costs with it.

    Gates are numbered by level and read nets of lower levels only, which never rise: the netlist
    gets no deeper.

    Args:
        task: the class of each output and so on, and the labels of the batch.
        planes: of the batch, uint64 ``(inputs, words)``.
        stands: samples that each one of the batch stands for, int64 ``(samples,)``.
        temperature: of the cost.

    Attributes:
        value: planes of all nets, int64, and behind them room for others.
        scores, cost: of the batch, int64 ``(samples, classes)`` and ``(samples,)``.
        below: nets of lower levels than each net; they have the smallest numbers.
        tried, changes: candidates measured, and changes made.
        predicted, saved: what the changes were measured to save before and after they were made.
    """

    def __init__(
        self, net: Netlist, task: Task, planes: Planes, stands: Ints, temperature: float
    ) -> None:
        net, level = _by_level(net)
        self.inputs, self.k, self.nets = net.inputs, net.k, net.nets
        self.words, self.classes = planes.shape[1], task.classes
        self.table = net.table.view(np.int64).copy()
        self.source = np.concatenate([net.fanin.ravel(), net.outputs]).astype(np.int64)
        self.below = np.searchsorted(level, level)
        self.told = np.zeros(5, np.int64)
        self._now = 0
        samples, words, nets = len(task.label), self.words, self.nets
        self.value = np.zeros((2 * nets + (1 << self.k)) * words, np.int64)
        value = _every_plane(net, planes, samples)
        self.value[: nets * words] = value.view(np.int64).ravel()
        self.scores = task.scores(value[net.outputs])
        curve = curve_of(temperature, widest(task))
        self.cost = costs(self.scores, task.label, curve) * stands

        def zeros(size: int) -> Ints:
            return np.zeros(size, np.int64)

        first = np.full(int(level.max()) + 2, -1, np.int64)
        self._graph = (self.table, self.source, *_readers(self.source, nets), level)
        self._rows = (
            zeros(nets), zeros(nets), zeros(net.gates), first, zeros(net.gates), zeros(nets),
            self.value, task.group, task.weight, task.label, stands, curve, self.scores.ravel(),
            self.cost, zeros(samples * task.classes), zeros(samples), zeros(samples),
            zeros(words * 64), zeros(words * 256), zeros(1 << (self.k - 1)),
        )  # fmt: skip

    @property
    def gates(self) -> int:
        return len(self.table)

    @property
    def tried(self) -> int:
        return int(self.told[0])

    @property
    def changes(self) -> int:
        return int(self.told[1])

    @property
    def predicted(self) -> int:
        return int(self.told[2])

    @property
    def saved(self) -> int:
        return int(self.told[3])

    def netlist(self) -> Netlist:
        """What the netlist is now; not swept."""
        edges = self.gates * self.k
        fanin, outputs = self.source[:edges].reshape(-1, self.k), self.source[edges:]
        table = self.table.view(np.uint64)
        return Netlist(self.inputs, table, fanin.astype(np.int32), outputs.astype(np.int32))

    def draw(self, gates: Ints, wires: int, random: np.random.Generator) -> Ints:
        """Nets that gates might read, of lower levels, int64 ``(gates, wires)``."""
        below = self.below[self.inputs + gates]
        return (random.random((len(gates), wires)) * below[:, None]).astype(np.int64)

    def improve(self, gates: Ints, wires: Ints) -> None:
        """Visit gates: what saves most is made, whatever saves anything."""
        self._visit(improve, gates, wires, 0)

    def shrink(self, gates: Ints, wires: Ints, most: int, room: int) -> None:
        """Visit gates: those go that cost at most ``most``, and ``room`` together."""
        self.told[4] = room
        self._visit(shrink, gates, wires, most)

    def _visit(self, loop: Loop, gates: Ints, wires: Ints, bound: int) -> None:
        tries = wires.shape[1]
        loop(
            len(gates) * self.words * 1000, self.inputs, self.k, self.words, self.classes, tries,
            bound, self._now, gates, np.ascontiguousarray(wires).ravel(), self.told, *self._graph,
            *self._rows, np.zeros(tries + 1, np.int64), BIT,
        )  # fmt: skip
        self._now += 3 * len(gates)


def widest(task: Task) -> int:
    """Two scores never differ by more."""
    sums = np.bincount(task.group, np.abs(task.weight), task.classes)
    return int(2 * sums.max() + np.ptp(task.offset)) + 1


def _by_level(net: Netlist) -> tuple[Netlist, Ints]:
    """The netlist with its gates in the order of their levels, and the level of each net."""
    level = levels(net.inputs, net.fanin).astype(np.int64)
    order = np.argsort(level, kind="stable")
    number = np.arange(net.nets, dtype=np.int32)
    number[net.inputs + order] = np.arange(net.inputs, net.nets)
    made = Netlist(net.inputs, net.table[order], number[net.fanin[order]], number[net.outputs])
    return made, np.concatenate([np.zeros(net.inputs, np.int64), level[order]])


def _every_plane(net: Netlist, planes: Planes, samples: int) -> Planes:
    """Planes of all nets; bits behind the last sample are 0."""
    value = Netlist(net.inputs, net.table, net.fanin, np.arange(net.nets)).evaluate(planes)
    if samples % 64:
        value[:, -1] &= np.uint64((1 << samples % 64) - 1)
    return value


def _readers(source: Ints, nets: int) -> tuple[Ints, Ints, Ints]:
    """Edges that read each net, as lists: the first of each net, what follows, what precedes."""
    order = np.argsort(source, kind="stable")
    ordered = source[order]
    same = ordered[1:] == ordered[:-1]
    head, after, before = (np.full(size, -1, np.int64) for size in (nets, len(source), len(source)))
    starts = order[np.append(True, ~same)]
    head[source[starts]] = starts
    after[order[:-1][same]] = order[1:][same]
    before[order[1:][same]] = order[:-1][same]
    return head, after, before
