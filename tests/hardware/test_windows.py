"""What a stream must remember: checked by streaming pixels through windows in Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.errors import UnsupportedError
from lgc.hardware.clocking import Clocking, clocking
from lgc.hardware.grid import Grid, Pixels
from lgc.hardware.windows import Window, window


def made(
    height: int, width: int, size: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int]
) -> Grid:
    """Windows of all of their pixels."""
    row, column = (axis.ravel() - before for axis, before in zip(np.indices(size), pad))
    places = [
        (pixels + 2 * before - own) // step + 1
        for pixels, own, step, before in zip((height, width), size, stride, pad)
    ]
    return Grid(Pixels(1, height, width), *places, *stride, row * 0, row, column)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    size = draw(st.integers(1, min(4, height))), draw(st.integers(1, min(4, width)))
    stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return window(made(height, width, size, stride, (size[0] // 2, (size[1] - 1) // 2)))


@given(windows())
def test_what_is_remembered_is_what_is_read(own: Window) -> None:
    """In each step with a complete window its pixels stand so many rows and columns back."""
    grid, width = own.grid, own.grid.pixels.width
    steps = np.flatnonzero(own.complete())
    index = grid.index()
    assert len(steps) == len(index)
    rows, columns = own.back
    assert rows.min() >= 0
    assert columns.min() >= 0
    for step, read in zip(steps.tolist(), index, strict=True):
        behind = step - rows * width - columns
        assert np.array_equal(behind[read >= 0], read[read >= 0])
        row, column = own.at(step)
        inside = (row - own.start + grid.row >= 0) & (
            row - own.start + grid.row < grid.pixels.height
        )
        inside &= (column + grid.column >= 0) & (column + grid.column < width)
        assert np.array_equal(inside, read >= 0)
    assert own.at(0)[0] == 0
    assert own.steps >= grid.pixels.count


@given(st.lists(st.tuples(windows(), st.integers(0, 2)), min_size=1, max_size=1))
def test_a_sample_takes_the_steps_of_its_stage(stages: list[tuple[Window, int]]) -> None:
    own, ranks = stages[0]
    places = own.grid.height * own.grid.width
    found = clocking(stages, places, 3)
    assert found.interval == own.steps
    last = int(np.flatnonzero(own.complete())[-1]) + 1
    assert found.first == max(last + ranks + 4, own.grid.pixels.count)


def test_the_slowest_stage_decides() -> None:
    first = window(made(6, 10, (3, 3), (1, 1), (1, 1)))
    second = window(made(6, 10, (5, 5), (1, 1), (2, 2)))
    assert (first.steps, second.steps) == (71, 82)
    assert clocking([(first, 1), (second, 1)], 60, 0) == Clocking(96, 82)


def test_padding_wider_than_windows() -> None:
    with pytest.raises(UnsupportedError) as caught:
        window(made(3, 4, (1, 1), (1, 1), (1, 1)))
    assert str(caught.value) == (
        "--convolution streamed: a row has 4 pixels, and places up to 6 pixels along it: padding "
        "is wider than the windows\n  hint: --convolution unrolled takes any rows"
    )
