"""Text from arrays: a file is a row of word numbers, spelled out without an object a word.

Words are kept end to end in one row of bytes. Spelling copies the bytes of each word to its place,
for many words at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

PIECE = 1 << 16
"""Words, or rows of numbers, spelled at once."""


class Vocabulary:
    """Words by number, in the order in which they were added."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._lengths: list[NDArray[np.int64]] = []
        self.size = 0

    def add(self, words: Sequence[bytes]) -> NDArray[np.int64]:
        """Add words; returns their numbers."""
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        return self._take(b"".join(words), lengths)

    def add_numbered(self, stem: bytes, count: int) -> NDArray[np.int64]:
        """Add ``stem0``, ``stem1``, …; returns their numbers."""
        pieces = [
            b"".join([stem + b"%d"] * (stop - start)) % tuple(range(start, stop))
            for start, stop in _pieces(count)
        ]
        number = np.arange(count)
        digits = np.ones(count, np.int64)
        for place in range(1, 11):
            digits += number >= 10**place
        return self._take(b"".join(pieces), digits + len(stem))

    def _take(self, text: bytes, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        self._parts.append(text)
        self._lengths.append(lengths)
        numbers = np.arange(self.size, self.size + len(lengths))
        self.size += len(lengths)
        return numbers

    def spell(self, words: NDArray[np.int64]) -> Iterator[bytes]:
        """The text of a row of words, in pieces."""
        pool = np.frombuffer(b"".join(self._parts), np.uint8)
        length = np.concatenate([*self._lengths, np.zeros(1, np.int64)])
        start = np.cumsum(length) - length
        for first, last in _pieces(len(words)):
            chosen = words[first:last]
            sizes = length[chosen]
            shift = start[chosen] - (np.cumsum(sizes) - sizes)
            yield pool[np.repeat(shift, sizes) + np.arange(int(sizes.sum()))].tobytes()


def spell_rows(template: bytes, rows: NDArray[np.int64]) -> Iterator[bytes]:
    """The template filled in with each row of numbers, in pieces."""
    for first, last in _pieces(len(rows)):
        yield template * (last - first) % tuple(rows[first:last].ravel().tolist())


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, PIECE):
        yield start, min(start + PIECE, count)
