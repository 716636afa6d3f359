"""Tables: Parquet by row group, Arrow files (Feather) by record batch, Arrow streams in one go."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, ClassVar

from ..errors import InputError
from ..extras import extra
from .columns import Columns, block, choose_columns
from .source import CHANGED, Block, Part, Source

_STREAM = b"\xff\xff\xff\xff"


def open_table(path: Path, x: Sequence[str], y: str | None) -> Source:
    """Read the header of a Parquet or Arrow file.

    Raises:
        InputError: it is damaged, of another kind, or its columns do not suit.
        UnsupportedError: pyarrow is not installed.
    """
    extra("pyarrow", "arrow")
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    with _damage(str(path)):
        if head.startswith(b"PAR1"):
            return _open_parquet(path, x, y)
        if head.startswith(b"ARROW1"):
            return _open_arrow(path, x, y)
        if head.startswith(_STREAM):
            with _stream(path) as reader:
                columns = choose_columns(reader.schema, x, y, str(path))
            return StreamSource(path, columns.key, columns)
    raise InputError(
        "this is neither a Parquet nor an Arrow file",
        where=str(path),
        hint="pyarrow.feather.write_feather writes Arrow files" if head[:4] == b"FEA1" else None,
    )


@contextmanager
def _damage(where: str) -> Generator[None]:
    """What pyarrow says about a file, as an error of the user's."""
    pa = extra("pyarrow", "arrow")
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise InputError(f"cannot be read: {first}", where=where) from None


@dataclass(frozen=True)
class _Table(Source):
    path: Path
    key: str
    columns: Columns

    @property
    def row_bytes(self) -> int:
        return self.columns.row_bytes

    def _blocks(
        self, batches: Iterator[Any], schema: Any, start: int, rows: int
    ) -> Iterator[Block]:
        """Blocks of record batches as they come; an empty one where there are none."""
        where, first = str(self.path), start
        while True:
            with _damage(f"{where}: from row {start:,} on"):
                batch = next(batches, None)
                if batch is None:
                    break
                batch.validate(full=True)
            for at in range(0, len(batch), rows):
                piece = batch.slice(at, rows)
                yield block(piece, self.columns, start, where)
                start += len(piece)
        if start == first:
            empty = extra("pyarrow", "arrow").RecordBatch.from_pylist([], schema=schema)
            yield block(empty, self.columns, start, where)


@dataclass(frozen=True)
class ParquetSource(_Table):
    """A Parquet file; a part is some row groups."""

    groups: tuple[int, ...]

    splits: ClassVar[bool] = True

    @property
    def rows(self) -> int:
        return sum(self.groups)

    def parts(self, rows: int) -> list[Part]:
        return _gather(self.groups, rows)

    def read(self, part: Part, rows: int) -> Iterator[Block]:
        with _parquet(self.path) as file:
            _same(self.path, self.groups, _group_rows(file))
            batches = file.iter_batches(
                rows, row_groups=list(part.units), columns=self.columns.names
            )
            yield from self._blocks(batches, file.schema_arrow, part.rows.start, rows)


@dataclass(frozen=True)
class ArrowSource(_Table):
    """An Arrow file (Feather version 2), mapped into memory; a part is some record batches."""

    batches: tuple[int, ...]

    splits: ClassVar[bool] = True

    @property
    def rows(self) -> int:
        return sum(self.batches)

    def parts(self, rows: int) -> list[Part]:
        return _gather(self.batches, rows)

    def read(self, part: Part, rows: int) -> Iterator[Block]:
        with _arrow(self.path, self.columns.names) as reader:
            if reader.num_record_batches != len(self.batches):
                _same(self.path, self.batches, _batch_rows(reader))
            batches = map(self._batch, repeat(reader), part.units)
            yield from self._blocks(batches, reader.schema, part.rows.start, rows)

    def _batch(self, reader: Any, number: int) -> Any:
        batch = reader.get_batch(number)
        if len(batch) != self.batches[number]:
            _same(self.path, self.batches, _batch_rows(reader))
        return batch


@dataclass(frozen=True)
class StreamSource(_Table):
    """An Arrow stream: how long it is shows at its end, and it has no parts."""

    splits: ClassVar[bool] = False

    @property
    def rows(self) -> None:
        return None

    def parts(self, rows: int) -> list[Part]:
        return [Part(range(0), range(0))]

    def read(self, part: Part, rows: int) -> Iterator[Block]:
        with _stream(self.path, self.columns.names) as reader:
            yield from self._blocks(iter(reader), reader.schema, 0, rows)


def _open_parquet(path: Path, x: Sequence[str], y: str | None) -> Source:
    with _parquet(path) as file:
        columns = choose_columns(file.schema_arrow, x, y, str(path))
        groups = _group_rows(file)
    return ParquetSource(path, columns.key, columns, groups)


def _open_arrow(path: Path, x: Sequence[str], y: str | None) -> Source:
    with _arrow(path) as reader:
        columns = choose_columns(reader.schema, x, y, str(path))
    with _arrow(path, columns.names[-1:]) as reader:  # lengths, with little to decompress
        batches = _batch_rows(reader)
    return ArrowSource(path, columns.key, columns, batches)


@contextmanager
def _parquet(path: Path) -> Generator[Any]:
    parquet = extra("pyarrow.parquet", "arrow")
    with _damage(str(path)):
        # Pages are read through a small buffer, not whole columns at once.
        file = parquet.ParquetFile(path, buffer_size=1 << 16, page_checksum_verification=True)
    with file:
        yield file


@contextmanager
def _arrow(path: Path, names: Sequence[str] = ()) -> Generator[Any]:
    pa = extra("pyarrow", "arrow")
    with _damage(str(path)):
        mapped = pa.memory_map(str(path))
        reader = pa.ipc.open_file(mapped)
        if names:
            reader = pa.ipc.open_file(mapped, options=_only(reader.schema, names))
    with mapped:
        yield reader


@contextmanager
def _stream(path: Path, names: Sequence[str] = ()) -> Generator[Any]:
    pa = extra("pyarrow", "arrow")
    with _damage(str(path)):
        file = pa.OSFile(str(path))
        reader = pa.ipc.open_stream(file)
        if names:
            file.seek(0)
            reader = pa.ipc.open_stream(file, options=_only(reader.schema, names))
    with file:
        yield reader


def _only(schema: Any, names: Sequence[str]) -> Any:
    numbers = [schema.get_field_index(name) for name in names]
    return extra("pyarrow", "arrow").ipc.IpcReadOptions(included_fields=numbers)


def _group_rows(file: Any) -> tuple[int, ...]:
    metadata = file.metadata
    return tuple(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))


def _batch_rows(reader: Any) -> tuple[int, ...]:
    return tuple(len(reader.get_batch(number)) for number in range(reader.num_record_batches))


def _gather(sizes: Sequence[int], rows: int) -> list[Part]:
    """Neighbouring units as parts of at least ``rows`` rows."""
    parts: list[Part] = []
    first = start = stop = 0
    for number, size in enumerate(sizes):
        stop += size
        if stop - start >= rows or number == len(sizes) - 1:
            parts.append(Part(range(start, stop), range(first, number + 1)))
            first, start = number + 1, stop
    return parts or [Part(range(0), range(0))]


def _same(path: Path, then: tuple[int, ...], now: tuple[int, ...]) -> None:
    if then != now:
        raise InputError(
            f"holds {sum(now):,} rows in {len(now)} pieces and held {sum(then):,} in {len(then)} "
            "when it was opened",
            where=str(path),
            hint=CHANGED,
        )
