"""Where bits are while the stages before the last circuit run: maps, and circuits between them.

Such a stage is a step: a netlist at many places, one for a circuit. What it gives stands together
in the scratch memory, place after place, where the planes of values that nobody reads any more
were. Inputs that keep their distances from place to place are a group: the code of a step finds
them from the plane of its first, so one netlist's code serves all places, borders included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain
from lgc.dialect import CircuitOp, MapOp, OpenOp
from lgc.dialect.unpacking import netlist_of
from lgc.netlist import Netlist
from lgc.surgery import compose

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Step:
    """A netlist at many places.

    Attributes:
        net: as it stands in the model.
        group: int64 ``(inputs,)``, which group each input is in.
        ahead: int64 ``(inputs,)``, how many planes it is after the first of its group.
        base: int64 ``(places, groups)``, the plane of that first one.
        first: plane of output 0 at place 0; place p has its outputs from ``first + p·m`` on.
    """

    net: Netlist
    group: Ints
    ahead: Ints
    base: Ints
    first: int

    @property
    def places(self) -> int:
        """How often the netlist is applied."""
        return len(self.base)

    @property
    def planes(self) -> Ints:
        """The plane that each input reads at each place, ``(places, inputs)``."""
        return self.base[:, self.group] + self.ahead


@dataclass(frozen=True, eq=False)
class Front:
    """All stages before the last circuit.

    Attributes:
        steps: in order.
        where: int64, the plane of each bit that the last circuit reads.
        planes: planes of scratch memory that are taken: the program's own come after them.
        zeros: planes from ``planes - zeros`` on that are to be zero.
        used: bool ``(bits,)``, bits of the model's input that somebody reads.
    """

    steps: tuple[Step, ...]
    where: Ints
    planes: int
    zeros: int
    used: NDArray[np.bool_]

    def place(self, slot: NDArray[np.integer]) -> Ints:
        """Planes of the slots of a program whose first ones are ``where``; -1 stays."""
        inputs = len(self.where)
        own = slot.astype(np.int64) + self.planes - inputs
        return np.where(
            (slot >= 0) & (slot < inputs),
            self.where[np.minimum(slot, inputs - 1)],
            np.where(slot < 0, -1, own),
        )


@dataclass(frozen=True, eq=False)
class _Part:
    """A step before its values have planes: ``reads`` and ``first`` are numbers of values."""

    net: Netlist
    reads: Ints
    first: int

    @property
    def size(self) -> int:
        return len(self.reads) * len(self.net.outputs)


def front(chain: Chain, read: NDArray[np.bool_]) -> Front:
    """Plan the stages before the last circuit, which reads the bits that ``read`` marks."""
    parts, here = _parts(chain)
    used = np.zeros(chain.bits, np.bool_)
    values = [here[read], *(part.reads.ravel() for part in parts)]
    every = np.concatenate(values)
    used[every[(every >= 0) & (every < chain.bits)]] = True
    starts, top = _regions(chain.bits, parts, here[read])
    firsts = np.array([0, *(part.first for part in parts)])

    def plane(value: Ints) -> Ints:
        region = np.maximum(np.searchsorted(firsts, value, "right") - 1, 0)
        return np.where(value < 0, -1, value - firsts[region] + starts[region])

    steps: list[Step] = []
    zeros = 0
    for number, part in enumerate(parts):
        group, ahead, base = grouped(plane(part.reads))
        blank: NDArray[np.bool_] = np.any(base < 0, axis=0)[group]
        zeros = max(zeros, int(ahead[blank].max(initial=-1)) + 1)
        base = np.where(base < 0, top, base)
        steps.append(Step(part.net, group, ahead, base, int(starts[number + 1])))
    where = np.where(read, plane(here), 0)
    return Front(tuple(steps), where, top + zeros, zeros, used)


def last_stages(chain: Chain) -> list[CircuitOp | OpenOp]:
    """The circuits after the last map."""
    found: list[CircuitOp | OpenOp] = []
    for stage in reversed(chain.stages):
        if isinstance(stage, MapOp):
            break
        found.insert(0, stage)
    return found


def _parts(chain: Chain) -> tuple[list[_Part], Ints]:
    """The steps, and the values that the last circuit reads; inputs are the first values."""
    here = np.arange(chain.bits)
    top = chain.bits
    parts: list[_Part] = []
    waiting: list[Netlist] = []
    for stage in chain.stages[: len(chain.stages) - len(last_stages(chain))]:
        if not isinstance(stage, MapOp):
            waiting.append(netlist_of(stage))
            continue
        if waiting:
            here, top = _circuit(compose(waiting), here, top, parts)
            waiting = []
        rows = stage.rows
        part = _Part(stage.net.data, np.where(rows < 0, -1, here[rows]), top)
        parts.append(part)
        here = np.concatenate([here[stage.kept], top + np.arange(part.size)])
        top += part.size
    return parts, here


def _circuit(net: Netlist, here: Ints, top: int, parts: list[_Part]) -> tuple[Ints, int]:
    """A circuit as a step at one place; an output that is an input is that value."""
    made = np.flatnonzero(net.outputs >= net.inputs)
    if not len(made):
        return here[net.outputs], top
    cut = Netlist(net.inputs, net.table, net.fanin, net.outputs[made])
    parts.append(_Part(cut, here[None], top))
    after = here[np.minimum(net.outputs, net.inputs - 1)]
    after[made] = top + np.arange(len(made))
    return after, top + len(made)


def _regions(bits: int, parts: Sequence[_Part], wanted: Ints) -> tuple[Ints, int]:
    """First plane of the input and of what each step gives, and how many planes they take.

    A region may stand where others were that nobody reads any more; the lowest place that is free
    is taken.
    """
    sizes = [bits, *(part.size for part in parts)]
    ends = np.cumsum(sizes)
    last = np.arange(-1, len(parts), dtype=np.int64)  # the step after which each is free
    for number, part in enumerate(parts):
        seen = np.unique(np.searchsorted(ends, part.reads[part.reads >= 0], "right"))
        last[seen] = number
    last[np.unique(np.searchsorted(ends, wanted[wanted >= 0], "right"))] = len(parts)
    starts = np.zeros(len(sizes), np.int64)
    taken = [(0, bits, int(last[0]))]
    for number, size in enumerate(sizes[1:]):
        taken = sorted(one for one in taken if one[2] >= number)
        place = 0
        for start, end, _ in taken:
            if place + size <= start:
                break
            place = max(place, end)
        starts[number + 1] = place
        taken.append((place, place + size, int(last[number + 1])))
    return starts, int(max(start + size for start, size in zip(starts.tolist(), sizes)))


def grouped(planes: Ints) -> tuple[Ints, Ints, Ints]:
    """Columns that keep their distances: group, distance from the first, and its plane by row.

    Args:
        planes: ``(places, inputs)``, -1 for a zero; columns of a group have these in the same
            rows, where the plane of the first is -1 as well.
    """
    inputs = planes.shape[1]
    there = planes >= 0
    anchor = there.argmax(axis=0)
    origin = planes[anchor, np.arange(inputs)]
    moves = np.where(there, planes - origin, -(1 << 40))
    group = _alike(moves)
    low = np.full(int(group.max(initial=-1)) + 1, 1 << 40, np.int64)
    np.minimum.at(low, group, np.where(origin < 0, 0, origin))
    ahead = np.where(origin < 0, 0, origin - low[group])
    chosen = np.zeros(len(low), np.int64)
    chosen[group] = np.arange(inputs)
    base = planes[:, chosen]
    return group, ahead, np.where(base < 0, -1, base - ahead[chosen])


def _alike(moves: Ints) -> Ints:
    """Numbers of equal columns."""
    columns = np.ascontiguousarray(moves.T)
    raw = columns.view(np.dtype((np.void, columns.itemsize * columns.shape[1]))).ravel()
    return np.unique(raw, return_inverse=True)[1].astype(np.int64)
