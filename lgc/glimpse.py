"""A look at a file that no frontend knows: its first bytes, and its keys where it has some."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .checkpoint import is_checkpoint, read_checkpoint
from .errors import InputError
from .guards import is_array, is_dict, is_list
from .reading import Inspection

_MAGIC = (
    (b"\x80", "a bare pickle"),
    (b"\x89HDF", "HDF5"),
    (b"\x93NUMPY", "one NumPy array"),
    (b"PK", "a zip archive"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ", "compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"\x7fELF", "a program or library"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x08", "ONNX or protobuf"),
)
_HEAD, _KEYS, _JSON = 48, 40, 1 << 24
"""Bytes shown, keys shown, bytes of JSON that are parsed."""


def glimpse(path: Path) -> Inspection:
    """What can be said of a file; never fails on its content."""
    with path.open("rb") as file:
        head = file.read(4096)
    kind = _kind(path, head)
    rows = [("begins with", _printed(head[:_HEAD]))] if head else []
    return Inspection(f"not known to lgc: {kind}", (*rows, *_contents(path, head)))


def _kind(path: Path, head: bytes) -> str:
    if not head:
        return "an empty file"
    if is_checkpoint(path):
        return "a file of arrays, but none that a frontend knows"
    named = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if named is not None:
        return named
    if head.lstrip()[:1] in (b"{", b"["):
        return "JSON"
    return "text" if _is_text(head) else "binary data"


def _contents(path: Path, head: bytes) -> Iterator[tuple[str, str]]:
    if is_checkpoint(path) or not _is_text(head):
        try:
            yield from keys(read_checkpoint(path).data)
        except InputError as error:
            yield "reading", error.message
            if error.hint is not None:
                yield "", error.hint
    elif head.lstrip()[:1] in (b"{", b"[") and path.stat().st_size <= _JSON:
        try:
            yield from keys(json.loads(path.read_bytes()))
        except (ValueError, RecursionError):
            yield "reading", "it is no whole JSON"


def keys(tree: Any) -> Iterator[tuple[str, str]]:
    """The first entries of what a file holds, each with its shape."""
    found = list(_walk(tree, "", 0))
    yield from found[:_KEYS]
    if len(found) > _KEYS:
        yield "…", f"{len(found) - _KEYS} more"


def _walk(tree: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    if is_dict(tree) and depth < 3:
        for key, value in tree.items():
            yield from _walk(value, f"{prefix}.{key}" if prefix else f"{key}", depth + 1)
    else:
        yield prefix[:80], _shape(tree)


def _shape(value: Any) -> str:
    if is_array(value):
        return f"{value.dtype} {value.shape}"
    if is_dict(value) or is_list(value) or isinstance(value, tuple):
        return f"{type(value).__name__} of {len(value):,}"  # type: ignore[reportUnknownArgumentType]
    return repr(value)[:60]


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in head)


def _printed(head: bytes) -> str:
    if _is_text(head):
        return repr(head.decode("utf-8", "replace").splitlines()[0])
    return f"{head[:16].hex(' ')}  {''.join(chr(b) if 32 <= b < 127 else '.' for b in head[:16])}"
