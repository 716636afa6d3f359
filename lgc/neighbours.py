"""Inputs near a sample: which of its bits can change, and by what numbers.

Samples of bool or uint8, and those of a model that reads these, have neighbours of whole numbers in
the range of the type; others have neighbours of real numbers, those that float32 holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .chain import Chain
from .errors import InputError, UnsupportedError, UsageError
from .evaluation import unpack_planes
from .facts import LARGEST, Facts
from .inputs import PackedBits, rows
from .proof.balls import Ball

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Kind = Literal["flips", "features", "radius"]


@dataclass(frozen=True)
class Near:
    """What counts as near.

    Attributes:
        kind: ``flips``: up to ``size`` bits that enter the circuit are flipped; ``features``: up to
            ``size`` features have any other value; ``radius``: every number may change by ``size``.
    """

    kind: Kind
    size: float

    def __post_init__(self) -> None:
        if self.kind == "radius":
            if not (np.isfinite(self.size) and self.size >= 0):
                raise UsageError(f"a radius is a number from 0, not {self.size}", where="radius")
        elif self.size < 1 or self.size != int(self.size):
            raise UsageError(f"at least one change is needed, not {self.size:g}", where=self.kind)

    def __str__(self) -> str:
        if self.kind == "radius":
            return f"numbers that differ by up to {self.size:g}"
        unit = "bit" if self.kind == "flips" else "feature"
        return f"up to {self.size:g} {unit}{'s' if self.size != 1 else ''} changed"


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples as the model sees them.

    Attributes:
        batch: as they were given; ``bits``: what enters the circuit, bool ``(n, bits)``.
        most: the largest number, where numbers are whole ones from 0; None for real numbers.
        facts: about the bits that such numbers give.
    """

    chain: Chain
    batch: NDArray[Any] | PackedBits
    bits: Bools
    most: int | None
    facts: Facts

    def __len__(self) -> int:
        return len(self.bits)

    def ball(self, number: int, near: Near) -> Ball:
        """The inputs near a sample.

        Raises:
            UsageError: a radius around packed bits.
            UnsupportedError: one around the numbers of which a model reads the bits.
        """
        chain, centre = self.chain, self.bits[number]
        if near.kind == "radius":
            free = self.distances(number) <= near.size
            return Ball(centre, free, None, np.arange(chain.bits), self.facts)
        unit = np.arange(chain.bits) if near.kind == "flips" else chain.feature.astype(np.int64)
        every = np.ones(chain.bits, np.bool_)
        return Ball(centre, every, int(near.size), unit, self.facts)

    def distances(self, number: int) -> Floats:
        """By how much a number must change to flip each bit; infinite where nothing does."""
        if isinstance(self.batch, PackedBits):
            raise UsageError(
                "a radius is about numbers, and these samples are packed bits",
                where="radius",
                hint="flips counts changes of bits",
            )
        chain, bits = self.chain, self.bits[number]
        if chain.encoding.place is not None:
            raise UnsupportedError(
                "a radius is about thresholds, and the model reads the bits of numbers",
                where="radius",
                hint="features counts numbers that change",
            )
        x = self.batch[number].astype(np.float64)[chain.feature]
        level = chain.level.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            if self.most is not None:
                down = np.floor(level)
                up, outside = down + 1, down + 1 > self.most
                outside[bits] = down[bits] < 0
            else:
                down, outside = level, np.zeros(len(bits), np.bool_)
                up = np.nextafter(chain.level, np.float32(np.inf)).astype(np.float64)
            far = up - x
            far[bits] = (x - down)[bits]
        far[outside | ~np.isfinite(far)] = np.inf
        return far

    def numbers(self, number: int, bits: Bools) -> NDArray[Any] | None:
        """The numbers nearest to a sample that give these bits; None where samples are bits."""
        if isinstance(self.batch, PackedBits):
            return None
        chain, sample = self.chain, self.batch[number].copy()
        if self.most is None and sample.dtype.kind != "f":
            sample = sample.astype(np.float64)
        place = chain.encoding.place
        for feature in np.unique(chain.feature[bits != self.bits[number]]).tolist():
            own = chain.feature == feature
            if place is not None:
                sample[feature] = _with_bits(sample[feature], place[own], bits[own])
                continue
            level = chain.level[own]
            above = level[bits[own]].max(initial=-np.inf)  # the number is larger than this
            most = level[~bits[own]].min(initial=np.inf)  # and not larger than this
            sample[feature] = self._between(sample[feature], above, most)
        return sample

    def _between(self, x: Any, above: np.float32, most: np.float32) -> Any:
        """The number nearest to x that is larger than one level and not larger than another."""
        if x > above:  # so x is too large
            nice = np.floor(most)
            return nice if self.most is not None or nice > above else most
        nice = np.floor(above) + 1
        if np.isneginf(above):
            return most
        return nice if self.most is not None else np.nextafter(above, np.float32(np.inf))


def _with_bits(x: Any, place: NDArray[np.int32], bits: Bools) -> int:
    """The whole number below x with other bits at some places."""
    whole, set_ones = int(np.floor(x)), 0
    for at, one in zip(place.tolist(), bits.tolist()):
        whole &= ~(1 << at)
        set_ones |= int(one) << at
    return whole | set_ones


def samples(chain: Chain, x: Any) -> Samples:
    """Samples of a model; see `lgc.inputs` for what ``x`` may be.

    Raises:
        InputError: they do not suit, or are bits that cannot occur.
    """
    batch = x if isinstance(x, PackedBits) else rows(x, chain.features)
    bits = unpack_planes(chain.encoding.planes(batch), len(batch))
    kinds = [chain.dtype] if isinstance(batch, PackedBits) else [chain.dtype, batch.dtype.name]
    most = min((LARGEST[kind] for kind in kinds if kind in LARGEST), default=None)
    kind = next((kind for kind in kinds if LARGEST.get(kind) == most), chain.dtype)
    facts = chain.facts
    if kind != chain.dtype:  # bytes give fewer vectors than all numbers do
        facts = chain.encoding.facts(kind)
    good = facts.hold(bits)
    if not good.all():
        raise InputError(
            f"sample {int((~good).argmax())} holds bits that cannot occur together",
            hint="do the packed bits stand in the order of the model's thresholds?",
        )
    return Samples(chain, batch, bits, most, facts)
