"""Range: the values that one parameter of a search may take, from a short text.

``500:8000`` is all values from 500 to 8000, ``2,4,6`` these three, ``4`` no choice at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..errors import UsageError

Kind = Literal["whole", "real", "name"]
Value = int | float | str


class Asking(Protocol):
    """What chooses values: a trial of Optuna."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int: ...

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float: ...

    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


@dataclass(frozen=True)
class Dimension:
    """A parameter that a search may vary.

    Attributes:
        name: as trials call it; the flag is spelled with hyphens.
        kind: whole numbers, real numbers or names.
        default: text of its range.
        what: one line of help.
        least: smallest value that makes sense.
        log: a range is one of ratios, not of differences.
    """

    name: str
    kind: Kind
    default: str
    what: str
    least: float = -math.inf
    log: bool = False

    @property
    def flag(self) -> str:
        """As the command line spells it."""
        return "--" + self.name.replace("_", "-")

    def parse(self, text: str) -> Range:
        """Read the text of a range.

        Raises:
            UsageError: it is no such text, or a value is too small.
        """
        low, colon, high = text.partition(":")
        if colon and self.kind != "name":
            values = (self._value(low, text), self._value(high, text))
            if values[0] > values[1]:  # type: ignore[operator]  # numbers both
                raise self._wrong(text, "the smaller value stands first")
            return Range(self, values, whole=values[0] != values[1])
        values = tuple(self._value(part, text) for part in text.split(","))
        if len(set(values)) < len(values):
            raise self._wrong(text, "a value stands there twice")
        return Range(self, values)

    def _value(self, part: str, text: str) -> Value:
        part = part.strip()
        if self.kind == "name":
            if not part:
                raise self._wrong(text, "a name is empty")
            return part
        try:
            value = int(part) if self.kind == "whole" else float(part)
        except ValueError:
            number = "a whole number" if self.kind == "whole" else "a number"
            raise self._wrong(text, f"{part!r} is not {number}") from None
        if not (math.isfinite(value) and value >= self.least):
            raise self._wrong(text, f"{value:g} is less than {self.least:g}")
        return value

    def _wrong(self, text: str, why: str) -> UsageError:
        example = self.default if self.kind == "name" else f"{self.default}, or values: 2,4"
        return UsageError(f"{text!r}: {why}", where=self.flag, hint=f"such as {example}")


@dataclass(frozen=True)
class Range:
    """What a parameter may be.

    Attributes:
        values: the choices, or the two ends of the range.
        whole: a range with all that lies between its ends.
    """

    dimension: Dimension
    values: tuple[Value, ...]
    whole: bool = False

    @property
    def fixed(self) -> bool:
        """There is nothing to choose."""
        return len(self.values) == 1 or len(set(self.values)) == 1

    @property
    def text(self) -> str:
        """What `Dimension.parse` reads."""
        spelled = [
            f"{value:g}" if isinstance(value, float) else str(value) for value in self.values
        ]
        return spelled[0] if self.fixed else (":" if self.whole else ",").join(spelled)

    def suggest(self, trial: Asking) -> Value:
        """Let a trial choose."""
        name, kind = self.dimension.name, self.dimension.kind
        if self.fixed:
            return self.values[0]
        if not self.whole:
            return trial.suggest_categorical(name, self.values)
        low, high = self.values
        if kind == "whole":
            return trial.suggest_int(name, int(low), int(high), log=self.dimension.log)
        return trial.suggest_float(name, float(low), float(high), log=self.dimension.log)
