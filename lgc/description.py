"""The description beside a model: a JSON file with what the model's own file does not say.

Its keys are the load options, ``format``, the name of the frontend it is for, and what that
frontend adds: a description of layers, say.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import InputError, UsageError
from .guards import is_dict
from .reading import LoadOptions

Kinds = Mapping[str, type | tuple[type, ...]]

REPLAY = "replay:"

KEYS: Kinds = {
    "format": str,
    "wiring": str,
    "classes": int,
    "tau": (int, float),
    "inputs": int,
    "input": str,
    "head": str,
    "parametrisation": str,
    "sample_shape": (str, list),
    "quantise": str,
    "state": int,
    "initial": str,
}
"""Keys that any description may have, with the types of their values."""


def describe(
    path: Path, options: LoadOptions, frontend: str, extra: Kinds | None = None
) -> tuple[LoadOptions, dict[str, Any]]:
    """Complete options from ``--description``, or from a JSON file of the same stem.

    Options that were given win. A wiring file is looked for beside the description.

    Args:
        frontend: what ``format`` has to be where it is there.
        extra: further keys that this frontend knows, with the types of their values.

    Returns:
        The options, and the values of ``extra`` that are there.

    Raises:
        InputError: the file is missing, no JSON, or has unknown keys or values.
    """
    given = options.description is not None
    file = (
        Path(options.description) if options.description is not None else path.with_suffix(".json")
    )
    if not given and (not file.is_file() or file == path):
        return options, {}
    more = extra or {}
    known = _read(file, frontend, {**KEYS, **more})
    if "wiring" in known and replay_text(known["wiring"]) is None:
        known["wiring"] = file.parent / known["wiring"]
    stated = {
        field.name: getattr(options, field.name)
        for field in dataclasses.fields(options)
        if getattr(options, field.name) is not None
    }
    fields = {name: value for name, value in known.items() if name != "format" and name not in more}
    found = {name: value for name, value in known.items() if name in more}
    return LoadOptions(**{**fields, **stated}), found


def refuse(options: LoadOptions, names: Iterable[str], what: str, where: str) -> None:
    """Refuse options that a model has no use for: silence would look like success.

    Raises:
        UsageError: one of them was given.
    """
    for name in names:
        if getattr(options, name) is not None:
            raise UsageError(f"{what} has no use for --{name}", where=where, hint="leave it out")


def agree(options: LoadOptions, known: Mapping[str, int], where: str) -> None:
    """Compare options with what the model itself says.

    Raises:
        InputError: they contradict it.
    """
    for name, value in known.items():
        if (given := getattr(options, name)) not in (None, value):
            raise InputError(
                f"the model has {value} {name}, not {given}",
                where=where,
                hint=f"leave --{name} out: the model says it",
            )


def replay_text(wiring: str | os.PathLike[str] | None) -> str | None:
    """The text of a wiring that is no file but says how to compute it: ``replay:seed=0,…``."""
    text = "" if wiring is None else os.fspath(wiring)
    return text if text.startswith(REPLAY) else None


def _read(file: Path, frontend: str, kinds: Kinds) -> dict[str, Any]:
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from None
    except (ValueError, RecursionError):
        raise InputError("this is not JSON", where=str(file)) from None
    if not is_dict(content):
        raise InputError("a description is a JSON object", where=str(file))
    described: dict[str, Any] = {}
    for key, value in content.items():
        if key not in kinds:
            raise InputError(
                f"unknown key {key!r}", where=str(file), hint=f"known are {', '.join(kinds)}"
            )
        if not isinstance(value, kinds[key]) or isinstance(value, bool):
            raise InputError(f"{key} cannot be {json.dumps(value)[:40]}", where=str(file))
        described[key] = value
    if described.get("format", frontend) != frontend:
        raise InputError(
            f"the description is of a {described['format']} model, not {frontend}",
            where=str(file),
        )
    return described
