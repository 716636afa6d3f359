"""Grids: the geometry of a convolution, recovered from the rows of bits that it reads.

Row p of an index stands for place (oy, ox) of a grid of results, p = oy · columns + ox. Entry i of
all rows reads one channel of the pixel (oy · down + a, ox · across + b) for fixed a and b, or a
zero where that lies outside of the pixels. Geometries are guessed and compared with all rows, so
what is found is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedError

Ints = NDArray[np.int64]

SAMPLE = 64
"""Rows and columns that are looked at before the others."""

OTHER = "--convolution unrolled takes any rows"


@dataclass(frozen=True)
class Pixels:
    """How bits are the channels of pixels.

    Attributes:
        channels, height, width: how many there are.
        planar: all pixels of a channel stand together, row by row, as for bit
            ``(c · height + y) · width + x``; else all channels of a pixel do, as for
            ``(y · width + x) · channels + c``.
    """

    channels: int
    height: int
    width: int
    planar: bool = False

    @property
    def count(self) -> int:
        """Pixels."""
        return self.height * self.width

    def order(self) -> Ints:
        """The bits pixel by pixel, all channels of each together."""
        bits = np.arange(self.channels * self.count)
        return bits.reshape(self.channels, self.count).T.ravel() if self.planar else bits

    def split(self, bits: Ints) -> tuple[Ints, Ints, Ints]:
        """Channel, row and column of bits."""
        if self.planar:
            channel, pixel = np.divmod(bits, self.count)
        else:
            pixel, channel = np.divmod(bits, self.channels)
        return channel, *np.divmod(pixel, self.width)

    def bits(self, channel: Ints, row: Ints, column: Ints) -> Ints:
        """The bits of channels of pixels."""
        pixel = row * self.width + column
        return channel * self.count + pixel if self.planar else pixel * self.channels + channel


@dataclass(frozen=True, eq=False)
class Grid:
    """Windows over pixels.

    Attributes:
        pixels: that are read.
        height, width: of the grid of places.
        down, across: pixels from one place to the next.
        channel, row, column: what each input reads at the first place, int64 ``(inputs,)``; channel
            -1 is a zero at all places. Rows and columns outside of the pixels are zeros.
    """

    pixels: Pixels
    height: int
    width: int
    down: int
    across: int
    channel: Ints
    row: Ints
    column: Ints

    @property
    def results(self) -> Pixels:
        """The places, without their channels, as pixels of one."""
        return Pixels(1, self.height, self.width)

    @property
    def span(self) -> tuple[int, int, int, int]:
        """First and last row, first and last column of the window at the first place."""
        used = self.channel >= 0
        if not used.any():
            return 0, 0, 0, 0
        row, column = self.row[used], self.column[used]
        return int(row.min()), int(row.max()), int(column.min()), int(column.max())

    def index(self) -> Ints:
        """The rows of bits, int64 ``(places, inputs)``, -1 for a zero."""
        place = np.arange(self.height * self.width)[:, None]
        row = place // self.width * self.down + self.row
        column = place % self.width * self.across + self.column
        pixels = self.pixels
        inside = (row >= 0) & (row < pixels.height) & (column >= 0) & (column < pixels.width)
        inside &= self.channel >= 0
        return np.where(inside, pixels.bits(self.channel, row, column), -1)

    def __str__(self) -> str:
        top, bottom, left, right = self.span
        size = f"{bottom - top + 1} x {right - left + 1}"
        return (
            f"windows of {size} from row {top}, column {left}, {self.down} rows and {self.across} "
            f"columns apart, over {self.pixels.height} x {self.pixels.width} pixels of "
            f"{self.pixels.channels} bits: {self.height} x {self.width} places"
        )


def recognised(index: NDArray[np.int32], bits: int, pixels: Pixels | None = None) -> Grid:
    """The geometry of an index.

    Where several fit, square pixel grids come first, then small windows, then few channels.

    Args:
        index: int32 ``(places, inputs)``, -1 for a zero.
        bits: that there are to read.
        pixels: what these are, where it is known.

    Raises:
        UnsupportedError: the rows are no translates of one another on a grid.
    """
    rows = index.astype(np.int64)
    found: list[tuple[tuple[int, ...], Grid]] = []
    for one in [pixels] if pixels is not None else _pixels(bits):
        if (grid := _windows(rows, one)) is not None:
            top, bottom, left, right = grid.span
            area = (bottom - top + 1) * (right - left + 1)
            found.append(((one.height != one.width, area, one.channels, one.height), grid))
    if not found:
        where = "any grid" if pixels is None else f"{pixels.height} x {pixels.width} pixels"
        raise UnsupportedError(
            f"{len(rows)} places read {bits} bits in rows that are no windows on {where}",
            where="--convolution streamed",
            hint=OTHER,
        )
    return min(found, key=lambda pair: pair[0])[1]


def _pixels(bits: int) -> Iterator[Pixels]:
    """All ways in which bits can be channels of pixels."""
    for channels in _divisors(bits):
        for height in _divisors(bits // channels):
            width = bits // channels // height
            yield Pixels(channels, height, width)
            if channels > 1 and height * width > 1:
                yield Pixels(channels, height, width, planar=True)


def _divisors(number: int) -> list[int]:
    return [one for one in range(1, number + 1) if not number % one]


def _windows(index: Ints, pixels: Pixels) -> Grid | None:
    """The windows over these pixels that the rows are, if they are."""
    places, inputs = index.shape
    rows = slice(None, None, -(-places // SAMPLE))
    some = np.arange(min(inputs, SAMPLE), dtype=np.int64)
    for width in _divisors(places):
        shape = (places // width, width)
        few = _fitted(index, pixels, *shape, chosen=some)
        if few is None or not np.array_equal(few.index()[rows], index[rows][:, some]):
            continue
        grid = _fitted(index, pixels, *shape, chosen=np.arange(inputs, dtype=np.int64))
        if grid is not None and np.array_equal(grid.index(), index):
            return grid
    return None


def _fitted(index: Ints, pixels: Pixels, height: int, width: int, chosen: Ints) -> Grid | None:
    """The only windows that some inputs can be, from their first reads; None if there are none."""
    own = index[:, chosen]
    there = own >= 0
    if not there.any():
        nothing = np.full(len(chosen), -1)
        return Grid(pixels, height, width, 1, 1, nothing, nothing * 0, nothing * 0)
    place = np.arange(len(own)).reshape(height, width)
    across = _step(own, there, pixels, place[:, :-1].ravel(), place[:, 1:].ravel(), (0, 1))
    down = _step(own, there, pixels, place[:-1].ravel(), place[1:].ravel(), (1, 0))
    if across is None or down is None:
        return None
    first = there.argmax(axis=0)
    some = there.any(axis=0)
    channel, row, column = pixels.split(own[first, np.arange(len(chosen))])
    row = np.where(some, row - first // width * down, 0)
    column = np.where(some, column - first % width * across, 0)
    return Grid(pixels, height, width, down, across, np.where(some, channel, -1), row, column)


def _step(
    own: Ints, there: NDArray[np.bool_], pixels: Pixels, before: Ints, after: Ints,
    way: tuple[int, int],
) -> int | None:  # fmt: skip
    """Pixels between two places beside one another, 1 where nothing tells; None for no such way."""
    both = there[before] & there[after]
    if not both.any():
        return 1
    pair, entry = np.unravel_index(int(both.argmax()), both.shape)
    _, *here = pixels.split(own[before[pair], entry])
    _, *there_ = pixels.split(own[after[pair], entry])
    moved = int(there_[0] - here[0]), int(there_[1] - here[1])
    step = max(moved)
    return step if step > 0 and moved == (way[0] * step, way[1] * step) else None
