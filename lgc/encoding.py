"""Encoding: which bit of the first layer says what about which number of a sample.

Either bit i is ``x[feature[i]] > level[i]``, or it is bit ``place[i]`` of the whole number
``x[feature[i]]`` in two's complement: -1 has ones everywhere, whatever the width. Of a fraction the
whole number below it counts; what is not finite has zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError, UnsupportedError
from .evaluation import Planes, pack_planes
from .facts import Facts, of_places, of_thresholds
from .inputs import PackedBits

PLACES = 16
"""Bits of a number that can be asked for."""

_AT_ONCE = 1 << 24
"""Bits that are held as one byte each."""


@dataclass(frozen=True, eq=False)
class Encoding:
    """Of all bits that enter the first layer.

    Attributes:
        feature: int32 ``(bits,)``.
        thresholds: float32 ``(bits,)``, or None.
        place: int32 ``(bits,)`` from 0, the least significant, to ``PLACES - 1``; or None.
    """

    feature: NDArray[np.int32]
    thresholds: NDArray[np.float32] | None
    place: NDArray[np.int32] | None = None

    @property
    def level(self) -> NDArray[np.float32]:
        """The thresholds.

        Raises:
            UnsupportedError: there are none, the model reads the bits of whole numbers.
        """
        if self.thresholds is None:
            raise UnsupportedError(
                "the model reads the bits of whole numbers, and this is about thresholds"
            )
        return self.thresholds

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Encoding)
            and np.array_equal(self.feature, other.feature)
            and _equal(self.thresholds, other.thresholds)
            and _equal(self.place, other.place)
        )

    __hash__ = None  # type: ignore[assignment]

    def first(self, count: int) -> Encoding:
        """Of the first bits alone."""
        part = slice(count)
        return Encoding(
            self.feature[part],
            None if self.thresholds is None else self.thresholds[part],
            None if self.place is None else self.place[part],
        )

    def widened(self, features: int, count: int) -> Encoding:
        """With further bits, each of them a number of its own that is 0 or 1."""
        feature = features + np.arange(count, dtype=np.int32)
        level, place = np.zeros(count, np.float32), np.zeros(count, np.int32)
        return Encoding(
            np.append(self.feature, feature),
            None if self.thresholds is None else np.append(self.thresholds, level),
            None if self.place is None else np.append(self.place, place),
        )

    def planes(self, batch: NDArray[Any] | PackedBits) -> Planes:
        """The bits of a batch as planes: uint64 ``(bits, ceil(n / 64))``."""
        bits = len(self.feature)
        if isinstance(batch, PackedBits):
            if batch.width != bits:
                raise InputError(f"packed rows hold {batch.width} bits, the model reads {bits}")
            return pack_planes(batch.unpack())
        if self.place is None:
            return pack_planes(batch[:, self.feature] > self.level)
        made = np.empty((bits, -(-len(batch) // 64)), np.uint64)
        low = low_bits(batch)
        step = max(_AT_ONCE // max(len(batch), 1), 1)
        for start in range(0, bits, step):
            part = slice(start, start + step)
            made[part] = pack_planes(_at(low, self.feature[part], self.place[part]))
        return made

    def rows(self, batch: NDArray[Any]) -> NDArray[np.bool_]:
        """The bits of a batch, bool ``(n, bits)``."""
        if self.place is None:
            return batch[:, self.feature] > self.level
        return _at(low_bits(batch), self.feature, self.place)

    def facts(self, dtype: str, one_hot: ArrayLike | None = None) -> Facts:
        """What is known about the bits of numbers of a type (see `lgc.facts`)."""
        if self.place is not None:
            return of_places(dtype, self.feature, self.place)
        return of_thresholds(dtype, self.feature, self.level, one_hot)


def low_bits(batch: NDArray[Any]) -> NDArray[np.uint16]:
    """The lowest 16 bits of whole numbers, uint16 of the same shape."""
    if batch.dtype.kind != "f":
        return batch.astype(np.uint16)
    with np.errstate(invalid="ignore"):
        whole = np.mod(np.floor(batch.astype(np.float64)), 1 << PLACES)
    return np.where(np.isfinite(whole), whole, 0).astype(np.uint16)


def _at(
    low: NDArray[np.uint16], feature: NDArray[np.int32], place: NDArray[np.int32]
) -> NDArray[np.bool_]:
    mask = np.uint16(1) << place.astype(np.uint16)
    return (low[:, feature] & mask) != 0


def _equal(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)
