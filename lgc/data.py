"""Data files: a batch and, if the file has them, its labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checkpoint import read_checkpoint
from .errors import InputError
from .inputs import PackedBits
from .narrowing import is_array, is_dict

BATCH_KEYS = ("x", "X", "images", "x_test", "data", "arr_0")
LABEL_KEYS = ("y", "Y", "labels", "y_test")
WIDTH_KEY = "n_bits"
"""Beside a uint8 batch: its rows are packed bits, so many each."""


@dataclass(frozen=True, eq=False)
class Data:
    """A batch, its labels (int64 ``(n,)`` or None), and the name of the array it came from."""

    x: NDArray[Any] | PackedBits
    y: NDArray[np.int64] | None
    key: str


def read_data(path: Path, x: str | None = None, y: str | None = None) -> Data:
    """Read ``.npy`` (a batch) or ``.npz`` (a batch and labels).

    Args:
        x, y: names of the arrays; by default the first of `BATCH_KEYS` and `LABEL_KEYS`.

    Raises:
        InputError: it cannot be read, or has no such array.
    """
    if path.suffix == ".npy":
        return Data(_npy(path), None, path.name)
    arrays = read_checkpoint(path).data
    if not is_dict(arrays):
        raise InputError("this is not a file of arrays", where=str(path))
    key = _choose(arrays, x, BATCH_KEYS, "a batch", "--x", path)
    batch: NDArray[Any] | PackedBits = arrays[key]
    if WIDTH_KEY in arrays and is_array(batch) and batch.dtype == np.uint8:
        batch = PackedBits(batch, int(arrays[WIDTH_KEY]))
    if y is None and not any(name in arrays for name in LABEL_KEYS):
        return Data(batch, None, key)
    labels: NDArray[Any] = arrays[_choose(arrays, y, LABEL_KEYS, "labels", "--y", path)]
    if labels.shape != (len(batch),):
        raise InputError(f"{len(labels)} labels for {len(batch)} samples", where=str(path))
    return Data(batch, labels.astype(np.int64), key)


def _npy(path: Path) -> NDArray[Any]:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    except ValueError:
        raise InputError("this is not an array (.npy)", where=str(path)) from None


def _choose(
    arrays: dict[str, Any],
    given: str | None,
    known: tuple[str, ...],
    what: str,
    flag: str,
    path: Path,
) -> str:
    for name in (given,) if given is not None else known:
        if is_array(arrays.get(name)):
            return name
    raise InputError(
        f"there is no array {given!r}" if given else f"no array looks like {what}",
        where=str(path),
        hint=f"{flag} names it; there are {', '.join(sorted(arrays))}",
    )
