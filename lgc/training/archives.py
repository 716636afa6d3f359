"""Data sets in ``.npz``: ``x_train``, ``y_train``, ``x_test``, ``y_test``, or ``x`` and ``y``."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .datasets import DataSet, Reading, make_dataset

Arrays = dict[str, NDArray[Any]]


def read_archive(path: Path, reading: Reading) -> DataSet:
    """Read an archive; keys other than ``x`` and ``y`` are named by ``--x`` and ``--y``.

    Raises:
        InputError: it is damaged, holds objects, or lacks an array.
    """
    arrays = _arrays(path)
    train = _rows(arrays, reading, "train", path)
    test = None
    if reading.test is not None:
        test = _rows(_arrays(reading.test), reading, "test", reading.test)
    elif f"{reading.x}_test" in arrays:
        test = _pair(arrays, reading, "_test", path)
    return make_dataset(path.stem, train, test, share=reading.share, seed=reading.seed)


def _rows(
    arrays: Arrays, reading: Reading, which: str, path: Path
) -> tuple[NDArray[Any], NDArray[Any]]:
    suffix = f"_{which}" if f"{reading.x}_{which}" in arrays else ""
    return _pair(arrays, reading, suffix, path)


def _pair(
    arrays: Arrays, reading: Reading, suffix: str, path: Path
) -> tuple[NDArray[Any], NDArray[Any]]:
    found: list[NDArray[Any]] = []
    for flag, key in (("--x", reading.x), ("--y", reading.y)):
        if key + suffix not in arrays:
            asked = f"{key}{suffix}" if suffix else f"{key}_train or {key}"
            raise InputError(
                f"there is no array {asked}",
                where=str(path),
                hint=f"{flag} names it without _train and _test; there are {_listed(arrays)}",
            )
        found.append(arrays[key + suffix])
    return found[0], found[1]


def _listed(arrays: Arrays) -> str:
    return ", ".join(f"{key} {array.dtype} {array.shape}" for key, array in sorted(arrays.items()))


def _arrays(path: Path) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise InputError(
            f"this is no archive of plain arrays: {str(error).splitlines()[0]}",
            where=str(path),
            hint="numpy.savez_compressed(path, x_train=…, y_train=…, x_test=…, y_test=…)",
        ) from None
