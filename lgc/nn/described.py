"""Modules whose state says what they are, so that a state dict is the whole model.

Beside weights and wiring each has a ``_extra_state``: its name and arguments as JSON, in a tensor
of bytes, which every format for tensors can hold. `rebuild` makes the modules again; the frontend
``nn`` reads the same without torch.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..errors import InputError

KINDS: dict[str, type[Described]] = {}
"""Classes by the name that is written."""


class Described(torch.nn.Module):
    """A module that `rebuild` makes again from what it says of itself."""

    arguments: ClassVar[tuple[str, ...]] = ()
    """Attributes that the constructor takes under the same names."""
    adjustable: ClassVar[tuple[str, ...]] = ("temperature",)
    """Those that change while it is trained: a state that is loaded sets them."""

    def __init_subclass__(cls) -> None:
        KINDS[cls.__name__] = cls

    def description(self) -> dict[str, Any]:
        """Its class and the arguments that make one like it."""
        return {"lgc": type(self).__name__, **{key: getattr(self, key) for key in self.arguments}}

    def get_extra_state(self) -> Tensor:
        return as_bytes(self.description())

    def set_extra_state(self, state: Tensor) -> None:
        """Check that a state is of such a module, and take over what may have changed.

        Raises:
            InputError: it is of another class or was made with other arguments.
        """
        told = json.loads(state.cpu().numpy().tobytes())
        for key in self.adjustable:
            if key in told and key in self.arguments:
                setattr(self, key, told[key])
        mine = json.loads(json.dumps(self.description()))
        unlike = [key for key in mine if told.get(key) != mine[key]]
        if unlike:
            key = unlike[0]
            raise InputError(
                f"the state is of a {told.get('lgc')} with {key} {told.get(key)!r}, the module has "
                f"{mine[key]!r}",
                where=type(self).__name__,
                hint="lgc.nn.load makes the modules that a file is of",
            )

    def extra_repr(self) -> str:
        return ", ".join(f"{key}={getattr(self, key)!r}" for key in self.arguments)


def as_bytes(value: Any) -> Tensor:
    """A value as JSON, in a tensor of bytes."""
    return torch.tensor(list(json.dumps(value, ensure_ascii=False).encode()), dtype=torch.uint8)


def bytes_of(tensor: Tensor) -> bytes:
    """What `as_bytes` made."""
    return tensor.cpu().numpy().tobytes()
