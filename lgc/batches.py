"""A kernel as the function that Ray Data and Spark call on batches of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import Block
from .data.columns import block, choose_columns
from .errors import InputError, LgcError, UsageError
from .extras import extra
from .results import column
from .streams import Callee, What, located, method, samples

NAMES: Mapping[str, str] = {"predict": "class"}
"""How a column of results is called, if not like the results."""

_WHERE = "batch"


@dataclass(frozen=True, eq=False)
class BatchFunction:
    """Adds a column of results to a batch.

    It takes what ``ray.data.Dataset.map_batches`` gives (a dict of NumPy arrays, a pandas frame or
    a pyarrow table), or an iterator of pandas frames or pyarrow batches, as Spark's
    ``mapInPandas`` and ``mapInArrow`` do, and gives back the same kind. It pickles.

    Attributes:
        columns: of the features, or the one that holds whole samples; by default as `lgc run`.
        what: which results.
        name: of the column of results.
        keep: the columns to give back beside it; by default all.
    """

    kernel: Callee
    columns: tuple[str, ...]
    what: What
    name: str
    keep: tuple[str, ...] | None

    def __call__(self, batch: Any) -> Any:
        if hasattr(batch, "__next__"):
            return map(self._batch, batch)
        return self._batch(batch)

    def _batch(self, batch: Any) -> Any:
        kind = type(batch).__module__.partition(".")[0]
        kind = "dict" if kind == "builtins" and hasattr(batch, "items") else kind
        if kind == "dict":
            names = list(batch)
            table = _from_arrays({name: batch[name] for name in self._read(names)})
        elif kind == "pandas":
            names = list(batch.columns)
            table = _from_pandas(batch[self._read(names)])
        elif kind == "pyarrow":
            names, table = batch.schema.names, batch
        else:
            raise InputError(
                "a batch is a dict of arrays, a pandas frame or a pyarrow batch, "
                f"not {type(batch).__name__}",
                where=_WHERE,
            )
        kept = self._kept(names)
        values = self._values(table)
        if kind == "dict":
            return {**{name: batch[name] for name in kept}, self.name: values}
        if kind == "pandas":
            added = values if values.ndim == 1 else list(values)
            return batch[kept].assign(**{self.name: added})
        arrays = [*(batch.column(name) for name in kept), column(values)]
        return table.from_arrays(arrays, names=[*kept, self.name])

    def _read(self, names: list[str]) -> list[str]:
        """Columns to convert: others may hold anything. All, where one that is wanted is missing:
        the message lists them."""
        wanted = self.columns if set(self.columns) <= set(names) else ()
        return list(wanted) or names

    def _kept(self, names: list[str]) -> list[str]:
        kept = names if self.keep is None else list(self.keep)
        for name in kept:
            if name not in names:
                raise InputError(f"there is no column {name!r} to keep", where=_WHERE)
        if self.name in kept:
            raise InputError(
                f"there is a column {self.name!r} already",
                where=_WHERE,
                hint="name= calls the results otherwise, or keep= names what is kept",
            )
        return kept

    def _values(self, table: Any) -> NDArray[Any]:
        call = method(self.kernel, self.what)
        nothing = call(samples(Block(0, np.zeros((0, 0), np.uint8), None), self.kernel))
        if not table.num_rows:  # a frame without rows does not say what its columns hold
            return nothing
        chosen = choose_columns(table.schema, self.columns, None, _WHERE, labelled=False)
        whole = table.combine_chunks() if hasattr(table, "combine_chunks") else table
        batches = whole.to_batches() if hasattr(whole, "to_batches") else [whole]
        start, found = 0, [nothing]
        for one in batches:
            read = block(one, chosen, start, _WHERE)
            try:
                found.append(call(samples(read, self.kernel)))
            except LgcError as error:
                raise located(error, _WHERE) from None
            start += len(one)
        return np.concatenate(found)


def batch_function(
    kernel: Callee,
    columns: str | Sequence[str] = (),
    *,
    what: What = "predict",
    name: str | None = None,
    keep: Sequence[str] | None = None,
) -> BatchFunction:
    """See `lgc.interfaces.Kernel.batch_function`."""
    method(kernel, what)
    if isinstance(keep, str):
        raise UsageError("keep is a list of columns")
    chosen = (columns,) if isinstance(columns, str) else tuple(columns)
    return BatchFunction(
        kernel, chosen, what, name or NAMES.get(what, what), None if keep is None else tuple(keep)
    )


def _from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Any:
    """A dict of arrays as a pyarrow batch; those of several dimensions hold whole samples."""
    pa = extra("pyarrow", "arrow")
    made = [
        column(array.reshape(len(array), int(np.prod(array.shape[1:]))))
        if array.ndim > 1
        else pa.array(array)
        for array in map(np.asarray, arrays.values())
    ]
    return pa.RecordBatch.from_arrays(made, names=list(arrays))


def _from_pandas(frame: Any) -> Any:
    return extra("pyarrow", "arrow").RecordBatch.from_pandas(frame, preserve_index=False)
