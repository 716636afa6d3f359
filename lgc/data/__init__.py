"""Data files: samples and, if the file has them, labels; read block by block, so any size will do.

``.npy`` is mapped into memory, Parquet and Arrow are read in record batches, ``.npz`` is read as a
whole. A source pickles: a worker elsewhere reads its parts from the same path.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError, UsageError
from .arrays import Data, open_npy, open_npz, read_data
from .source import Block, Part, Source

_TABLES = (".parquet", ".pq", ".arrow", ".arrows", ".feather", ".ipc")
_TABLE_MAGIC = (b"PAR1", b"ARROW1")


def open_data(
    path: Path, x: Sequence[str] = (), y: str | None = None, *, packed: bool = False
) -> Source:
    """A data file, of which nothing has been read but its header.

    Args:
        x: the arrays or columns that hold the samples; by default what looks like them.
        y: the array or column that holds the labels.
        packed: the samples are bytes of packed bits.

    Raises:
        InputError: it cannot be read, or has no such array or column.
        UsageError: several arrays are named, or ``.npy`` is asked for labels.
        UnsupportedError: pyarrow is needed and not there.
    """
    if path.suffix in _TABLES or _magic(path).startswith(_TABLE_MAGIC):
        from .tables import open_table

        return open_table(path, x, y)
    if len(x) > 1:
        raise UsageError("samples are in one array of this file", where="--x")
    if path.suffix == ".npy":
        if x or y:
            raise UsageError("a .npy file holds one array", where="--x" if x else "--y")
        return open_npy(path, packed)
    return open_npz(path, x[0] if x else None, y, packed)


def _magic(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


__all__ = ["Block", "Data", "Part", "Source", "open_data", "read_data"]
