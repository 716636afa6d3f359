"""Columns of a table as samples: which are features, which one is the label, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..extras import extra
from .arrays import BATCH_KEYS, LABEL_KEYS
from .source import Block, span

_UNKNOWN = 1 << 14
"""Bytes of a sample, where the type does not say."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        features: the column of each feature in order, or the one that holds whole samples.
        label: the column of the labels, if there is one.
        whole: the one column holds whole samples.
        row_bytes: of a sample, about.
    """

    features: tuple[str, ...]
    label: str | None
    whole: bool
    row_bytes: int

    @property
    def names(self) -> list[str]:
        """All columns that must be read."""
        return [*self.features, *([self.label] if self.label else [])]

    @property
    def key(self) -> str:
        """The samples in a message."""
        return self.features[0] if self.whole else f"{len(self.features)} columns"


def choose_columns(
    schema: Any, x: Sequence[str], y: str | None, where: str, *, labelled: bool = True
) -> Columns:
    """Find features and label among the columns.

    Args:
        schema: of pyarrow.
        x: names of the feature columns, or of the one column that holds whole samples; by default
            the column called like a batch (``x``, ``images``, …) or the only one that holds whole
            samples, else all columns but the label.
        y: name of the label column; by default the first called like one (``y``, ``label``, …).
        labelled: the labels will be read; else their column is only no feature.

    Raises:
        InputError: there is no such column, or it holds something else.
    """
    kinds: dict[str, str] = {}
    for field in schema:
        if field.name in kinds:
            raise InputError(f"two columns are called {field.name!r}", where=where)
        kinds[field.name] = _kind(field.type)
    for name, flag in (*((name, "--x") for name in x), *([(y, "--y")] if y else [])):
        if name not in kinds:
            raise InputError(
                f"there is no column {name!r}",
                where=where,
                hint=f"{flag} names it; there are {', '.join(sorted(kinds))}",
            )
    found = [name for name in LABEL_KEYS if name in kinds and name not in x]
    label = y or next(iter(found), None)
    others = [name for name in kinds if name != label]
    features = tuple(x) or _whole(others, kinds) or tuple(others)
    label = label if labelled else None
    _check_kinds(schema, features, label, kinds, where)
    whole = len(features) == 1 and kinds[features[0]] != "number"
    return Columns(features, label, whole, _row_bytes(schema, features, whole))


def _whole(names: list[str], kinds: dict[str, str]) -> tuple[str, ...]:
    holding = [name for name in names if kinds[name] in ("list", "bits")]
    named = [name for name in BATCH_KEYS if name in holding]
    return tuple(named[:1] or (holding if len(holding) == 1 else ()))


def _check_kinds(
    schema: Any, features: tuple[str, ...], label: str | None, kinds: dict[str, str], where: str
) -> None:
    if not features:
        raise InputError("there is no column of features", where=where)
    if label is not None and not _integral(schema.field(label).type):
        raise InputError(
            f"labels are whole numbers; column {label!r} holds {schema.field(label).type}",
            where=where,
            hint="--y names the column of labels",
        )
    for name in features:
        if kinds[name] == "other" or (kinds[name] != "number" and len(features) > 1):
            raise InputError(
                f"a feature is a number; column {name!r} holds {schema.field(name).type}",
                where=where,
                hint="--x names the columns to take, each its own --x",
            )


def _row_bytes(schema: Any, features: tuple[str, ...], whole: bool) -> int:
    kind = _storage(schema.field(features[0]).type)
    if not whole:
        return len(features) * np.dtype(_common(schema, features)).itemsize
    if hasattr(kind, "list_size"):
        return kind.list_size * np.dtype(kind.value_type.to_pandas_dtype()).itemsize
    return _UNKNOWN


def _kind(kind: Any) -> str:
    """``number``, ``list`` of numbers, ``bits`` (bytes) or ``other``."""
    types = extra("pyarrow", "arrow").types
    kind = _storage(kind)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        return "number"
    if types.is_fixed_size_list(kind) or types.is_list(kind) or types.is_large_list(kind):
        return "list" if _kind(kind.value_type) == "number" else "other"
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "bits"
    return "other"


def _storage(kind: Any) -> Any:
    """What an extension type, such as a tensor, is stored as."""
    return getattr(kind, "storage_type", kind)


def _integral(kind: Any) -> bool:
    types = extra("pyarrow", "arrow").types
    return types.is_integer(kind) or types.is_boolean(kind)


def _common(schema: Any, features: tuple[str, ...]) -> np.dtype[Any]:
    return np.result_type(*{schema.field(name).type.to_pandas_dtype() for name in features})


def block(batch: Any, columns: Columns, start: int, where: str) -> Block:
    """The samples and labels of a record batch.

    Raises:
        InputError: values are missing, or samples differ in length.
    """
    where = f"{where}: {span(start, len(batch))}"
    arrays = {name: _filled(batch.column(name), name, where) for name in columns.names}
    label = None
    if columns.label is not None:
        label = arrays[columns.label].to_numpy(zero_copy_only=False).astype(np.int64)
    if not columns.whole:
        dtype = _common(batch.schema, columns.features)
        table = np.empty((len(columns.features), len(batch)), dtype)
        for number, name in enumerate(columns.features):
            table[number] = arrays[name].to_numpy(zero_copy_only=False)
        return Block(start, np.ascontiguousarray(table.T), label)
    array = arrays[columns.features[0]]
    if _kind(array.type) == "list":
        return Block(start, _lists(array, columns.features[0], where), label)
    return Block(start, _bytes(array, columns.features[0], where), label, packed=True)


def _filled(array: Any, name: str, where: str) -> Any:
    array = getattr(array, "storage", array)
    missing = array.null_count
    if missing:
        raise InputError(
            f"column {name!r} lacks {missing} of {len(array)} values",
            where=where,
            hint="a network has no missing values: fill them or drop the rows",
        )
    return array


def _lists(array: Any, name: str, where: str) -> NDArray[Any]:
    values = _filled(array.flatten(), name, where).to_numpy(zero_copy_only=False)
    if hasattr(array.type, "list_size"):
        return values.reshape(len(array), array.type.list_size)
    return _even(values, np.diff(array.offsets.to_numpy()), name, where)


def _bytes(array: Any, name: str, where: str) -> NDArray[Any]:
    pa = extra("pyarrow", "arrow")
    if pa.types.is_fixed_size_binary(array.type):
        array = array.cast(pa.binary())
    array = array.cast(pa.large_binary())
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset :][: len(array) + 1]
    raw = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    return _even(raw[offsets[0] : offsets[-1]], np.diff(offsets), name, where)


def _even(values: NDArray[Any], lengths: NDArray[np.int64], name: str, where: str) -> NDArray[Any]:
    """Values as rows, where all rows have the same length."""
    if not len(lengths):
        return values.reshape(0, 0)
    if (lengths != lengths[0]).any():
        raise InputError(
            f"samples in column {name!r} have from {lengths.min()} to {lengths.max()} values",
            where=where,
        )
    return values.reshape(len(lengths), lengths[0])
