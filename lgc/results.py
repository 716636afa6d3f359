"""Files of results (``.npy``, ``.csv``, ``.parquet``), written by blocks; whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError
from .extras import extra
from .files import atomic_write, check_writable

Write = Callable[[NDArray[Any]], None]
"""Adds the results of some rows to a file."""


def check_output(path: Path) -> None:
    """Find out before the work whether results can be written there.

    Raises:
        LgcError: the suffix is none of ours, the folder is missing, or pyarrow is.
    """
    if path.suffix not in _WRITERS:
        *others, last = _WRITERS
        raise UsageError(
            f"results are written as {', '.join(others)} or {last}, not {path.suffix!r}",
            where=str(path),
        )
    if path.suffix == ".parquet":
        extra("pyarrow.parquet", "arrow")
    check_writable(path)


@contextmanager
def write_results(path: Path, name: str) -> Generator[Write]:
    """A file of results that is there when the block ends well.

    Args:
        name: of the results, where the format has names.
    """
    with atomic_write(path) as temporary, _WRITERS[path.suffix](temporary, name) as write:
        yield write


@contextmanager
def _npy(path: Path, name: str) -> Generator[Write]:
    """The header NumPy writes leaves room for the number of rows to grow: it is written again."""
    rows, dtype, shape = 0, np.dtype(np.int64), ()

    def header() -> dict[str, Any]:
        return {
            "descr": np.lib.format.dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": (rows, *shape),
        }

    with path.open("wb") as file:

        def write(values: NDArray[Any]) -> None:
            nonlocal rows, dtype, shape
            if not file.tell():
                dtype, shape = values.dtype, values.shape[1:]
                np.lib.format.write_array_header_1_0(file, header())
            rows += len(values)
            file.write(np.ascontiguousarray(values).data)

        yield write
        file.seek(0)
        np.lib.format.write_array_header_1_0(file, header())


@contextmanager
def _csv(path: Path, name: str) -> Generator[Write]:
    with path.open("w", encoding="ascii") as file:

        def write(values: NDArray[Any]) -> None:
            kind = "%.9g" if values.dtype.kind == "f" else "%d"
            np.savetxt(file, _flat(values), fmt=kind, delimiter=",")

        yield write


@contextmanager
def _parquet(path: Path, name: str) -> Generator[Write]:
    """One column; rows of several numbers are lists of fixed size. A block is a row group."""
    pa, parquet = extra("pyarrow", "arrow"), extra("pyarrow.parquet", "arrow")
    writer: Any = None

    def write(values: NDArray[Any]) -> None:
        nonlocal writer
        table = pa.table({name: column(values)})
        if writer is None:
            writer = parquet.ParquetWriter(path, table.schema, write_page_checksum=True)
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def column(values: NDArray[Any]) -> Any:
    """Results as a pyarrow array; rows of several numbers are lists of fixed size."""
    pa, values = extra("pyarrow", "arrow"), _flat(values)
    flat = pa.array(values.reshape(-1))
    return flat if values.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """Results of sequences, step after step, as one row each."""
    return values if values.ndim < 3 else values.reshape(len(values), -1)


_WRITERS = {".npy": _npy, ".csv": _csv, ".parquet": _parquet}
