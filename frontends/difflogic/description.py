"""The description beside a checkpoint: a JSON file with what the weights do not say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lgc.errors import InputError
from lgc.guards import is_dict
from lgc.interfaces import LoadOptions

KEYS: Mapping[str, type | tuple[type, ...]] = {
    "format": str,
    "wiring": str,
    "classes": int,
    "tau": (int, float),
    "inputs": int,
    "input": str,
    "parametrisation": str,
}
"""Keys a description may have, with the types of their values."""


def describe(path: Path, options: LoadOptions) -> LoadOptions:
    """Complete options from ``--description``, or from a JSON file of the same stem.

    Options that were given win. A wiring file is looked for beside the description.

    Raises:
        InputError: the file is missing, no JSON, or has unknown keys or values.
    """
    given = options.description is not None
    file = (
        Path(options.description) if options.description is not None else path.with_suffix(".json")
    )
    if not given and (not file.is_file() or file == path):
        return options
    known = _read(file)
    if "wiring" in known:
        known["wiring"] = file.parent / known["wiring"]
    stated = {
        field.name: getattr(options, field.name)
        for field in dataclasses.fields(options)
        if getattr(options, field.name) is not None
    }
    fields = {name: value for name, value in known.items() if name != "format"}
    return LoadOptions(**{**fields, **stated})


def _read(file: Path) -> dict[str, Any]:
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
        if key not in KEYS:
            raise InputError(
                f"unknown key {key!r}", where=str(file), hint=f"known are {', '.join(KEYS)}"
            )
        if not isinstance(value, KEYS[key]) or isinstance(value, bool):
            raise InputError(f"{key} cannot be {json.dumps(value)[:40]}", where=str(file))
        described[key] = value
    if described.get("format", "difflogic") != "difflogic":
        raise InputError(
            f"the description is of a {described['format']} model, not difflogic", where=str(file)
        )
    return described
