"""Data sets in tables: CSV, or Parquet, with a column of labels; text becomes bits.

A column all of whose values are numbers stays one; any other becomes one bit for each of its
values, in the order of the alphabet. The values are those of the training rows: a value that only
the test rows have is none of the bits. Empty cells, ``?``, ``NA``, ``NaN`` and ``null`` are
missing.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UsageError
from ..extras import extra
from .datasets import Column, DataSet, Reading, make_dataset, stratified

Cells = NDArray[Any]
"""Of a column: text, or float64 where the file says that they are numbers; NaN is missing."""

Table = dict[str, Cells]

MISSING = ("", "?", "NA", "N/A", "NaN", "nan", "null", "None")
_SEPARATORS = (",", ";", "\t")
_MOST_VALUES = 256


def read_table(path: Path, reading: Reading) -> DataSet:
    """Read a table and, where it is named, another one with the test rows.

    Raises:
        InputError: it cannot be read, values are missing, a column has no few values.
        UsageError: the label column is not named.
    """
    table = _cells(path)
    label = _label(table, reading.label, path)
    remarks: list[str] = []
    table = _complete(table, label, reading, path, remarks)
    if reading.test is None:
        _, y = np.unique(table[label], return_inverse=True)
        held = stratified(y.astype(np.int64), reading.share, reading.seed)
        test = {name: cells[held] for name, cells in table.items()}
        table = {name: cells[~held] for name, cells in table.items()}
    else:
        test = _cells(reading.test)
        absent = [name for name in table if name not in test]
        if absent:
            raise InputError(
                f"there is no column {', '.join(absent)}",
                where=str(reading.test),
                hint=f"it has the columns of {path}",
            )
        test = _complete(test, label, reading, reading.test, remarks)
    columns = tuple(_column(name, cells, path) for name, cells in table.items() if name != label)
    if not columns:
        raise InputError("there is no column beside the labels", where=str(path))
    return make_dataset(
        path.stem,
        (encode(table, columns, str(path), []), _numbers_or_text(table[label])),
        (
            encode(test, columns, str(reading.test or path), remarks),
            _numbers_or_text(test[label]),
        ),
        columns=columns,
        remarks=tuple(remarks),
    )


def encode(
    table: Table, columns: tuple[Column, ...], where: str, remarks: list[str]
) -> NDArray[Any]:
    """The rows of a table as numbers, uint8 where all are small and whole, else float32.

    Args:
        remarks: is added to where values are not among those of a column.

    Raises:
        InputError: a cell of a column of numbers is none.
    """
    parts: list[NDArray[Any]] = []
    for column in columns:
        cells = table[column.name]
        if column.values:
            bits = cells.astype(str)[:, None] == np.array(column.values)[None, :]
            strange = np.flatnonzero(~bits.any(axis=1))
            if len(strange):
                remarks.append(
                    f"{where}: column {column.name!r}: {len(strange):,} rows have a value that no "
                    f"training row has, such as {str(cells[strange[0]])!r}; all of its bits are 0"
                )
            parts.append(bits.astype(np.uint8))
            continue
        values = _numbers(cells)
        if values is None:
            bad = next(cell for cell in cells if _numbers(cells[cells == cell]) is None)
            raise InputError(
                f"column {column.name!r} holds {str(bad)!r} where the training rows hold numbers",
                where=where,
            )
        small = ((values == np.floor(values)) & (values >= 0) & (values < 256)).all()
        parts.append(values.astype(np.uint8 if small else np.float32)[:, None])
    return np.concatenate(parts, axis=1)


def _column(name: str, cells: Cells, path: Path) -> Column:
    if _numbers(cells) is not None:
        return Column(name)
    values = np.unique(cells)
    if len(values) > _MOST_VALUES:
        raise InputError(
            f"column {name!r} has {len(values):,} different values, such as {str(values[0])!r}",
            where=str(path),
            hint=f"text becomes a bit for each value, at most {_MOST_VALUES}: leave the column out",
        )
    return Column(name, tuple(map(str, values.tolist())))


def _complete(table: Table, label: str, reading: Reading, path: Path, remarks: list[str]) -> Table:
    """The table without missing values, in the way that was asked for."""
    lacks = {name: _missing(cells) for name, cells in table.items()}
    rows = np.zeros(len(table[label]), np.bool_)
    for name, missing in lacks.items():
        if reading.missing != "own" or name == label or _numbers(table[name][~missing]) is not None:
            rows |= missing
    if not rows.any():
        return table
    said = ", ".join(f"{name!r} {count}" for name, m in lacks.items() if (count := int(m.sum())))
    if reading.missing != "drop":
        first = int(np.argmax(rows))
        raise InputError(
            f"{int(rows.sum()):,} of {len(rows):,} rows lack values (by column: {said}); the first "
            f"is row {first + 1:,}",
            where=str(path),
            hint="--missing drop leaves these rows out, --missing own makes a missing text a value "
            "of its own; missing numbers must be filled or dropped",
        )
    remarks.append(f"{path}: {int(rows.sum()):,} of {len(rows):,} rows lack values, left out")
    return {name: cells[~rows] for name, cells in table.items()}


def _missing(cells: Cells) -> NDArray[np.bool_]:
    return np.isnan(cells) if cells.dtype.kind == "f" else np.isin(cells, MISSING)


def _label(table: Table, label: str | None, path: Path) -> str:
    names = list(table)
    listed = ", ".join(names)
    if label is None:
        raise UsageError(
            "which column is the class?", where=str(path), hint=f"--label COLUMN, of {listed}"
        )
    if label in table:
        return label
    if label.removeprefix("-").isdecimal() and -len(names) <= int(label) < len(names):
        return names[int(label)]
    raise InputError(f"there is no column {label!r}", where=str(path), hint=f"there are {listed}")


def _numbers_or_text(cells: Cells) -> NDArray[Any]:
    values = _numbers(cells)
    return values if values is not None and (values == np.floor(values)).all() else cells


def _numbers(cells: Cells) -> NDArray[np.float64] | None:
    """The cells as numbers, if all of them are."""
    try:
        values = cells.astype(np.float64)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _cells(path: Path) -> Table:
    """All columns."""
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    if path.suffix in (".parquet", ".pq"):
        return _parquet(path)
    return _csv(path)


def _csv(path: Path) -> Table:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.readline()
            file.seek(0)
            separator = max(_SEPARATORS, key=head.count)
            read = csv.reader(file, delimiter=separator, skipinitialspace=True)
            rows = [[cell.strip() for cell in row] for row in read if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read as CSV: {error}", where=str(path)) from None
    if not rows:
        raise InputError("the file is empty", where=str(path))
    # A header has no numbers; without one, columns are called by their numbers.
    headed = not any(_numbers(np.array([cell])) is not None for cell in rows[0])
    names = rows.pop(0) if headed else [str(number) for number in range(len(rows[0]))]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two columns are called {twice!r}", where=str(path))
    for number, row in enumerate(rows):
        if len(row) != len(names):
            raise InputError(
                f"row {number + 1:,} has {len(row)} cells, the first line has {len(names)}",
                where=str(path),
                hint=f"the cells are taken to be separated by {separator!r}",
            )
    if not rows:
        raise InputError("there are no rows below the header", where=str(path))
    return {name: np.array(cells) for name, cells in zip(names, zip(*rows))}


def _parquet(path: Path) -> Table:
    parquet, pa = extra("pyarrow.parquet", "arrow"), extra("pyarrow", "arrow")
    try:
        table = parquet.read_table(path)
        columns: Table = {}
        for name in table.column_names:
            column, kind = table.column(name), table.schema.field(name).type
            if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
                columns[name] = column.cast(pa.float64()).to_numpy()
            else:
                text = column.cast(pa.string()).fill_null("").to_pylist()
                columns[name] = np.array(text or [""], str)[: len(text)]
    except (pa.ArrowException, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise InputError(f"cannot be read: {first}", where=str(path)) from None
    return columns
