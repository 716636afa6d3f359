"""Source: a data file that can be read in parts, and what comes out of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..inputs import PackedBits

BLOCK_BYTES = 1 << 25
"""Of samples in a block: enough for all threads, small beside any memory."""

CHANGED = "has it been written again, or does a worker see another file under this path?"
_FEWEST, _MOST = 1 << 9, 1 << 17


@dataclass(frozen=True)
class Part:
    """Rows that are read on their own.

    Attributes:
        rows: where they stand in the file; empty where nobody knows before they are read.
        units: pieces the file consists of (row groups, record batches); for arrays the rows.
    """

    rows: range
    units: range

    def __str__(self) -> str:
        return span(self.rows.start, len(self.rows))


@dataclass(frozen=True, eq=False)
class Block:
    """Samples that are in memory together.

    Attributes:
        start: number of the first row.
        x: numbers ``(n, …)``, packed bits, or their bytes, uint8 ``(n, bytes)``.
        y: labels, int64 ``(n,)``, if the file has them.
        packed: ``x`` is bytes of packed bits; how many bits a row holds, the model knows.
    """

    start: int
    x: NDArray[Any] | PackedBits
    y: NDArray[np.int64] | None
    packed: bool = False


class Source(ABC):
    """A data file. It pickles, and is as small as what it must remember.

    Attributes:
        path: the file; messages begin with it.
        key: what it calls the samples.
        splits: whether parts of it can be read on their own.
    """

    path: Path
    key: str
    splits: ClassVar[bool]

    @property
    @abstractmethod
    def rows(self) -> int | None:
        """Samples in it, or None where only reading all of it would tell."""

    @property
    @abstractmethod
    def row_bytes(self) -> int:
        """Bytes of a sample, or a guess."""

    @abstractmethod
    def parts(self, rows: int) -> list[Part]:
        """All rows, in order, as parts of about ``rows`` rows; at least one part."""

    @abstractmethod
    def read(self, part: Part, rows: int) -> Iterator[Block]:
        """The blocks of a part, of at most ``rows`` rows each; at least one block.

        Raises:
            InputError: the file is damaged there, or not what it was when it was opened.
        """

    def block_rows(self) -> int:
        """Rows to read at once."""
        return min(max(BLOCK_BYTES // max(self.row_bytes, 1), _FEWEST), _MOST)


def slices(rows: range, size: int) -> list[range]:
    """A range cut into pieces of ``size``; an empty one is one piece."""
    return [rows[at : at + size] for at in range(0, max(len(rows), 1), size)]


def span(start: int, count: int) -> str:
    """Rows as messages name them, counted from 0."""
    return f"rows {start:,} to {start + count - 1:,}" if count > 1 else f"row {start:,}"
