"""Compiled code kept on disk by the hash of what it was made from.

The folder is the user's own cache folder, or ``LGC_CACHE_DIR``. Beyond the size limit
(``LGC_CACHE_SIZE``, 1G by default, 0 keeps nothing) what was used longest ago goes. An entry that
is damaged, and a folder that cannot be written, cost time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from .errors import InputError, UsageError
from .files import atomic_write

LIMIT = "1G"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_DIGEST = 16
_NAMES = re.compile(r"[0-9a-f]{40}|\.[0-9a-f]{40}-\w{8}")
"""Entries, and what a process that was killed while it wrote one left behind."""


def folder() -> Path:
    """Where entries are kept."""
    told = os.environ.get("LGC_CACHE_DIR")
    return Path(told) if told else user_cache_path("lgc", appauthor=False)


def limit() -> int:
    """Bytes to keep at most.

    Raises:
        UsageError: ``LGC_CACHE_SIZE`` is no size.
    """
    told = os.environ.get("LGC_CACHE_SIZE") or LIMIT
    size = told.strip().upper().removesuffix("B")
    number, unit = (size[:-1], size[-1:]) if size[-1:] in _UNITS else (size, "")
    if not number.isdecimal():
        raise UsageError(f"{told!r} is no size", where="LGC_CACHE_SIZE", hint="such as 512M or 2G")
    return int(number) * _UNITS[unit]


def key(*parts: str | bytes) -> str:
    """The name of an entry: a hash of everything it depends on."""
    state = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "little") + data)
    return state.hexdigest()


def fetch(name: str) -> bytes | None:
    """The entry of that name, or None."""
    if limit() == 0:
        return None
    path = folder() / name
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    data = whole[_DIGEST:]
    intact = _digest(name, data) == whole[:_DIGEST]
    with contextlib.suppress(OSError):  # in a folder that cannot be written they stay as they are
        if intact:
            os.utime(path)
        else:
            path.unlink()
    return data if intact else None


def keep(name: str, data: bytes) -> None:
    """Add an entry, and drop the oldest where there are too many."""
    if _DIGEST + len(data) > limit():
        return
    home = folder()
    with contextlib.suppress(OSError, InputError):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic_write(home / name) as temporary:
            temporary.write_bytes(_digest(name, data) + data)
        _shrink(limit())


@dataclass(frozen=True)
class Entry:
    """A file of the cache: its bytes, and when it was used last (seconds)."""

    path: Path
    size: int
    used: float


def entries() -> list[Entry]:
    """What is kept, used longest ago first."""
    found: list[Entry] = []
    with contextlib.suppress(OSError):
        for path in folder().iterdir():
            with contextlib.suppress(OSError):
                status = path.stat()
                if path.is_file() and _NAMES.fullmatch(path.name):
                    found.append(Entry(path, status.st_size, status.st_mtime))
    return sorted(found, key=lambda entry: entry.used)


def clear() -> int:
    """Remove all entries; returns how many there were."""
    return _shrink(-1)


def _shrink(size: int) -> int:
    """Remove entries until no more than ``size`` bytes are left."""
    kept, removed = entries(), 0
    total = sum(entry.size for entry in kept)
    for entry in kept:
        if total <= size:
            break
        with contextlib.suppress(OSError):
            entry.path.unlink()
            removed += 1
        total -= entry.size
    return removed


def _digest(name: str, data: bytes) -> bytes:
    """Of an entry under its name: one that was renamed is damaged too."""
    return hashlib.blake2b(name.encode() + b"\0" + data, digest_size=_DIGEST).digest()
