"""Batch after batch: results in order, one batch in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .chain import read_chain
from .data import Block, Part, Source
from .data.source import span
from .errors import LgcError, UsageError
from .inputs import PackedBits

What = Literal["predict", "counts", "bits", "scores"]
"""Which results: classes, class sums, the last layer, or (class sums + beta) / tau."""

WHATS: tuple[What, ...] = ("predict", "counts", "bits", "scores")


class Callee(Protocol):
    """What is used of a kernel here."""

    @property
    def features(self) -> int: ...
    @property
    def module(self) -> ModuleOp: ...
    @property
    def initial(self) -> NDArray[np.bool_]: ...
    def __call__(self, x: Any, *, threads: int | None = None) -> NDArray[np.float32]: ...
    def predict(self, x: Any, *, threads: int | None = None) -> NDArray[np.int64]: ...
    def counts(self, x: Any, *, threads: int | None = None) -> NDArray[np.int32]: ...
    def bits(self, x: Any, *, threads: int | None = None) -> NDArray[np.bool_]: ...
    def run_sequence(
        self, x: Any = ..., *, what: What | None = ..., threads: int | None = ...
    ) -> tuple[NDArray[Any], Any]: ...


@dataclass(frozen=True, eq=False)
class Answer:
    """The results of some rows, and their labels, if there are any."""

    values: NDArray[Any]
    labels: NDArray[np.int64] | None


def method(kernel: Callee, what: What) -> Callable[..., NDArray[Any]]:
    """The method of a kernel that gives these results; of a recurrent one for sequences.

    Raises:
        UsageError: there are no such results.
    """
    if what not in WHATS:
        raise UsageError(f"what is one of {', '.join(WHATS)}, not {what!r}")
    if len(kernel.initial):

        def sequence(x: Any, *, threads: int | None = None) -> NDArray[Any]:
            return kernel.run_sequence(x, what=what, threads=threads)[0]

        return sequence
    return kernel.__call__ if what == "scores" else getattr(kernel, what)


def predict_iter(
    kernel: Callee, batches: Iterable[Any], what: What, threads: int | None
) -> Iterator[NDArray[Any]]:
    """See `lgc.interfaces.Kernel.predict_iter`."""
    call = method(kernel, what)  # refused here, not when the first batch is asked for
    return _each(call, batches, threads)


def _each(
    call: Callable[..., NDArray[Any]], batches: Iterable[Any], threads: int | None
) -> Iterator[NDArray[Any]]:
    number = 0
    for batch in batches:
        try:
            values = call(batch, threads=threads)
        except LgcError as error:
            raise located(error, f"batch {number:,}") from None
        del batch
        yield values
        del values
        number += 1  # noqa: SIM113  enumerate() would hold a batch while the next one is made


def answers(
    kernel: Callee,
    source: Source,
    what: What,
    part: Part | None = None,
    *,
    rows: int | None = None,
    threads: int | None = None,
) -> Generator[Answer]:
    """The results of a file, block by block.

    Args:
        part: of the file; by default all of it.
        rows: in a block.

    Raises:
        InputError: it says which rows of which file are wrong.
    """
    call, rows = method(kernel, what), rows or source.block_rows()
    for one in source.parts(rows) if part is None else (part,):
        for block in source.read(one, rows):
            try:
                values = call(samples(block, kernel), threads=threads)
            except LgcError as error:
                where = f"{source.path}: {span(block.start, len(block.x))}"
                raise located(error, where) from None
            yield Answer(values, block.y)


def samples(block: Block, kernel: Callee) -> Any:
    """A block as the kernel reads it."""
    if not len(block.x) and not len(kernel.initial):
        return np.zeros((0, kernel.features), np.bool_)
    if block.packed and not isinstance(block.x, PackedBits):
        return PackedBits(block.x, read_chain(kernel.module).bits)
    return block.x


def located(error: LgcError, where: str) -> LgcError:
    """The error, with the place it did not know."""
    if error.where is not None:
        return error
    return type(error)(error.message, where=where, hint=error.hint)
