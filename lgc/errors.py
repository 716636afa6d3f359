"""Errors a user can act on: what is wrong, where, and what to do now."""

from __future__ import annotations

from typing import Any


class LgcError(Exception):
    """Something is wrong that the user can mend; the command line exits with 1.

    Args:
        message: what is wrong, in one sentence without a final full stop.
        where: file, layer, line or option the message speaks of.
        hint: what to do now.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, where, hint)
        self.message = message
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.message, self.where, self.hint)

    def __str__(self) -> str:
        text = self.message if self.where is None else f"{self.where}: {self.message}"
        return text if self.hint is None else f"{text}\n  hint: {self.hint}"


def _again(kind: type[LgcError], message: str, where: str | None, hint: str | None) -> LgcError:
    return kind(message, where=where, hint=hint)


class InputError(LgcError):
    """A file, array or text given by the user is not what it should be."""


class UsageError(LgcError):
    """An option or argument is missing, unknown or contradicts another."""


class UnsupportedError(LgcError):
    """Valid input that this part of lgc refuses, by name."""


class CheckError(LgcError):
    """A pass changed the function of a model."""


class UndecidedError(LgcError):
    """A proof reached its limits."""


class LgcWarning(UserWarning):
    """Something lgc assumed that the user may want to state."""
