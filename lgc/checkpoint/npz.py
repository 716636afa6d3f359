"""NumPy archives: a dict of arrays, objects refused."""

from __future__ import annotations

import io
import math
import tokenize
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .zips import unzip


def read_npz(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    """Arrays by name (without ``.npy``).

    Raises:
        InputError: damaged, or an array of Python objects.
    """
    return {
        name.removesuffix(".npy"): _array(member, f"{where}: {name[:80]}")
        for name, member in unzip(data, where).items()
    }


def _array(member: bytes, where: str) -> NDArray[Any]:
    stream = io.BytesIO(member)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read_header(stream)
    except (
        ValueError, KeyError, EOFError, SyntaxError, TypeError, MemoryError, RecursionError,
        tokenize.TokenError,
    ):  # fmt: skip
        raise InputError("this is not an array", where=where) from None
    if dtype.hasobject:
        raise InputError(
            "an array of Python objects would have to be unpickled, which lgc never does",
            where=where,
            hint="save plain numeric arrays",
        )
    start, count = stream.tell(), math.prod(shape)
    if min(shape, default=0) < 0 or count * dtype.itemsize != len(member) - start:
        raise InputError(
            f"an array of shape {shape} and type {dtype} does not fill its file", where=where
        )
    flat = np.frombuffer(member, dtype, count, start)
    return flat.reshape(shape, order="F" if fortran else "C")
