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
        caches: bytes of the caches, by the same names; 0 for memory.
    """

    instruction: str
    gate_bits: float
    bandwidth: Mapping[str, float]
    caches: Mapping[str, int]


@dataclass(frozen=True)
class Traffic:
    """What one run of a program over one plane does.

    Attributes:
        gates: gates evaluated, those of class sums and argmax included.
        sums: how many of them are class sums and argmax.
        loads, stores: planes read from memory and written to it.
        misses: loads that do not find their line in each cache, when the program runs again and
            again and a cache forgets what was used longest ago.
        plane_bits: samples in a plane.
    """

    gates: int
    sums: int
    loads: int
    stores: int
    misses: Mapping[str, int]
    plane_bits: int

    def bytes(self, level: str) -> int:
        """Bytes that loads get from a cache or from memory: from L1 all of them, from the others
        what is not in the one before. Stores take another way, which `Limits` does not measure."""
        names = list(self.misses)
        place = names.index(level) if level in self.misses else len(names)
        planes = self.misses[names[place - 1]] if place else self.loads
        return planes * self.plane_bits // 8


@dataclass(frozen=True)
class Share:
    """How much of the limits a program gets.

    Attributes:
        gate_bits: gates times samples a second.
        gate_share: of `Limits.gate_bits`.
        bandwidth: bytes of planes a second that loads get from each cache and from memory.
        bandwidth_share: of `Limits.bandwidth`.
    """

    gate_bits: float
    gate_share: float
    bandwidth: Mapping[str, float]
    bandwidth_share: Mapping[str, float]


def share(traffic: Traffic, limits: Limits, seconds: float) -> Share:
    """The share of the limits of a program that takes ``seconds`` for a plane."""
    gate_bits = traffic.gates * traffic.plane_bits / seconds
    moved = {level: traffic.bytes(level) / seconds for level in limits.bandwidth}
    return Share(
        gate_bits,
        gate_bits / limits.gate_bits,
        moved,
        {level: rate / limits.bandwidth[level] for level, rate in moved.items()},
    )
