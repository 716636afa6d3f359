"""The caches of the machine lgc runs on: sizes, ways and lines, as Linux tells them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TOLD = Path("/sys/devices/system/cpu/cpu0/cache")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class Cache:
    """A data cache: bytes in all and in a line, and the lines that share a place."""

    size: int
    ways: int
    line: int

    @property
    def sets(self) -> int:
        """Places a line may not choose between."""
        return max(self.size // (self.ways * self.line), 1)


USUAL = {"L1": Cache(32 << 10, 8, 64), "L2": Cache(1 << 20, 8, 64), "L3": Cache(32 << 20, 16, 64)}
"""Where the machine does not tell."""


@cache
def hierarchy() -> dict[str, Cache]:
    """Data caches by name, ``L1`` to ``L3``; what is not told is as `USUAL`."""
    return {**USUAL, **told(_TOLD)}


def told(folder: Path) -> dict[str, Cache]:
    """The data caches that a folder like ``/sys/devices/system/cpu/cpu0/cache`` describes."""
    found: dict[str, Cache] = {}
    for index in sorted(folder.glob("index*")):
        with contextlib.suppress(OSError, ValueError, KeyError):

            def read(name: str, index: Path = index) -> str:
                return (index / name).read_text().strip()

            if read("type") == "Instruction":
                continue
            size = read("size")
            scale = _UNITS.get(size[-1], 1)
            amount = int(size.rstrip("KMG")) * scale
            ways, line = int(read("ways_of_associativity")), int(read("coherency_line_size"))
            if min(amount, ways, line) > 0:
                found[f"L{int(read('level'))}"] = Cache(amount, ways, line)
    return found
