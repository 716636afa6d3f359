"""Words of a text file, found and told apart by a compiled loop: statements of numbered symbols.

Readers of text formats work on arrays of symbols; a string is made only of what a message or a
port needs. Statements are lines, joined where one ends in a backslash and the format says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..loops import Row, loop

Ints = NDArray[np.int64]

_LETTER, _BLANK, _END, _MARK, _COMMENT, _JOIN = range(6)
_HASH = 1_000_003
_MASK = (1 << 42) - 1


@dataclass(frozen=True, eq=False)
class Words:
    """A text as words.

    Attributes:
        data: the bytes.
        start, length: int64 ``(n,)``, where each word stands.
        symbol: int64 ``(n,)``, equal for equal words; symbols count from 0 as they appear.
        first: int64 ``(symbols,)``, a word of each symbol.
        begin: int64 ``(statements + 1,)``, the first word of each statement, and the end.
        line: int64 ``(statements,)``, the line, from 1, on which each begins.
    """

    data: bytes
    start: Ints
    length: Ints
    symbol: Ints
    first: Ints
    begin: Ints
    line: Ints

    @property
    def symbols(self) -> int:
        return len(self.first)

    @property
    def statements(self) -> int:
        return len(self.line)

    @property
    def sizes(self) -> Ints:
        """Words in each statement."""
        return np.diff(self.begin)

    def letters(self, words: Ints, place: int = 0) -> NDArray[np.uint8]:
        """A byte of each word; 0 where it is shorter."""
        raw = np.frombuffer(self.data, np.uint8)
        inside = self.length[words] > place
        return np.where(inside, raw[self.start[words] + np.where(inside, place, 0)], 0)

    def text(self, symbol: int) -> str:
        """The word that a symbol stands for."""
        word = int(self.first[symbol])
        start = int(self.start[word])
        return self.data[start : start + int(self.length[word])].decode("utf-8", "replace")

    def texts(self, symbols: Ints) -> list[str]:
        return [self.text(symbol) for symbol in symbols.tolist()]

    def shown(self, symbol: int) -> str:
        """The same, short enough for a message."""
        text = self.text(symbol)
        return repr(text if len(text) <= 40 else f"{text[:37]}…")


def split(data: bytes, marks: bytes = b"", joins: bool = False) -> Words:
    """Find the words of a text; ``#`` starts a comment.

    Args:
        marks: bytes that are words by themselves.
        joins: a backslash at the end of a line joins the next one to it.
    """
    kinds = np.zeros(256, np.int64)
    kinds[list(b" \t\r\v\f\0")] = _BLANK
    kinds[list(marks)] = _MARK
    kinds[10], kinds[35] = _END, _COMMENT
    if joins:
        kinds[92] = _JOIN
    raw = np.frombuffer(data, np.uint8)
    kind = kinds.astype(np.uint8)[raw]
    solid = (kind == _LETTER) | (kind == _JOIN)
    most = int((solid[1:] & ~solid[:-1]).sum() + solid[:1].sum() + (kind == _MARK).sum())
    # a backslash that joins lines parts words
    most += int((kind == _JOIN).sum())
    lines = min(most, data.count(b"\n") + 1)
    text = np.frombuffer(data + bytes(16 - len(data) % 8), np.int64)
    start, length, symbol, first = (np.empty(most, np.int64) for _ in range(4))
    begin, line = np.empty(lines + 1, np.int64), np.empty(lines, np.int64)
    slots = np.zeros(1 << max(4, (most + most // 2).bit_length()), np.int64)
    counts = np.zeros(3, np.int64)
    _scan(
        4 * len(data), len(data), text, kinds, start, length, symbol, first, begin, line, slots,
        counts,
    )  # fmt: skip
    words, symbols, statements = counts.tolist()
    begin[statements] = words
    return Words(
        data, start[:words], length[:words], symbol[:words], first[:symbols],
        begin[: statements + 1], line[:statements],
    )  # fmt: skip


def _byte(text: Row, i: int) -> int:
    return (text[i >> 3] >> (8 * (i & 7))) & 255


def _joined(text: Row, i: int) -> int:
    """Where the next line begins, if the backslash at i is the last byte of its line; else 0."""
    j = i + 1
    if _byte(text, j) == 13:
        j += 1
    return j + 1 if _byte(text, j) == 10 else 0


def _same(text: Row, a: int, b: int, length: int) -> int:
    for i in range(length):
        if _byte(text, a + i) != _byte(text, b + i):
            return 0
    return 1


@loop(_byte, _joined, _same)
def _scan(
    size: int, text: Row, kinds: Row, start: Row, length: Row, symbol: Row, first: Row,
    begin: Row, line: Row, slots: Row, counts: Row,
) -> None:  # fmt: skip
    """``text`` holds eight bytes a number, and at least eight more zeros; ``slots`` holds 1 +
    symbol; ``counts``: words, symbols, statements."""
    i, words, symbols, statements, number, fresh = 0, 0, 0, 0, 1, 1
    while i < size:
        kind = kinds[_byte(text, i)]
        if kind == _BLANK:
            i += 1
            continue
        if kind == _END:
            number += 1
            fresh = 1
            i += 1
            continue
        if kind == _COMMENT:
            while i < size and _byte(text, i) != 10:
                i += 1
            continue
        if kind == _JOIN:
            after = _joined(text, i)
            if after > 0:
                number += 1
                i = after
                continue
        if fresh == 1:
            begin[statements] = words
            line[statements] = number
            statements += 1
            fresh = 0
        at = i
        hashed = 0
        if kind == _MARK:
            hashed = _byte(text, i)
            i += 1
        else:
            while i < size:
                byte = _byte(text, i)
                kind = kinds[byte]
                if kind != _LETTER:
                    if kind != _JOIN:
                        break
                    if _joined(text, i) > 0:
                        break
                hashed = ((hashed * _HASH) & _MASK) ^ byte
                i += 1
        slot = hashed * _HASH & _MASK
        slot = (slot ^ slot >> 21) & (len(slots) - 1)
        found = -1
        while slots[slot] != 0:
            other = slots[slot] - 1
            word = first[other]
            if length[word] == i - at and _same(text, start[word], at, i - at) == 1:
                found = other
                break
            slot = (slot + 1) & (len(slots) - 1)
        if found < 0:
            found = symbols
            slots[slot] = symbols + 1
            first[symbols] = words
            symbols += 1
        start[words] = at
        length[words] = i - at
        symbol[words] = found
        words += 1
    counts[0] = words
    counts[1] = symbols
    counts[2] = statements
