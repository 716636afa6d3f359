"""Networks to files and back: a state dict that is the whole model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, UsageError
from ..files import atomic_write
from ..states import EXTRA_STATE, NOTES
from .described import KINDS, Described, as_bytes, bytes_of
from .tensors import modules_in, own_tensors


def save(model: torch.nn.Module, path: str | Path, notes: Mapping[str, Any] | None = None) -> None:
    """Write the state dict of a network; lgc reads it without torch, and `load` makes it again.

    Args:
        notes: what a person should know of it, such as the names of its classes; goes to JSON.

    Raises:
        UsageError: a module with weights is none of lgc's, so that the file would not be all.
    """
    for name, module in modules_in(model):
        if own_tensors(module) and not isinstance(module, Described):
            raise UsageError(
                f"module {name or 'itself'} is a {type(module).__name__}, which no file describes",
                where="lgc.nn.save",
            )
    state = model.state_dict()
    if notes is not None:
        state[NOTES] = as_bytes(notes)
    # into an open file: torch writes the name of a file into it, and refuses some
    with atomic_write(Path(path)) as temporary, temporary.open("wb") as file:
        torch.save(state, file)


def notes(path: str | Path) -> dict[str, Any]:
    """What `save` was told of the network; empty if nothing.

    Raises:
        InputError: the file cannot be read.
    """
    state = _read(path)
    return json.loads(bytes_of(state[NOTES])) if NOTES in state else {}


def load(path: str | Path) -> torch.nn.Sequential:
    """Make the network of a file again, in training mode.

    Raises:
        InputError: the file is no state dict of lgc's modules.
    """
    return rebuild(_read(path), str(path))


def _read(path: str | Path) -> Mapping[str, Tensor]:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError("there is no such file", where=str(path)) from None
    except Exception as error:  # torch has many, of which each says that the file is none of its
        raise InputError(f"torch cannot read it: {error}", where=str(path)) from None


def rebuild(state: Mapping[str, Tensor], where: str = "state dict") -> torch.nn.Sequential:
    """The network that a state dict is of, its modules in the order in which they stand there.

    Raises:
        InputError: it is none of lgc's.
    """
    made: dict[str, torch.nn.Module] = {}
    for key, value in state.items():
        prefix, _, last = key.rpartition(".")
        if last == EXTRA_STATE and not any(key.startswith(f"{outer}.") for outer in made):
            made[prefix] = _module(value, where)
    if not made:
        raise InputError(
            "no module says what it is",
            where=where,
            hint="is it a state dict of lgc.nn? lgc.nn.from_difflogic reads those of difflogic",
        )
    for prefix, module in made.items():
        lead = f"{prefix}." if prefix else ""
        own = {key.removeprefix(lead): value for key, value in state.items()}
        try:
            module.load_state_dict({key: own[key] for key in module.state_dict()})
        except (KeyError, RuntimeError) as error:
            raise InputError(f"module {prefix} is incomplete: {error}", where=where) from None
    return torch.nn.Sequential(*made.values())


def _module(value: Any, where: str) -> Described:
    try:
        told: dict[str, Any] = json.loads(value.numpy().tobytes())
        kind = KINDS[told.pop("lgc")]
        return kind(**told)
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"a module does not say what it is: {error}", where=where) from None
