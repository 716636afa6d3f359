"""Whole truth tables as circuits: tables of six inputs, and multiplexers that choose among them.

Bryant, "Graph-based algorithms for Boolean function manipulation", 1986: what is equal is built
once, input by input from the last; all nodes of an input in one go.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..netlist import Netlist

Ints = NDArray[np.int64]

_LEAF = tables.MAX_FANIN


def decided(values: NDArray[np.bool_]) -> Netlist:
    """The netlist of some functions.

    Args:
        values: bool ``(outputs, 2**n)``, the value at each index; input i is bit i of the index.
    """
    outputs, size = values.shape
    inputs = size.bit_length() - 1
    leaf = min(inputs, _LEAF)
    words = _words(values, leaf)
    distinct, node = np.unique(words, return_inverse=True)
    node = node.reshape(words.shape).astype(np.int64)
    k = max(leaf, 3) if inputs > leaf else leaf
    # the highest input of a leaf is the most significant bit of its index
    first = np.zeros((len(distinct), k), np.int64)
    first[:, :leaf] = np.arange(leaf)[::-1]
    table = [tables.widen(distinct, leaf, k)]
    fanin = [first]
    nets = inputs + len(distinct)
    node += inputs
    for place in range(leaf, inputs):
        low, high = node[:, 0::2].ravel(), node[:, 1::2].ravel()
        pairs, where = np.unique(low * nets + high, return_inverse=True)
        zero, one = pairs // nets, pairs % nets
        chosen = np.flatnonzero(zero != one)
        number = zero.copy()
        number[chosen] = nets + np.arange(len(chosen))
        rows = np.zeros((len(chosen), k), np.int64)
        rows[:, 0], rows[:, 1], rows[:, 2] = place, zero[chosen], one[chosen]
        mux = tables.widen(np.full(len(chosen), _MUX, np.uint64), 3, k)
        table.append(mux)
        fanin.append(rows)
        nets += len(chosen)
        node = number[where].reshape(outputs, -1)
    return Netlist(
        inputs,
        np.concatenate(table),
        np.concatenate(fanin).astype(np.int32),
        node[:, 0].astype(np.int32),
    )


_MUX = 0x35
"""Select, zero, one: one where select is 1, else zero."""


def _words(values: NDArray[np.bool_], leaf: int) -> NDArray[np.uint64]:
    """Tables of so many inputs, uint64 ``(outputs, n)``: index 0 is the highest bit."""
    bits = values.reshape(len(values), -1, 1 << leaf)
    place = np.arange(1 << leaf, dtype=np.uint64)[::-1]
    return (bits.astype(np.uint64) << place).sum(axis=2, dtype=np.uint64)
