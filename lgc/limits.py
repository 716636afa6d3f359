"""What a machine can do at most, what a program asks of it, and the share that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Measured on one core.

    Attributes:
        instruction: what evaluates gates on registers.
        gate_bits: gates times samples a second that it evaluates there.
        bandwidth: bytes a second that loads of whole planes get, by where the planes are.
        updates: planes that are read and written back, bytes a second of them, by the same names.
        caches: bytes of the caches, by the same names; 0 for memory.
    """

    instruction: str
    gate_bits: float
    bandwidth: Mapping[str, float]
    updates: Mapping[str, float]
    caches: Mapping[str, int]

    def seconds(self, level: str, fetched: float, returned: float) -> float:
        """What it takes at least to fetch bytes from somewhere and return some of them later."""
        kept = max(fetched - returned, 0.0)
        return kept / self.bandwidth[level] + returned / self.updates[level]


@dataclass(frozen=True)
class Misses:
    """What a cache does not hold when a program runs again and again, in planes.

    Attributes:
        loads, stores: planes that are not there when they are read, or written.
        returned: planes that leave it changed, and go back to where they came from.
    """

    loads: int
    stores: int
    returned: int


@dataclass(frozen=True)
class Traffic:
    """What one run of a program over one plane does.

    Attributes:
        gates: gates evaluated, those of class sums and argmax included.
        sums: how many of them are class sums and argmax.
        loads, stores: planes read from memory and written to it.
        misses: by a model of each cache that forgets what was used longest ago.
        plane_bits: samples in a plane.
    """

    gates: int
    sums: int
    loads: int
    stores: int
    misses: Mapping[str, Misses]
    plane_bits: int

    def moved(self, level: str) -> tuple[int, int]:
        """Bytes fetched from a cache or from memory, and bytes returned there.

        L1 gives all that is read; what is written takes another way, which no limit here speaks
        of. The others give what is not in the one before, for reading or writing.
        """
        size = self.plane_bits // 8
        names = list(self.misses)
        place = names.index(level) if level in self.misses else len(names)
        if not place:
            return self.loads * size, 0
        before = self.misses[names[place - 1]]
        return (before.loads + before.stores) * size, before.returned * size


@dataclass(frozen=True)
class Share:
    """How much of the limits a program gets.

    Attributes:
        gate_bits: gates times samples a second.
        gate_share: of `Limits.gate_bits`.
        bandwidth: bytes of planes a second from each cache and from memory, and back.
        bandwidth_share: time that this takes at least, of the time there was.
    """

    gate_bits: float
    gate_share: float
    bandwidth: Mapping[str, float]
    bandwidth_share: Mapping[str, float]


def share(traffic: Traffic, limits: Limits, seconds: float) -> Share:
    """The share of the limits of a program that takes ``seconds`` for a plane."""
    gate_bits = traffic.gates * traffic.plane_bits / seconds
    moved = {level: traffic.moved(level) for level in limits.bandwidth}
    return Share(
        gate_bits,
        gate_bits / limits.gate_bits,
        {level: sum(both) / seconds for level, both in moved.items()},
        {level: limits.seconds(level, *both) / seconds for level, both in moved.items()},
    )
