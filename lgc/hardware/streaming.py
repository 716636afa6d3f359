"""Streaming: one kernel of each convolution for all places, one after another.

Pixels come row by row, all channels of one at once. Each convolution keeps the rows that its
windows reach and gives its own results row by row; those of the last are collected, and what comes
after it sees them as in a design without convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..errors import UnsupportedError
from ..evaluation import Planes
from ..surgery import wires
from .clocking import Clocking, clocking
from .datapath import Datapath, Part, Places, Word
from .design import Size
from .formats import InputFormat
from .grid import OTHER, Pixels, recognised
from .sections import Section, grouped, section
from .windows import Window, window

WHERE = "--convolution streamed"


@dataclass(frozen=True, eq=False)
class Streamed:
    """A design that takes pixel after pixel.

    Attributes:
        windows: of each convolution.
        kernels: the sections of these.
        rest: what comes after them.
        results: what the outputs of the rest are, from the first on.
        given: None, bits come in.
    """

    windows: tuple[Window, ...]
    kernels: tuple[Section, ...]
    rest: Section
    results: tuple[Word, ...]
    given: InputFormat | None

    @property
    def pixels(self) -> Pixels:
        """That come in."""
        return self.windows[0].grid.pixels

    @property
    def inputs(self) -> int:
        return self.kernels[0].inputs

    @property
    def collected(self) -> int:
        """Bits of the last convolution."""
        return self.rest.inputs

    @property
    def places(self) -> int:
        """Of the last convolution."""
        return self.kernels[-1].copies

    @cached_property
    def clocking(self) -> Clocking:
        """Cycles."""
        ranks = [kernel.made.latency for kernel in self.kernels]
        stages = list(zip(self.windows, ranks, strict=True))
        return clocking(stages, self.places, self.rest.made.latency)

    @property
    def state(self) -> int:
        return 0

    @property
    def latency(self) -> int:
        """Cycles from the last pixel to the answer."""
        return self.clocking.first - self.pixels.count

    @property
    def sizes(self) -> list[Size]:
        return [size for one in (*self.kernels, self.rest) for size in one.made.sizes]

    @property
    def ranked(self) -> list[tuple[int, int]]:
        return [row for one in (*self.kernels, self.rest) for row in one.made.ranked]

    @property
    def memory(self) -> int:
        """Bits of line buffers."""
        return sum(one.memory for one in self.windows)

    @property
    def remembered(self) -> int:
        """Bits of registers for pixels, and for the results of the last convolution."""
        return sum(one.registers for one in self.windows) + self.collected

    def evaluate(self, planes: Planes) -> Planes:
        for one in (*self.kernels, self.rest):
            planes = one.flat.evaluate(planes)
        return planes


def streamed(path: Datapath, *, count: int, limit: int | None) -> Streamed:
    """Find the geometry of all convolutions and place the register ranks.

    Args:
        count: of register ranks after the convolutions; each of these has one.
        limit: most gates on a path between two ranks; the ranks are then as few as that takes.

    Raises:
        UnsupportedError: the model has no convolution, or one that cannot be streamed.
        UsageError: more ranks than the logic is deep.
    """
    groups = grouped(path.parts)
    maps = 0
    while maps < len(groups) and isinstance(groups[maps][0], Places):
        maps += 1
    _check(path, groups, maps)
    kernels: list[Section] = []
    windows: list[Window] = []
    pixels: Pixels | None = None
    for group in groups[:maps]:
        places = group[0]
        assert isinstance(places, Places)
        if len(places.kept):
            raise UnsupportedError(
                f"{places.name} passes {len(places.kept)} bits on beside its results, which a "
                "later part reads",
                where=WHERE,
                hint=OTHER,
            )
        windows.append(window(recognised(places.index, places.bits, pixels)))
        kernels.append(section(group, len(kernels), _ranks(group, limit, 1)))
        grid = windows[-1].grid
        pixels = Pixels(len(places.net.outputs), grid.height, grid.width)
    rest = groups[maps] if maps < len(groups) else (Part("rest", wires(kernels[-1].outputs)),)
    last = section(rest, maps, _ranks(rest, limit, count, most=True))
    return Streamed(tuple(windows), tuple(kernels), last, path.results, path.given)


def _ranks(group: tuple[Part, ...], limit: int | None, count: int, most: bool = False) -> int:
    """Register ranks of parts: so many, or as few as a limit takes, none where there are no gates.

    Args:
        most: more than the parts are deep are refused, not cut.
    """
    depth = section(group, 0, 0).made.stages.limit
    if limit is not None:
        return -(-depth // limit)
    return count if most else min(count, depth)


def _check(path: Datapath, groups: list[tuple[Part, ...]], maps: int) -> None:
    if path.given is not None:
        raise UnsupportedError(
            "bits come in, one for each channel of a pixel; there is no encoder for a stream",
            where=WHERE,
            hint="leave --input-format out, or take --convolution unrolled",
        )
    if not any(isinstance(part, Places) for part in path.parts):
        raise UnsupportedError("the model has no convolution", where=WHERE, hint="leave it out")
    if not maps or any(isinstance(part, Places) for group in groups[maps:] for part in group):
        raise UnsupportedError(
            f"{'a' if maps else 'the first'} convolution reads a circuit, not pixels",
            where=WHERE,
            hint=OTHER,
        )
