"""Data sets: rows of numbers with classes, for training and for the test that decides nothing.

Read from ``.npz`` archives, folders of idx files, CSV, Parquet, or ``digits``, which scikit-learn
brings. A file without test rows is split, class by class, by a seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UsageError
from ..extras import extra

SHARE = 0.2
"""Of the rows, for the test, where a file does not say which these are."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        values: of a column of text, one bit each, in this order; empty for numbers.
    """

    name: str
    values: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Numbers that it becomes."""
        return len(self.values) or 1


@dataclass(frozen=True, eq=False)
class DataSet:
    """Rows and their classes.

    Attributes:
        x_train, x_test: bool, uint8 or float32 ``(n, features)``.
        y_train, y_test: int64 ``(n,)``, numbers of classes.
        classes: their names.
        columns: of the table they come from; empty without one.
        shape: of a sample, before it became a row.
        remarks: what a person should hear of how it was read.
    """

    name: str
    x_train: NDArray[Any]
    y_train: NDArray[np.int64]
    x_test: NDArray[Any]
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    shape: tuple[int, ...] = ()
    remarks: tuple[str, ...] = field(default=(), repr=False)

    @property
    def features(self) -> int:
        """Numbers in a row."""
        return self.x_train.shape[1]

    def fingerprint(self) -> str:
        """Tells other training data apart, hexadecimal."""
        digest = hashlib.sha256()
        for array in (self.x_train, self.y_train):
            digest.update(repr((array.shape, array.dtype.str)).encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:32]


@dataclass(frozen=True)
class Reading:
    """How a file is read.

    Attributes:
        x, y: keys of an archive; ``KEY_train`` and ``KEY_test``, or ``KEY`` alone.
        label: column of a table that holds the class.
        test: file with the test rows.
        share: of the rows, for the test, where there are no test rows.
        missing: of a table: ``refuse``, ``drop`` the rows, or a category of its ``own``.
        seed: of the split.
    """

    x: str = "x"
    y: str = "y"
    label: str | None = None
    test: Path | None = None
    share: float = SHARE
    missing: str = "refuse"
    seed: int = 0


def read_dataset(spec: str | Path, reading: Reading | None = None) -> DataSet:
    """Read a data set.

    Args:
        spec: ``digits``, a file, or a folder of idx files.

    Raises:
        InputError: it cannot be read or is not what it should be; says what is to be done.
        UsageError: options that do not suit it.
        UnsupportedError: a library that reads it is missing.
    """
    reading = reading or Reading()
    if not 0 < reading.share < 1:
        raise UsageError(f"{reading.share:g} is not a share of the rows", where="--test-share")
    if str(spec) == "digits":
        return digits()
    path = Path(spec)
    if not path.exists():
        raise InputError("there is no such file or folder", where=str(path), hint=_KNOWN)
    if path.is_dir():
        from .idx import read_idx_folder as reader
    elif path.suffix == ".npz":
        from .archives import read_archive as reader
    elif path.suffix in _TABLES:
        from .tables import read_table as reader
    else:
        raise InputError(f"{path.suffix!r} files are not read", where=str(path), hint=_KNOWN)
    read: Callable[[Path, Reading], DataSet] = reader
    return read(path, reading)


_TABLES = (".csv", ".tsv", ".txt", ".data", ".parquet", ".pq")
_KNOWN = (
    "data is digits, an .npz archive with x_train, y_train, x_test and y_test, a folder of idx "
    "files, or .csv or .parquet with --label COLUMN"
)


def digits() -> DataSet:
    """scikit-learn's 8 x 8 digits, 0 to 16: 1,437 rows for training and 360 for the test."""
    datasets: Any = extra("sklearn.datasets", "train")
    selection: Any = extra("sklearn.model_selection", "train")
    read = datasets.load_digits()
    x_train, x_test, y_train, y_test = selection.train_test_split(
        read.data.astype(np.uint8), read.target, test_size=0.2, stratify=read.target, random_state=0
    )
    names = tuple(map(str, range(10)))
    return DataSet(
        "digits", x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64), names,
        shape=(8, 8),
    )  # fmt: skip


