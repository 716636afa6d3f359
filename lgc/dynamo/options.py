"""What torch.compile(…, backend="lgc", options={…}) takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError


@dataclass(frozen=True)
class Options:
    """How networks become kernels, and what is checked at every call.

    Attributes:
        frozen: the weights are not written to any more: only their versions are looked at, which
            writing through ``.data`` does not change.
        binary: rows that a network without an encoder reads hold 0 and 1 and nothing else.
        strict: an error, not a warning, where a graph holds no network.
        pipeline, cpu, engine, plane_bits, tune, lazy: see `lgc.compile`.
    """

    frozen: bool = False
    binary: bool = False
    strict: bool = False
    pipeline: str | None = None
    cpu: str | None = None
    engine: str = "auto"
    plane_bits: int | None = None
    tune: bool = False
    lazy: bool = False

    def of_compile(self) -> dict[str, Any]:
        """What `lgc.compile` is given."""
        own = ("frozen", "binary", "strict")
        return {name: value for name, value in vars(self).items() if name not in own}


def options_of(options: Mapping[str, Any] | None, others: Mapping[str, Any]) -> Options:
    """The options of a call of torch.compile.

    Raises:
        UsageError: one is unknown.
    """
    known = [field.name for field in dataclasses.fields(Options)]
    for name in (*(options or {}), *others):
        if name in others or name not in known:
            raise UsageError(
                f"the backend lgc has no option {name!r}",
                where="torch.compile",
                hint=f"options={{…}} may hold {', '.join(known)}",
            )
    return Options(**(options or {}))
