"""The geometry of convolutions is recovered from their rows, exactly, or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.assembling import patches
from lgc.errors import UnsupportedError
from lgc.hardware.grid import Pixels, recognised


def rows(
    pixels: Pixels, size: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]
) -> np.ndarray:
    values = np.arange(pixels.channels * pixels.count)
    if not pixels.planar:
        values = values.reshape(-1, pixels.channels).T
    values = values.reshape(pixels.channels, pixels.height, pixels.width)
    return patches(values, size, stride, padding)[0].astype(np.int32)


@pytest.mark.parametrize("planar", [True, False])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (1, 2), (3, 1)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (0, 1)])
def test_what_it_was_made_from(
    planar: bool, stride: tuple[int, int], padding: tuple[int, int]
) -> None:
    pixels = Pixels(3, 7, 7, planar)
    grid = recognised(rows(pixels, (3, 2), stride, padding), 147)
    assert grid.pixels == pixels
    assert (grid.down, grid.across) == stride
    assert grid.span == (-padding[0], 2 - padding[0], -padding[1], 1 - padding[1])
    assert grid.channel.tolist() == np.repeat([0, 1, 2], 6).tolist()
    assert (grid.height, grid.width) == (
        (7 + 2 * padding[0] - 3) // stride[0] + 1,
        (7 + 2 * padding[1] - 2) // stride[1] + 1,
    )


@given(st.data())
def test_rows_are_always_those_given(data: st.DataObject) -> None:
    """Whatever geometry is found, its rows are the rows, some inputs left out or doubled."""
    small = st.integers(1, 3)
    pixels = Pixels(
        data.draw(small), data.draw(st.integers(3, 8)), data.draw(st.integers(3, 8)),
        data.draw(st.booleans()),
    )  # fmt: skip
    size, stride = data.draw(st.tuples(small, small)), data.draw(st.tuples(small, small))
    padding = data.draw(st.tuples(st.integers(0, size[0] - 1), st.integers(0, size[1] - 1)))
    index = rows(pixels, size, stride, padding)
    columns = data.draw(st.lists(st.integers(0, index.shape[1] - 1), min_size=1))
    index = index[:, columns]
    bits = pixels.channels * pixels.count
    assert np.array_equal(recognised(index, bits).index(), index)
    assert np.array_equal(recognised(index, bits, pixels).index(), index)


def test_windows_along_a_line() -> None:
    grid = recognised(rows(Pixels(1, 1, 53), (1, 5), (1, 3), (0, 2)), 53)
    assert (grid.pixels, grid.across, grid.span) == (Pixels(1, 1, 53), 3, (0, 0, -2, 2))


def test_square_images_come_first() -> None:
    """Windows two apart over one channel are windows one apart over two."""
    index = rows(Pixels(1, 12, 12), (2, 2), (2, 2), (0, 0))
    assert recognised(index, 144).pixels == Pixels(1, 12, 12)


def test_an_order_of_pixels() -> None:
    assert Pixels(2, 1, 3, planar=True).order().tolist() == [0, 3, 1, 4, 2, 5]
    assert Pixels(2, 1, 3).order().tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("change", ["one entry", "order of places", "a zero", "one more place"])
def test_rows_that_are_no_windows(change: str) -> None:
    index = rows(Pixels(2, 6, 6), (3, 3), (1, 1), (1, 1))
    if change == "one entry":
        index[20, 3] += 1
    elif change == "order of places":
        index[[4, 5]] = index[[5, 4]]
    elif change == "a zero":
        index[14, 4] = -1
    else:
        index = np.concatenate([index, index[:1]])
    with pytest.raises(UnsupportedError) as caught:
        recognised(index, 72)
    assert str(caught.value) == (
        f"--convolution streamed: {len(index)} places read 72 bits in rows that are no windows on "
        "any grid\n  hint: --convolution unrolled takes any rows"
    )


def test_pixels_that_are_known() -> None:
    index = rows(Pixels(2, 6, 6), (3, 3), (1, 1), (1, 1))
    with pytest.raises(UnsupportedError, match="no windows on 3 x 12 pixels"):
        recognised(index, 72, Pixels(2, 3, 12))
