"""Zip archives from strangers: every claim is checked before a byte is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib

from ..errors import InputError

LARGEST = 1 << 28
"""Bytes an archive may always unpack to; a larger one only if it is large itself."""

RATIO = 100
"""Beyond LARGEST, bytes unpacked for a byte of the file."""

MEMBERS = 100_000


def member_names(data: bytes) -> list[str] | None:
    """Names in the archive, or None when its directory cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        return None


def unzip(data: bytes, where: str) -> dict[str, bytes]:
    """All members of an archive.

    Raises:
        InputError: it is cut short, damaged, encrypted, or unpacks to far more than it weighs.
    """
    damaged = InputError(
        "the archive is damaged or cut short", where=where, hint="copy the file again"
    )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check(infos, len(data), where)
            return {info.filename: archive.read(info) for info in infos}
    except InputError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError,
        NotImplementedError, OverflowError, MemoryError, KeyError, IndexError, UnicodeError,
    ):  # fmt: skip
        raise damaged from None


def _check(infos: list[zipfile.ZipInfo], size: int, where: str) -> None:
    names = {info.filename for info in infos}
    if len(names) != len(infos) or len(infos) > MEMBERS:
        raise InputError("the archive names a member twice or has too many", where=where)
    for info in infos:
        if info.flag_bits & 1:
            raise InputError(f"{info.filename[:60]} is encrypted", where=where)
        if info.compress_type == zipfile.ZIP_STORED and info.file_size > size:
            raise InputError(
                "the archive is damaged or cut short", where=where, hint="copy the file again"
            )
    total = sum(info.file_size for info in infos)
    if total > max(LARGEST, RATIO * size):
        raise InputError(
            f"{size:,} bytes would unpack to {total:,}: refused as a zip bomb",
            where=where,
            hint="save the weights without compression",
        )
