"""Classes of nets that simulation cannot tell apart, up to complement; constants included.

Every net keeps a hash of its values; the value on the first vector is its phase, and the hash is
that of the values with the phase taken out, so that complements meet. Equal nets are always in
one class; nets of one class may differ, which is for a proof to find out.
"""

from __future__ import annotations

import numpy as np

from ..evaluation import Planes, evaluate
from ..netlist import Netlist

PIECE = 1 << 23
"""Words of values held at once."""

_MIX = np.uint64(0x9E3779B97F4A7C15)  # multiplicative hashing, Knuth, TAOCP 3, 6.4


class Classes:
    """Classes of the nets of a netlist; one net more, the last, is the constant 0.

    Attributes:
        phase: bool ``(nets + 1,)``, whether a net is the complement of what its class is.
        first: int64 ``(nets + 1,)``, the member of its class with the lowest number; the constant
            counts as the lowest.
    """

    def __init__(self, net: Netlist, planes: Planes) -> None:
        self.net = net
        self.phase = np.zeros(net.nets + 1, np.bool_)
        self._hash = np.zeros(net.nets + 1, np.uint64)
        self.first = np.full(net.nets + 1, net.nets, np.int64)
        self._begun = False
        self.refine(planes)

    def refine(self, planes: Planes) -> None:
        """Tell nets apart by more vectors, uint64 ``(inputs, words)``."""
        net = self.net
        step = max(1, PIECE // net.nets)
        for start in range(0, planes.shape[1], step):
            window = planes[:, start : start + step]
            every = np.arange(net.nets, dtype=np.int32)
            self._take(evaluate(net.inputs, net.table, net.fanin, every, window))
        order = np.concatenate([[net.nets], np.arange(net.nets)])
        _, first, place = np.unique(self._hash[order], return_index=True, return_inverse=True)
        self.first[order] = order[first[place]]

    def _take(self, values: Planes) -> None:
        if not self._begun:
            self.phase[:-1] = values[:, 0] & np.uint64(1) != 0
            self._begun = True
        flip = np.where(self.phase, ~np.uint64(0), np.uint64(0))
        rows = np.concatenate([values, np.zeros_like(values[:1])])
        for word in rows.T:
            state = (self._hash ^ word ^ flip) * _MIX
            self._hash = state ^ (state >> np.uint64(29))
