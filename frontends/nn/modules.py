"""What a state dict of lgc.nn says of its modules: names, arguments and arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError
from lgc.guards import is_array, is_dict, is_list
from lgc.states import EXTRA_STATE, NOTES, array_of, naturally


@dataclass(frozen=True, eq=False)
class Part:
    """A module.

    Attributes:
        name: in the network, such as ``1``; empty for a network of one module.
        kind: its class.
        told: the arguments that made it.
        arrays: its own weights, wiring and thresholds by name.
        where: for messages.
    """

    name: str
    kind: str
    told: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    where: str

    def argument(self, key: str, kinds: type | tuple[type, ...]) -> Any:
        """An argument.

        Raises:
            InputError: it is missing or of another type.
        """
        value = self.told.get(key)
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is int):
            raise InputError(f"its {key} is {value!r}", where=self.where)
        return value

    def size(self, key: str) -> int:
        """A number of something, at least 1.

        Raises:
            InputError: it is none.
        """
        value = self.argument(key, int)
        if not 1 <= value <= _MOST:
            raise InputError(f"its {key} is {value}", where=self.where)
        return value

    def array(self, key: str, kinds: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """One of its arrays.

        Args:
            kinds: letters of NumPy's kinds of types.
            shape: None where it may have any length.

        Raises:
            InputError: it is missing, or of another type or shape.
        """
        value = self.arrays.get(key)
        if value is None:
            raise InputError(f"it has no {key}", where=self.where)
        fits = value.ndim == len(shape) and all(
            want in (None, has) for want, has in zip(shape, value.shape)
        )
        if not fits or value.dtype.kind not in kinds:
            wanted = ", ".join("…" if side is None else str(side) for side in shape)
            raise InputError(
                f"its {key} is of type {value.dtype} and shape {value.shape}, not ({wanted})",
                where=self.where,
            )
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise InputError(
                f"its {key} has values that are NaN or infinite",
                where=self.where,
                hint="the training diverged, or the file is damaged",
            )
        return value

    def inner(self, name: str) -> Part:
        """A module inside of it.

        Raises:
            InputError: there is none, or it does not say what it is.
        """
        where, prefix = f"{self.where}.{name}", f"{name}."
        own = {
            key.removeprefix(prefix): value
            for key, value in self.arrays.items()
            if key.startswith(prefix)
        }
        told = _told(own.get(EXTRA_STATE), where)
        return Part(f"{self.name}.{name}", told.pop("lgc"), told, own, where)


_MOST = 1 << 31
_LONGEST = 100
"""Letters of a note, at most, where a file is described."""


def parts_of(state: Mapping[str, Any], where: str) -> list[Part]:
    """The modules of a network in order; what is inside of one belongs to it.

    Raises:
        InputError: one does not say what it is, or there are tensors of no module.
    """
    outer: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        prefix, _, last = key.rpartition(".")
        if last == EXTRA_STATE and not any(_inside(prefix, other) for other in outer):
            outer[prefix] = _told(value, f"{where}: module {prefix or 'itself'}")
    arrays: dict[str, dict[str, NDArray[Any]]] = {prefix: {} for prefix in outer}
    for key, value in state.items():
        if key == NOTES:
            continue
        home = next((prefix for prefix in outer if _inside(key, prefix)), None)
        array = array_of(value)
        if home is None or not is_array(array):
            raise InputError(f"{key!r} belongs to no module of lgc.nn", where=where)
        arrays[home][key[len(home) + 1 :] if home else key] = array
    order = list(outer)
    if all(prefix.partition(".")[0].isdecimal() for prefix in order):
        order.sort(key=naturally)  # safetensors sort their names as text
    return [
        Part(prefix, outer[prefix].pop("lgc"), outer[prefix], arrays[prefix], f"{where}: {prefix}")
        for prefix in order
    ]


def notes_of(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is told of a network, by name."""
    if NOTES not in state:
        return []
    told = _json(state[NOTES])
    return [(str(key), _text(value)) for key, value in told.items()] if is_dict(told) else []


def _text(value: Any) -> str:
    text = ", ".join(map(str, value)) if is_list(value) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _inside(key: str, prefix: str) -> bool:
    return not prefix or key == prefix or key.startswith(f"{prefix}.")


def _told(value: Any, where: str) -> dict[str, Any]:
    told = _json(value)
    if not is_dict(told) or not isinstance(told.get("lgc"), str):
        raise InputError("it does not say what it is", where=where, hint="the file is damaged")
    return told


def _json(value: Any) -> Any:
    try:
        return json.loads(array_of(value).astype(np.uint8).tobytes())
    except (ValueError, TypeError, RecursionError, AttributeError):
        return None
