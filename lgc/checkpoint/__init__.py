"""Reads trained weights from files: torch, NumPy and safetensors, without running anything in them.

A checkpoint is untrusted input. Torch itself is not needed; its pickle is interpreted by a small
machine that knows tensors and containers and nothing else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from .npz import read_npz
from .safetensors import looks_like_safetensors, read_safetensors
from .torch_zip import read_torch
from .zips import member_names

Tree = Any
"""Nested dicts, lists and tuples of NumPy arrays, strings, numbers, booleans and None."""

SAVE_AGAIN = "save it again with torch.save(model.state_dict(), path)"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a file holds.

    Attributes:
        format: ``torch``, ``npz`` or ``safetensors``.
        sha256: of the file, hexadecimal.
        data: its contents; a flat dict of arrays for ``npz`` and ``safetensors``.
    """

    path: Path
    format: str
    sha256: str
    data: Tree


_READERS: Mapping[str, Callable[[bytes, str], Tree]] = {
    "torch": read_torch,
    "npz": read_npz,
    "safetensors": read_safetensors,
}

_REFUSED = (
    (b"\x80", "a bare pickle, which lgc never loads", SAVE_AGAIN),
    (b"\x89HDF", "an HDF5 file", "save the weights as .npz or .safetensors"),
    (b"(lp", "a text pickle, which lgc never loads", SAVE_AGAIN),
    (b"\x93NUMPY", "a single array (.npy)", "save all layers together with numpy.savez"),
    (b"\x08", "an ONNX or protobuf file", SAVE_AGAIN),
)


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a file; its kind is found by its content.

    Raises:
        InputError: it is missing, damaged, of another kind, or holds anything but weights.
    """
    file = Path(path)
    data = _bytes(file)
    kind = _kind(data)
    if kind is None:
        raise InputError(*_unknown(data), where=str(file), hint=_hint(data))
    digest = hashlib.sha256(data).hexdigest()
    return Checkpoint(file, kind, digest, _READERS[kind](data, str(file)))


def is_checkpoint(path: str | os.PathLike[str]) -> bool:
    """Whether the first bytes are those of a file `read_checkpoint` could read."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(16)
    except OSError:
        return False
    return head.startswith(b"PK\x03\x04") or looks_like_safetensors(head)


def _bytes(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from None
    if not data:
        raise InputError("the file is empty", where=str(file))
    return data


def _kind(data: bytes) -> str | None:
    if looks_like_safetensors(data[:16]):
        return "safetensors"
    if not data.startswith(b"PK\x03\x04"):
        return None
    names = member_names(data)
    if names is None or any(name.endswith("/data.pkl") for name in names):
        return "torch"
    return "npz" if all(name.endswith(".npy") for name in names) else None


def _unknown(data: bytes) -> tuple[str]:
    for magic, what, _ in _REFUSED:
        if data.startswith(magic):
            return (f"this is {what}",)
    return ("this is not a torch, npz or safetensors file",)


def _hint(data: bytes) -> str:
    return next((hint for magic, _, hint in _REFUSED if data.startswith(magic)), SAVE_AGAIN)
