"""Type guards for what comes from outside: `isinstance`, with the element types it cannot know."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray


def is_dict(value: object) -> TypeGuard[dict[Any, Any]]:
    """A dict of anything."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """A list of anything."""
    return isinstance(value, list)


def is_array(value: object) -> TypeGuard[NDArray[Any]]:
    """A NumPy array of any type and shape."""
    return isinstance(value, np.ndarray)


def ints(array: NDArray[Any]) -> list[int]:
    """A row of whole numbers as Python's own, for loops over single elements."""
    return array.tolist()


def int_rows(array: NDArray[Any]) -> list[list[int]]:
    """The same for rows of rows."""
    return array.tolist()
