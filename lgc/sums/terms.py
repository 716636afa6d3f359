"""Terms: what the class sums add up, each net once, behind wires, inverters and constants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..netlist import Netlist
from ..surgery import arity

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Weights:
    """Class sums as a matrix product: the score of a class is offset + Σ weight · output.

    Attributes:
        group, weight: int64 ``(outputs,)``, the class of each output and how much it counts.
        offset: int64 ``(classes,)``.
    """

    group: Ints
    weight: Ints
    offset: Ints

    @property
    def classes(self) -> int:
        return len(self.offset)

    def values(self, bits: NDArray[np.bool_]) -> Ints:
        """Scores int64 ``(samples, classes)`` of bits ``(samples, outputs)``."""
        scores = np.zeros((len(bits), self.classes), np.int64)
        for number in range(self.classes):
            chosen = self.group == number
            scores[:, number] = bits[:, chosen] @ self.weight[chosen] + self.offset[number]
        return scores


@dataclass(frozen=True, eq=False)
class Terms:
    """Class sums over nets: no two terms have the same net and class, none has weight 0.

    Attributes:
        net: int64 ``(terms,)``, in rising order of class, then of net.
        group: int64 ``(terms,)``, the class.
        weight: int64 ``(terms,)``.
        offset: int64 ``(classes,)``, what each class starts from.
    """

    net: Ints
    group: Ints
    weight: Ints
    offset: Ints

    @property
    def positive(self) -> tuple[Ints, Ints, Ints]:
        """Literals (twice a net's number, plus 1 for its complement), weights above 0, offset.

        −w·b = w·(1 − b) − w.
        """
        negative = self.weight < 0
        least = np.bincount(self.group, np.minimum(self.weight, 0), len(self.offset))
        return 2 * self.net + negative, np.abs(self.weight), self.offset + least.astype(np.int64)


def collect(net: Netlist, sums: Weights) -> Terms:
    """The terms of class sums over the outputs of a tidy netlist (see `surgery.tidy`)."""
    target, inverted, constant = _roots(net)
    fixed = np.where(constant >= 0, constant, inverted)
    offset = sums.offset + np.bincount(sums.group, sums.weight * fixed, sums.classes)
    weight = np.where(constant >= 0, 0, np.where(inverted, -sums.weight, sums.weight))
    return merged(target, sums.group, weight, offset.astype(np.int64))


def merged(net: Ints, group: Ints, weight: Ints, offset: Ints) -> Terms:
    """Terms from any list of nets: equal ones become one, those that cancel vanish."""
    nets = int(net.max(initial=0)) + 1
    key, place = np.unique(group * nets + net, return_inverse=True)
    total = np.bincount(place, weight, len(key)).astype(np.int64)
    key, total = key[total != 0], total[total != 0]
    return Terms(key % nets, key // nets, total, offset)


def _roots(net: Netlist) -> tuple[Ints, NDArray[np.bool_], Ints]:
    """The net behind each output, whether it is complemented, and 0 or 1 for a constant, or -1."""
    reads = np.concatenate([np.full(net.inputs, net.k), arity(net)])
    table = np.concatenate([np.zeros(net.inputs, np.uint64), net.table])
    source = np.concatenate([np.zeros(net.inputs, np.int32), net.fanin[:, 0]])
    target = net.outputs.astype(np.int64)
    inverted = np.zeros(len(target), np.bool_)
    inputs = target < net.inputs
    while (wire := (reads[target] == 1) & ~inputs).any():
        inverted ^= wire & (table[target] != tables.variable(net.k, 0))
        target = np.where(wire, source[target], target).astype(np.int64)
        inputs = target < net.inputs
    constant = np.where(~inputs & (reads[target] == 0), (table[target] != 0) ^ inverted, -1)
    return target, inverted, constant
