"""Finds the frontend for a file: by name, or the first that knows its content."""

from __future__ import annotations

from pathlib import Path

from . import registry
from .errors import InputError, LgcError
from .reading import Frontend


def frontend_of(file: Path, name: str | None = None) -> Frontend:
    """The frontend that reads a file.

    Raises:
        InputError: there is no such file, or no frontend knows it.
        UsageError: there is no frontend of that name.
    """
    check_file(file)
    if name is not None:
        return registry.find("frontends", name)()
    found = recognised(file)
    if found is None:
        raise unknown(file)
    return found


def recognised(file: Path) -> Frontend | None:
    """The first frontend that knows a file by its content, None where none does.

    Raises:
        LgcError: one knows what it should be, but it is damaged.
    """
    failures: list[LgcError] = []
    for entry in registry.entries("frontends").values():
        candidate: Frontend = entry.load()()
        try:
            if candidate.recognises(file):
                return candidate
        except LgcError as error:
            failures.append(error)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from None
    if failures:
        raise failures[0]
    return None


def check_file(file: Path) -> None:
    """Refuse what is missing or a folder.

    Raises:
        InputError: it is.
    """
    if not file.exists():
        raise InputError("there is no such file", where=str(file))
    if file.is_dir():
        raise InputError("is a folder, a file is needed", where=str(file))


def unknown(file: Path) -> InputError:
    """What to say of a file that no frontend knows."""
    names = ", ".join(registry.entries("frontends"))
    return InputError(
        "no frontend knows this kind of file",
        where=str(file),
        hint=f"there are frontends for {names}",
    )
