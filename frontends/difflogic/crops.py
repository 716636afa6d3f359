"""Images of 20 × 20 as difflogic's experiments cut them out of MNIST: eight lines off each axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE, CUT = 28, 8
_MOST = 14


def crop(images: NDArray[Any]) -> NDArray[Any]:
    """``(n, 28, 28)`` to ``(n, 20, 20)``, another cut for each image.

    On each axis the empty lines before and after the digit are counted, up to 14. While they are
    ten or more, one fewer is cut on either side that has some; of nine, one fewer in front, or
    behind where there is none in front.
    """
    return _lines(_lines(images).transpose(0, 2, 1)).transpose(0, 2, 1)


def _lines(images: NDArray[Any]) -> NDArray[Any]:
    ink: NDArray[np.bool_] = np.any(images != 0, axis=2)
    blank = ~np.any(ink, axis=1)
    front: NDArray[np.int64] = np.where(blank, _MOST, np.minimum(ink.argmax(axis=1), _MOST))
    back: NDArray[np.int64] = np.where(blank, _MOST, np.minimum(ink[:, ::-1].argmax(axis=1), _MOST))
    while (many := front + back >= CUT + 2).any():
        front, back = front - (many & (front > 0)), back - (many & (back > 0))
    front = front - ((front + back == CUT + 1) & (front > 0))
    rows, lines = np.indices((len(images), images.shape[1] - CUT))
    return images[rows, lines + np.minimum(front, CUT)[:, None]]
