"""UBJSON as XGBoost writes it: JSON's values in binary, arrays of numbers as their bytes."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from lgc.errors import InputError

_NUMBERS = {"i": "b", "U": "B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}
"""Markers, and what `struct` and NumPy call their numbers."""
_CONSTANTS = {"Z": None, "N": None, "T": True, "F": False}
DEEPEST = 50


def read_ubjson(data: bytes, where: str) -> Any:
    """The value that a file holds; arrays of one type are lists as well.

    Raises:
        InputError: it is damaged.
    """
    try:
        return _Reader(data).value(0)
    except (IndexError, struct.error, ValueError, KeyError, OverflowError):
        raise InputError(
            "the UBJSON is damaged or cut short", where=where, hint="copy the file again"
        ) from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def _take(self, size: int) -> bytes:
        if size < 0 or size > len(self.data) - self.at:
            raise IndexError
        piece = self.data[self.at : self.at + size]
        self.at += size
        return piece

    def _marker(self) -> str:
        return chr(self._take(1)[0])

    def _number(self, marker: str) -> Any:
        kind = _NUMBERS[marker]
        return struct.unpack(kind, self._take(struct.calcsize(kind)))[0]

    def _size(self) -> int:
        marker = self._marker()
        if marker in "dD":
            raise ValueError
        return int(self._number(marker))

    def _text(self) -> str:
        return self._take(self._size()).decode("utf-8")

    def value(self, depth: int) -> Any:
        """The next value."""
        if depth > DEEPEST:
            raise ValueError
        marker = self._marker()
        if marker == "{":
            return self._object(depth)
        if marker == "[":
            return self._array(depth)
        if marker == "S":
            return self._text()
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        return self._number(marker)

    def _object(self, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while self.data[self.at] != ord("}"):
            name = self._text()
            result[name] = self.value(depth + 1)
        self.at += 1
        return result

    def _array(self, depth: int) -> list[Any]:
        kind = None
        if self.data[self.at] == ord("$"):
            self.at += 1
            kind = self._marker()
        if self.data[self.at] == ord("#"):
            self.at += 1
            size = self._size()
            if kind is not None:
                item = np.dtype(_NUMBERS[kind])
                return np.frombuffer(self._take(size * item.itemsize), item).tolist()
            return [self.value(depth + 1) for _ in range(self._counted(size))]
        result: list[Any] = []
        while self.data[self.at] != ord("]"):
            result.append(self.value(depth + 1))
        self.at += 1
        return result

    def _counted(self, size: int) -> int:
        """A size that the rest of the file can fill: a value has a byte at least."""
        if not 0 <= size <= len(self.data) - self.at:
            raise IndexError
        return size