def make_dataset(
    name: str,
    train: tuple[NDArray[Any], NDArray[Any]],
    test: tuple[NDArray[Any], NDArray[Any]] | None = None,
    *,
    share: float = SHARE,
    seed: int = 0,
    columns: tuple[Column, ...] = (),
    remarks: tuple[str, ...] = (),
) -> DataSet:
    """A data set of arrays in memory: rows checked, labels numbered.

    Args:
        train, test: samples ``(n, …)`` and labels ``(n,)``, whole numbers or text.
        share: of the rows, for the test, where there is no ``test``.

    Raises:
        InputError: they do not fit together, or are not numbers.
    """
    x, labels = _checked(*train, f"{name}: training rows")
    classes, y = _numbered(labels, name)
    shape = x.shape[1:]
    if test is None:
        held = stratified(y, share, seed)
        x_test, y_test, x, y = x[held], y[held], x[~held], y[~held]
    else:
        x_test, test_labels = _checked(*test, f"{name}: test rows")
        if x_test.shape[1:] != shape:
            raise InputError(
                f"test samples have the shape {x_test.shape[1:]}, training samples {shape}",
                where=name,
            )
        y_test = _looked_up(test_labels, classes, name)
    if not len(x) or not len(x_test):
        raise InputError("there are no rows for training or none for the test", where=name)
    return DataSet(
        name, _rows(x), y, _rows(x_test), y_test, tuple(map(str, classes.tolist())),
        columns, shape, remarks,
    )  # fmt: skip


def stratified(y: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Which rows are held back: of every class the share, rounded, drawn at random."""
    held = np.zeros(len(y), np.bool_)
    random = np.random.default_rng(seed)
    for label in np.unique(y):
        members = random.permutation(np.flatnonzero(y == label))
        held[members[: round(share * len(members))]] = True
    return held


def _checked(x: NDArray[Any], y: NDArray[Any], where: str) -> tuple[NDArray[Any], NDArray[Any]]:
    if x.ndim < 2 or x.dtype.kind not in "biuf":
        raise InputError(
            f"samples are numbers in rows, not {x.dtype} {x.shape}",
            where=where,
            hint="an array (samples, features), or (samples, height, width)",
        )
    if y.shape == (len(x), 1):
        y = y[:, 0]
    if y.shape != (len(x),):
        raise InputError(
            f"there are {len(x):,} samples and labels of the shape {y.shape}",
            where=where,
            hint="one label for each sample, its class and not a vector",
        )
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        at = np.argwhere(~np.isfinite(x))
        raise InputError(
            f"{len(np.unique(at[:, 0])):,} samples have missing or infinite values, the first is "
            f"sample {at[0, 0]:,}, number {', '.join(map(str, at[0, 1:]))}",
            where=where,
            hint="a network has no missing values: fill them or drop the rows",
        )
    return x, y


def _numbered(labels: NDArray[Any], name: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
    labels = _plain(labels, name)
    classes, y = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise InputError(
            f"all training rows are of one class, {classes[0] if len(classes) else 'none'}",
            where=name,
            hint="is this the column of labels?",
        )
    if len(classes) > max(1000, len(y) // 2):
        raise InputError(
            f"{len(classes):,} different labels for {len(y):,} rows are no classes",
            where=name,
            hint="is this the column of labels? A class has many rows",
        )
    return classes, y.astype(np.int64)


def _looked_up(labels: NDArray[Any], classes: NDArray[Any], name: str) -> NDArray[np.int64]:
    labels = _plain(labels, name)
    if labels.dtype.kind != classes.dtype.kind and "U" in (labels.dtype.kind, classes.dtype.kind):
        labels, names = labels.astype(str), classes.astype(str)
    else:
        names = classes
    order = np.argsort(names)
    found = order[np.searchsorted(names[order], labels).clip(0, len(names) - 1)]
    strange = np.flatnonzero(names[found] != labels)
    if len(strange):
        raise InputError(
            f"{len(strange):,} test rows have a class that no training row has, such as "
            f"{str(labels[strange[0]])!r}",
            where=name,
            hint="do both files spell the classes alike?",
        )
    return found.astype(np.int64)


def _plain(labels: NDArray[Any], name: str) -> NDArray[Any]:
    """Labels as int64 or text."""
    if labels.dtype.kind == "S":
        return labels.astype(str)
    if labels.dtype.kind == "f" and (labels == np.floor(labels)).all():
        return labels.astype(np.int64)
    if labels.dtype.kind in "biu":
        return labels.astype(np.int64)
    if labels.dtype.kind == "U":
        return labels
    raise InputError(
        f"labels are whole numbers or text, not {labels.dtype}",
        where=name,
        hint="a network of gates tells classes apart; it does not estimate numbers",
    )


def _rows(x: NDArray[Any]) -> NDArray[Any]:
    """Samples as rows: bytes and bits stay, everything else becomes float32."""
    flat = np.ascontiguousarray(x.reshape(len(x), -1))
    return flat if flat.dtype.kind == "b" or flat.dtype.str == "|u1" else flat.astype(np.float32)
