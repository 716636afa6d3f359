"""Windows in a stream: what must be remembered of pixels that come one after another.

Pixels come row by row. A window is complete when its last pixel is there, or would be: pixels
behind the last row are zeros that the stage adds by itself. Then a pixel of it is so many rows and
columns back; line buffers hold rows, registers columns. What lies outside of the grid is masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedError
from .grid import OTHER, Grid


@dataclass(frozen=True, eq=False)
class Window:
    """Windows over a stream of pixels.

    Steps are counted from the first pixel of a sample; in each a pixel, or a zero behind the last,
    moves in. ``row`` and ``column`` count with them, so that in a step in which the window of place
    (oy, ox) is complete, ``column`` is ox · across and ``row`` is oy · down + `start`.

    Attributes:
        grid: which windows.
    """

    grid: Grid

    @property
    def _end(self) -> tuple[int, int]:
        """Row and column of the window's last pixel at the first place, of a pixel at least."""
        _, bottom, _, right = self.grid.span
        return max(bottom, 0), max(right, 0)

    @property
    def _before(self) -> int:
        """Steps before the one in which the first window is complete."""
        bottom, right = self._end
        return bottom * self.grid.pixels.width + right

    @property
    def start(self) -> int:
        """``row`` in the step in which the first window is complete."""
        return -(-self._before // self.grid.pixels.width)

    def at(self, step: int) -> tuple[int, int]:
        """``row`` and ``column`` in a step."""
        row, column = divmod(step - self._before, self.grid.pixels.width)
        return row + self.start, column

    @property
    def last(self) -> tuple[int, int]:
        """The largest ``row`` and ``column`` of places."""
        grid = self.grid
        return self.start + (grid.height - 1) * grid.down, (grid.width - 1) * grid.across

    @property
    def steps(self) -> int:
        """Of a sample: its pixels, and the zeros behind them that windows need."""
        row, column = self.last
        behind = (row - self.start) * self.grid.pixels.width + column + self._before + 1
        return max(self.grid.pixels.count, behind)

    @cached_property
    def back(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many rows and columns back each input of the kernel stands when it is read."""
        bottom, right = self._end
        used = self.grid.channel >= 0
        return (
            np.where(used, bottom - self.grid.row, 0),
            np.where(used, right - self.grid.column, 0),
        )

    @property
    def rows(self) -> int:
        """Rows in line buffers."""
        return int(self.back[0].max(initial=0))

    @property
    def columns(self) -> int:
        """Columns in registers."""
        return int(self.back[1].max(initial=0))

    @property
    def memory(self) -> int:
        """Bits of the line buffers."""
        pixels = self.grid.pixels
        return self.rows * pixels.width * pixels.channels if pixels.width > 1 else 0

    @property
    def registers(self) -> int:
        """Bits of registers for pixels; counters not counted."""
        channels = self.grid.pixels.channels
        return channels * (self.rows + self.columns * (self.rows + 1))

    def complete(self) -> NDArray[np.bool_]:
        """Whether a window is complete in each step, bool ``(steps,)``."""
        grid = self.grid
        last_row, last_column = self.last
        row, column = np.divmod(np.arange(self.steps) - self._before, grid.pixels.width)
        there = (row >= 0) & (row + self.start <= last_row) & (column <= last_column)
        return there & (row % grid.down == 0) & (column % grid.across == 0)


def window(grid: Grid) -> Window:
    """The window of a grid.

    Raises:
        UnsupportedError: places of a row outnumber its pixels, since padding is wider than windows.
    """
    across = (grid.width - 1) * grid.across
    if across >= grid.pixels.width:
        raise UnsupportedError(
            f"a row has {grid.pixels.width} pixels, and places up to {across + 1} pixels along it: "
            "padding is wider than the windows",
            where="--convolution streamed",
            hint=OTHER,
        )
    return Window(grid)
