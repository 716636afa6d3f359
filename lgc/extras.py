"""Optional libraries: imported where they are used, asked for by name where they are missing."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from .errors import UnsupportedError, UsageError

PICTURES = (".png", ".svg")
"""Endings of the pictures that matplotlib is asked for."""


def extra(module: str, name: str) -> Any:
    """A module of an optional library.

    Args:
        name: of the extra that installs it.

    Raises:
        UnsupportedError: it, or something it needs, is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UnsupportedError(
            f"{error.name} is needed for this and is not installed",
            hint=f"pip install 'lgc[{name}]'",
        ) from None


def check_drawable(path: Path, endings: tuple[str, ...] = PICTURES) -> None:
    """Find out before the work whether a picture can be drawn.

    Raises:
        UsageError: the file's ending is unknown.
        UnsupportedError: matplotlib is missing.
    """
    if path.suffix not in endings:
        known = " or ".join(endings)
        raise UsageError(f"pictures are {known}, not {path.suffix!r}", where=str(path))
    extra("matplotlib.figure", "plot")
