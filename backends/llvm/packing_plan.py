"""The plan that packing follows for one model: where each bit of each window of a row goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain

LANES = 64
"""Bits of a chunk."""
BYTES = 64
"""Bytes of a window of packed bits, which makes eight chunks."""

_place = np.arange(LANES)
_INTERLEAVED = (_place >> 1 & 3) << 4 | (_place >> 3) << 1 | _place & 1
"""Which lane each word of a block holds after three rounds of `transposition.interleave`."""


@dataclass(frozen=True, eq=False)
class Windows:
    """How rows of numbers become bits: chunks of 64 neighbouring features.

    A chunk compares each of its features with one level; a feature with several levels in use
    appears in several chunks.

    Attributes:
        base: int64 ``(chunks,)``, first feature.
        level: float32 ``(chunks, 64)``; +inf where no bit is wanted.
        bit: int32 ``(chunks, 64)``, which bit each lane is; -1 for none.
    """

    base: NDArray[np.int64]
    level: NDArray[np.float32]
    bit: NDArray[np.int32]

    def bytes_levels(self) -> NDArray[np.uint8]:
        """For unsigned bytes, ``(chunks, 2, 64)``: what to average a byte with, so that the highest
        bit of the mean, rounded up, says whether it is greater; and that bit, or 0 for never."""
        whole = np.clip(np.floor(self.level), -1, 255)
        ever = np.where(whole < 255, 0x80, 0)
        return np.stack([np.maximum(254 - whole, 0), ever], axis=1).astype(np.uint8)

    def places(self, source: str) -> NDArray[np.int32]:
        """Which bit each word of a block is, ``(chunks, 64)``."""
        return self.bit[:, _INTERLEAVED] if source == "u8" else self.bit


def windows(chain: Chain, used: NDArray[np.bool_]) -> Windows:
    """Plan the packing of rows of numbers; only bits in use cost anything.

    There are no windows where the bits of numbers are read: see `byte_windows`.
    """
    whole = chain.encoding.place is not None
    bits = np.flatnonzero(used & (not whole))
    if not len(bits):
        nothing = np.zeros((0, LANES))
        return Windows(np.zeros(0, np.int64), nothing.astype(np.float32), nothing.astype(np.int32))
    feature, level = chain.feature[bits].astype(np.int64), chain.level[bits]
    window = feature // LANES
    base = np.minimum(window * LANES, max(chain.features - LANES, 0))
    order = np.argsort(feature, kind="stable")
    place = np.arange(len(bits))
    first = np.ones(len(bits), np.bool_)
    first[1:] = feature[order][1:] != feature[order][:-1]
    rank = np.empty(len(bits), np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    key = rank * (chain.features // LANES + 1) + window
    keys, chunk = np.unique(key, return_inverse=True)
    levels = np.full((len(keys), LANES), np.inf, np.float32)
    lanes = np.full((len(keys), LANES), -1, np.int32)
    bases = np.zeros(len(keys), np.int64)
    bases[chunk] = base
    levels[chunk, feature - base] = level
    lanes[chunk, feature - base] = bits
    return Windows(bases, levels, lanes)


@dataclass(frozen=True, eq=False)
class BitWindows:
    """How rows of bits are read: windows of 64 bytes, which make eight chunks each.

    Attributes:
        base: int64 ``(windows,)``, first byte.
        bit: int32 ``(8 · windows, 64)``, which bit each word of a block is; -1 for none.
        row: bytes in a row.
    """

    base: NDArray[np.int64]
    bit: NDArray[np.int32]
    row: int


def bit_windows(used: NDArray[np.bool_]) -> BitWindows:
    """Plan the packing of rows of packed bits, of which some are used."""
    row = -(-len(used) // 8)
    there = np.full(8 * row, -1, np.int32)
    there[: len(used)] = np.where(used, np.arange(len(used)), -1)
    return _bit_windows(there)


def reads_bytes(place: NDArray[np.int32]) -> bool:
    """Whether bytes have all these bits."""
    return bool(place.max(initial=0) < 8)


def byte_windows(chain: Chain, used: NDArray[np.bool_]) -> BitWindows | None:
    """The same for rows of bytes whose bits are what the model reads: packed bits in another order.

    A bit that stands for several is read in several windows. None where the model compares numbers
    or reads bits that bytes do not have.
    """
    place = chain.encoding.place
    if place is None or not reads_bytes(place):
        return None
    bits = np.flatnonzero(used)
    spot = 8 * chain.feature[bits].astype(np.int64) + 7 - place[bits]
    order = np.argsort(spot, kind="stable")
    rank = np.empty(len(bits), np.int64)
    rank[order] = np.arange(len(bits)) - np.searchsorted(spot[order], spot[order])
    parts: list[BitWindows] = []
    for turn in range(int(rank.max(initial=0)) + 1):
        there = np.full(8 * chain.features, -1, np.int32)
        there[spot[rank == turn]] = bits[rank == turn]
        parts.append(_bit_windows(there))
    base = np.concatenate([part.base for part in parts])
    return BitWindows(base, np.concatenate([part.bit for part in parts]), chain.features)


def _bit_windows(there: NDArray[np.int32]) -> BitWindows:
    """Windows over rows in which each place, the highest of a byte first, is that bit.

    The last window ends with the row, where rows are long enough.
    """
    row = len(there) // 8
    start = np.arange(0, row, BYTES)
    base = np.minimum(start, max(row - BYTES, 0))
    byte = _INTERLEAVED.reshape(8, 8)[:, _INTERLEAVED >> 3]  # of the window, in block and word
    place = 8 * (base[:, None, None] + byte) + 7 - (_INTERLEAVED & 7)
    inside = (place < len(there)) & (place >= 8 * start[:, None, None])
    bit = np.where(inside, there[np.minimum(place, len(there) - 1)], -1)
    return BitWindows(base.astype(np.int64), bit.reshape(-1, LANES).astype(np.int32), row)
