"""Input formats: how the numbers a model compares with thresholds stand on wires.

``uN``      a whole number of N bits, 0 and above
``sN``      a whole number of N bits, two's complement
``qI.F``    two's complement with I bits before the point, the sign among them, and F after it
``uqI.F``   the same without a sign
``bits``    no numbers: what the thresholds give comes in
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UsageError

MOST_BITS = 32
SPELLINGS = "bits, u8, s16, q4.12, uq0.8"

_TEXT = re.compile(r"(?:([us])([0-9]{1,3})|(u?)q([0-9]{1,3})\.([0-9]{1,3}))")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class InputFormat:
    """A number on wires: ``bits`` of them, the least significant first, the last ``fraction`` of
    which stand after the point.

    Attributes:
        text: as the user spelled it.
        bits: of one number.
        fraction: of these, how many are worth less than 1.
        signed: two's complement.
    """

    text: str
    bits: int
    fraction: int
    signed: bool

    @property
    def least(self) -> int:
        """The smallest number, in units of the last bit."""
        return -(1 << self.bits - 1) if self.signed else 0

    @property
    def most(self) -> int:
        """The largest number, in units of the last bit."""
        return self.least + (1 << self.bits) - 1

    @property
    def range(self) -> str:
        """From which number to which it reaches."""
        unit = 2.0**-self.fraction
        return f"{self.least * unit:g} to {self.most * unit:g}"

    def cuts(self, level: NDArray[np.float32]) -> Ints:
        """The smallest number above each level, in units of the last bit, int64.

        It is one above `most` where no number is above the level, and `least` where all are.
        """
        scaled = np.floor(level.astype(np.float64) * 2.0**self.fraction) + 1
        return np.clip(scaled, self.least, self.most + 1).astype(np.int64)

    def quantise(self, x: NDArray[np.generic]) -> Ints:
        """Numbers in units of the last bit, int64: those that the format holds, as they are.

        Raises:
            InputError: a number lies between two, or outside.
        """
        scaled = np.asarray(x, np.float64) * 2.0**self.fraction
        whole = np.round(scaled)
        bad = ~((whole == scaled) & (whole >= self.least) & (whole <= self.most))
        if bad.any():
            first = np.asarray(x, np.float64)[bad].flat[0]
            raise InputError(
                f"{first:g} is no number of the format {self.text}, which reaches from "
                f"{self.range} in steps of {2.0**-self.fraction:g}",
                hint="round the data, or choose a format that holds it",
            )
        return whole.astype(np.int64)

    def unpack(self, numbers: Ints) -> NDArray[np.bool_]:
        """The wires of numbers ``(n, features)``, bool ``(n, features · bits)``."""
        places = np.arange(self.bits)
        bits = (numbers[:, :, None] >> places & 1).astype(np.bool_)
        return bits.reshape(len(numbers), -1)


def parse_format(text: str) -> InputFormat | None:
    """Read the text of ``--input-format``; None for ``bits``.

    Raises:
        UsageError: it is none of the spellings, or has no bits or too many.
    """
    plain = text.strip().lower()
    if plain == "bits":
        return None
    match = _TEXT.fullmatch(plain)
    if match is None:
        raise UsageError(
            f"{text!r} is no input format", where="--input-format", hint=f"one of {SPELLINGS}"
        )
    fraction = int(match[5] or 0)
    bits = int(match[2]) if match[2] else int(match[4]) + fraction
    if not 1 <= bits <= MOST_BITS:
        raise UsageError(
            f"a number has 1 to {MOST_BITS} bits, not {bits}", where=f"--input-format {text}"
        )
    return InputFormat(plain, bits, fraction, match[1] == "s" or match[3] == "")
