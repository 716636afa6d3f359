"""Optional libraries: imported where they are used, asked for by name where they are missing."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import UnsupportedError


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
