"""Bit-parallel evaluation in plain NumPy, and the packing of samples into planes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .levels import groups

Planes = NDArray[np.uint64]

WORKING_SET = 1 << 26
"""Bytes of net values held at once; wider batches are evaluated in pieces."""

BLOCK = 2048
"""Gates computed by one NumPy call: their temporaries stay in the cache."""


def evaluate(
    inputs: int,
    table: NDArray[np.uint64],
    fanin: NDArray[np.int32],
    outputs: NDArray[np.int32],
    planes: Planes,
) -> Planes:
    """Values of ``outputs``, uint64 ``(m, words)``; the arguments are those of a netlist."""
    words = planes.shape[1]
    nets = inputs + len(table)
    piece = max(1, WORKING_SET // (8 * nets))
    parts = groups(inputs, fanin)
    result = np.empty((len(outputs), words), np.uint64)
    for start in range(0, words, piece):
        window = planes[:, start : start + piece]
        value = np.empty((nets, window.shape[1]), np.uint64)
        value[:inputs] = window
        for gates in parts:
            for first in range(0, len(gates), BLOCK):
                chosen = gates[first : first + BLOCK]
                value[inputs + chosen] = _lookup(table[chosen], fanin[chosen], value)
        result[:, start : start + piece] = value[outputs]
    return result


def _lookup(table: NDArray[np.uint64], fanin: NDArray[np.int32], value: Planes) -> Planes:
    """Shannon expansion from the last fan-in up: f = f0 ⊕ x·(f0 ⊕ f1)."""
    k = fanin.shape[1]
    places = np.arange((1 << k) - 1, -1, -1, dtype=np.uint64)
    entry = np.negative((table >> places[:, None]) & np.uint64(1))  # 0 or all ones, by index
    leaves: list[Planes] = [row[:, None] for row in entry]
    for i in range(k - 1, -1, -1):
        x = value[fanin[:, i]]
        leaves = [low ^ (x & (low ^ high)) for low, high in zip(leaves[::2], leaves[1::2])]
    return leaves[0]


def pack_planes(bits: NDArray[np.bool_]) -> Planes:
    """Samples to planes: bool ``(n, m)`` to uint64 ``(m, ceil(n / 64))``, padded with zeros."""
    samples, width = bits.shape
    packed = np.zeros((width, -(-samples // 64) * 8), np.uint8)
    packed[:, : -(-samples // 8)] = np.packbits(bits.T, axis=1, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)


def unpack_planes(planes: Planes, samples: int) -> NDArray[np.bool_]:
    """Planes to samples: uint64 ``(m, words)`` to bool ``(samples, m)``."""
    raw = np.ascontiguousarray(planes, "<u8").view(np.uint8)
    return np.unpackbits(raw, axis=1, count=samples, bitorder="little").T.astype(np.bool_)


def exhaustive_planes(inputs: int) -> Planes:
    """All ``2**inputs`` input vectors; input i of sample s is bit ``inputs - 1 - i`` of s."""
    samples = np.arange(max(1 << inputs, 64), dtype=np.uint32)[:, None]
    places = np.arange(inputs - 1, -1, -1, dtype=np.uint32)
    return pack_planes((samples >> places & 1).astype(np.bool_))
