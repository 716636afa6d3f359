"""Folders of idx files, as torchvision and the homepage of MNIST leave them, gzipped or not.

An idx file is two zero bytes, a type, the number of dimensions, each dimension as a big-endian
32-bit number, then the values, big-endian too (Y. LeCun, *The MNIST database*).
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .datasets import DataSet, Reading, make_dataset

_KINDS = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_TESTS = ("t10k", "test")


def read_idx_folder(folder: Path, reading: Reading) -> DataSet:
    """Read ``train-images-idx3-ubyte`` and its three companions, in the folder or below ``raw``.

    Raises:
        InputError: one of them is missing or damaged.
    """
    train = _labelled(folder, ("train",))
    test = _labelled(folder, _TESTS)
    return make_dataset(folder.resolve().name, train, test)


def _labelled(folder: Path, names: tuple[str, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    return (
        read_idx(_find(folder, names, "images")),
        read_idx(_find(folder, names, "labels")),
    )


def _find(folder: Path, names: tuple[str, ...], what: str) -> Path:
    found = [
        file
        for name in names
        for below in ("", "raw/", "*/raw/")
        for file in sorted(folder.glob(f"{below}*{name}-{what}[-.]idx*"))
    ]
    if not found:
        raise InputError(
            f"there is no {names[0]}-{what}-idx file, gzipped or not, nor in raw/ or */raw/",
            where=str(folder),
            hint="such as MNIST/raw/train-images-idx3-ubyte, as torchvision leaves it",
        )
    if len({file.parent for file in found}) > 1:
        folders = ", ".join(sorted({str(file.parent) for file in found}))
        raise InputError(
            f"there are several data sets: {folders}", where=str(folder), hint="name one of them"
        )
    return found[0]


def read_idx(path: Path) -> NDArray[Any]:
    """The array in an idx file.

    Raises:
        InputError: it is none, or cut short.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from None
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _KINDS:
        raise InputError("this is no idx file", where=str(path))
    kind, start = np.dtype(_KINDS[data[2]]), 4 + 4 * data[3]
    if len(data) < start:
        raise InputError("the file ends in its header", where=str(path), hint="fetch it again")
    shape = tuple(np.frombuffer(data, ">u4", data[3], 4).tolist())
    wanted = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if len(data) - start != wanted:
        raise InputError(
            f"has {len(data) - start:,} bytes of values, its header says {wanted:,}",
            where=str(path),
            hint="fetch it again",
        )
    values = np.frombuffer(data, kind, offset=start).reshape(shape)
    return values.astype(kind.newbyteorder("="))
