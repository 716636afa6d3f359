"""A whole classifier as arrays: bits → circuit → class sums; cut down to some of its inputs.

The class is the first one with the largest score. Class j is therefore given instead of class c
only where ``score[j] - score[c]`` is at least 1, or at least 0 if j comes before c.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..facts import Facts
from ..netlist import Netlist
from ..sharing import sweep
from ..surgery import arity, restrict

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Classifier:
    """A circuit whose outputs are summed.

    Attributes:
        net: bits to output bits.
        group, weight: int64 ``(outputs,)``, the class each output counts for, and how much.
        offset: int64 ``(classes,)``.
        facts: about the bits that enter.
    """

    net: Netlist
    group: Ints
    weight: Ints
    offset: Ints
    facts: Facts

    @property
    def classes(self) -> int:
        return len(self.offset)

    def restricted(self, value: Bools, free: Bools) -> Classifier:
        """The classifier for inputs that agree with ``value`` but for the ``free`` ones."""
        return replace(self, net=fixed(self.net, value, free))

    def swept(self) -> Classifier:
        """The same with a smaller circuit."""
        return replace(self, net=swept(self.net))

    def lead(self, ahead: int, behind: int) -> Lead:
        """When class ``ahead`` comes before class ``behind``."""
        sign = (self.group == ahead).astype(np.int64) - (self.group == behind)
        chosen = np.flatnonzero(sign * self.weight)
        weight = (sign * self.weight)[chosen]
        net, phase = _roots(self.net, self.net.outputs[chosen])
        base = self.offset[ahead] - self.offset[behind]
        base += weight[(net < 0) & phase].sum()  # constant ones
        weight, net, phase = weight[net >= 0], net[net >= 0], phase[net >= 0]
        base += weight[phase].sum()  # w·¬x = w - w·x
        nets, place = np.unique(net, return_inverse=True)
        signed = weight * (1 - 2 * phase.astype(np.int64))
        total = np.zeros(len(nets), np.int64)
        np.add.at(total, place, signed)
        nets, total = nets[total != 0], total[total != 0]
        need = int(ahead > behind) - int(base) - int(total[total < 0].sum())
        return Lead(nets.astype(np.int64), np.abs(total), total < 0, need)


@dataclass(frozen=True, eq=False)
class Lead:
    """A comparison of two scores: the sum of weight · literal is at least ``need``.

    Attributes:
        nets: int64 ``(n,)``, each once; ``weight``: positive; ``negated``: the complement counts.
    """

    nets: Ints
    weight: Ints
    negated: Bools
    need: int

    @property
    def never(self) -> bool:
        """No values of the nets reach it."""
        return int(self.weight.sum()) < self.need

    @property
    def always(self) -> bool:
        return self.need <= 0


def fixed(net: Netlist, value: Bools, free: Bools) -> Netlist:
    """The netlist with inputs that are not free held at a value, swept; the inputs stay."""
    number = np.where(free, np.arange(net.inputs), net.inputs + value.astype(np.int64))
    number = np.concatenate([number, np.arange(net.inputs + 2, net.nets + 2)]).astype(np.int32)
    held = Netlist(
        net.inputs,
        np.concatenate([np.array([0, tables.ones(net.k)], np.uint64), net.table]),
        np.concatenate([np.zeros((2, net.k), np.int32), number[net.fanin]]),
        number[net.outputs],
    )
    return swept(held)


def swept(net: Netlist) -> Netlist:
    """Folded, shared, without dead gates."""
    small = sweep(net, share=True)
    return restrict(small, small.outputs)


def _roots(net: Netlist, nets: NDArray[np.int32]) -> tuple[Ints, Bools]:
    """The net behind inverters and buffers, and whether it is complemented; -1 for constants."""
    used = arity(net)
    one = net.table & np.uint64(1) != 0  # f(1, …, 1)
    depends = [tables.depends(net.table, net.k, i) for i in range(net.k)]
    only = np.take_along_axis(net.fanin, np.argmax(depends, axis=0)[:, None], axis=1)[:, 0]
    found, phase = nets.astype(np.int64), np.zeros(len(nets), np.bool_)
    while True:
        inner = np.flatnonzero(found >= net.inputs)
        inner = inner[used[found[inner] - net.inputs] < 2]
        if not len(inner):
            return found, phase
        gate = found[inner] - net.inputs
        constant = used[gate] == 0
        phase[inner] ^= np.where(constant, one[gate], ~one[gate])  # buffers give 1 for ones
        found[inner] = np.where(constant, -1, only[gate])
