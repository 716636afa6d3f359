"""Calls of recurrent programs from Python: arrays of sequences in, results and states out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.parallel import spread
from lgc.streams import What

from .linking import Linked

Bytes = NDArray[np.uint8]


def run_steps(
    program: Linked,
    source: str,
    x: NDArray[Any],
    state: Bytes,
    what: What,
    sizes: tuple[int, int, int],
    grain: int,
    threads: int | None,
) -> tuple[NDArray[Any], Bytes]:
    """Run a program on sequences ``(n, steps, …)`` that compiled code can read.

    Args:
        source: what x holds.
        state: packed rows.
        sizes: classes, bits of the last layer, bits of the state.
        grain: samples computed at once.

    Returns:
        Results ``(steps, n, …)``, sums not divided, and packed states after the last step.
    """
    classes, outputs, kept = sizes
    result, shape, dtype = {
        "predict": ("classes", (), np.int64),
        "counts": ("counts", (classes,), np.int32),
        "scores": ("counts", (classes,), np.int32),
        "bits": ("outputs", (-(-outputs // 64),), np.uint64),
    }[what]
    if x.strides[2] != x.itemsize or not x.flags.aligned:
        x = np.ascontiguousarray(x)
    out = np.empty((x.shape[1], len(x), *shape), dtype)
    words = np.empty((len(x), -(-kept // 64)), np.uint64)

    def work(start: int, stop: int) -> None:
        part = slice(start, stop)
        program.run_steps(source, result, x[part], out[:, part], state[part], words[part])

    spread(work, len(x), grain, threads)
    raw = words.astype("<u8", copy=False).view(np.uint8)[:, : -(-kept // 8)]
    return (bits_of(out.view(np.uint64), outputs) if what == "bits" else out), _REVERSED[raw]


_REVERSED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1])
"""Each byte with its bits the other way round: in words the first bit is the lowest."""


def bits_of(words: NDArray[np.uint64], count: int) -> NDArray[np.bool_]:
    """Bits of rows of words, the first the lowest, along the last axis."""
    raw = words.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(raw, axis=-1, count=count, bitorder="little").view(np.bool_)
