"""Files of arrays: ``.npy``, mapped block by block, and ``.npz``, read as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..checkpoint import read_checkpoint
from ..errors import InputError
from ..guards import is_array, is_dict
from ..inputs import PackedBits
from .source import CHANGED, Block, Part, Source, slices

BATCH_KEYS = ("x", "X", "images", "x_test", "data", "arr_0")
LABEL_KEYS = ("y", "Y", "labels", "y_test", "label")
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
        x, y: names of the arrays; by default the first of `BATCH_KEYS` and `LABEL_KEYS`, of which
            labels that are text are left alone.

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
    if labels.dtype.kind not in "biuf":
        if y is None:
            return Data(batch, None, key)
        raise InputError(f"labels are whole numbers, {y!r} holds {labels.dtype}", where=str(path))
    if labels.shape != (len(batch),):
        raise InputError(f"{len(labels)} labels for {len(batch)} samples", where=str(path))
    return Data(batch, labels.astype(np.int64), key)


@dataclass(frozen=True)
class NpySource(Source):
    """A ``.npy`` file. Each block is a mapping of its own: what has been used is given back."""

    path: Path
    key: str
    shape: tuple[int, ...]
    dtype: str
    packed: bool

    splits: ClassVar[bool] = True

    @property
    def rows(self) -> int:
        return self.shape[0]

    @property
    def row_bytes(self) -> int:
        return int(np.prod(self.shape[1:])) * np.dtype(self.dtype).itemsize

    def parts(self, rows: int) -> list[Part]:
        return [Part(piece, piece) for piece in slices(range(self.rows), rows)]

    def read(self, part: Part, rows: int) -> Iterator[Block]:
        for piece in slices(part.rows, rows):
            array = _npy(self.path)
            if (array.shape, array.dtype.str) != (self.shape, self.dtype):
                raise InputError(
                    f"holds {array.dtype} {array.shape} and held "
                    f"{np.dtype(self.dtype)} {self.shape} when it was opened",
                    where=str(self.path),
                    hint=CHANGED,
                )
            yield Block(piece.start, array[piece.start : piece.stop], None, self.packed)


def open_npy(path: Path, packed: bool) -> NpySource:
    """Read the header of a ``.npy`` file."""
    array = _npy(path)
    if not array.ndim:
        raise InputError("this is a single number, not a batch", where=str(path))
    return NpySource(path, path.name, array.shape, array.dtype.str, packed)


@dataclass(frozen=True, eq=False)
class NpzSource(Source):
    """Arrays in memory; it takes them along when it is pickled."""

    path: Path
    key: str
    x: NDArray[Any] | PackedBits = field(repr=False)
    y: NDArray[np.int64] | None = field(repr=False)
    packed: bool

    splits: ClassVar[bool] = False

    @property
    def rows(self) -> int:
        return len(self.x)

    @property
    def row_bytes(self) -> int:
        x = self.x.data if isinstance(self.x, PackedBits) else self.x
        return x.nbytes // max(len(x), 1)

    def parts(self, rows: int) -> list[Part]:
        whole = range(self.rows)
        return [Part(whole, whole)]

    def read(self, part: Part, rows: int) -> Iterator[Block]:
        x, y = self.x, self.y
        for piece in slices(part.rows, rows):
            taken = slice(piece.start, piece.stop)
            labels = None if y is None else y[taken]
            if isinstance(x, PackedBits):
                yield Block(piece.start, PackedBits(x.data[taken], x.width), labels)
            else:
                yield Block(piece.start, x[taken], labels, self.packed)


def open_npz(path: Path, x: str | None, y: str | None, packed: bool) -> NpzSource:
    """Read an archive of arrays."""
    data = read_data(path, x, y)
    return NpzSource(path, data.key, data.x, data.y, packed)


def _npy(path: Path) -> NDArray[Any]:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    except (ValueError, EOFError):
        found = None
    if not is_array(found):
        raise InputError("this is not an array (.npy)", where=str(path))
    return found


def _choose(
    arrays: dict[str, Any],
    given: str | None,
    known: tuple[str, ...],
    what: str,
    flag: str,
    path: Path,
) -> str:
    for name in (given,) if given is not None else known:
        if is_array(array := arrays.get(name)) and array.ndim:
            return name
    raise InputError(
        f"there is no array {given!r}" if given else f"no array looks like {what}",
        where=str(path),
        hint=f"{flag} names it; there are {', '.join(sorted(arrays))}",
    )
