"""The safetensors format: a JSON header with shapes and offsets, then the bytes."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..guards import is_dict

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip

_LARGEST_HEADER = 100_000_000


def looks_like_safetensors(head: bytes) -> bool:
    """Whether the first 16 bytes are a plausible header length and the start of JSON."""
    length = int.from_bytes(head[:8], "little")
    return len(head) > 8 and 2 <= length <= _LARGEST_HEADER and head[8:9] == b"{"


def read_safetensors(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    """Arrays by name; bfloat16 becomes float32.

    Raises:
        InputError: damaged, cut short, or tensors that overlap.
    """
    length = int.from_bytes(data[:8], "little")
    body = memoryview(data)[8 + length :]
    try:
        header: Any = json.loads(data[8 : 8 + length].decode())
    except (ValueError, RecursionError):
        header = None
    if not is_dict(header):
        raise InputError(
            "the header is damaged or cut short", where=where, hint="copy the file again"
        )
    arrays: dict[str, NDArray[Any]] = {}
    spans: list[tuple[int, int]] = []
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        arrays[name], span = _tensor(entry, body, f"{where}: {str(name)[:80]}")
        spans.append(span)
    spans.sort()
    if any(start < stop for (_, stop), (start, _) in itertools.pairwise(spans)):
        raise InputError("two tensors overlap", where=where)
    return arrays


def _tensor(entry: Any, body: memoryview, where: str) -> tuple[NDArray[Any], tuple[int, int]]:
    try:
        kind, shape, (start, stop) = entry["dtype"], entry["shape"], entry["data_offsets"]
        numbers = [*shape, start, stop]
    except (KeyError, TypeError, ValueError):
        raise InputError("the entry lacks dtype, shape or data_offsets", where=where) from None
    if not isinstance(kind, str) or kind not in _DTYPES:
        raise InputError(f"elements of type {str(kind)[:20]} are not supported", where=where)
    if any(type(number) is not int or number < 0 for number in numbers):
        raise InputError("shape and offsets must be whole numbers", where=where)
    dtype = np.dtype(_DTYPES[kind])
    if stop > len(body) or math.prod(shape) * dtype.itemsize != stop - start:
        raise InputError(
            "the tensor does not fit its bytes: the file is damaged or cut short", where=where
        )
    array = np.frombuffer(body[start:stop], dtype).reshape(shape)
    return (from_bfloat16(array) if kind == "BF16" else array), (start, stop)


def from_bfloat16(words: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The float32 whose upper half is the given 16 bits."""
    return (words.astype(np.uint32) << np.uint32(16)).view(np.float32)
