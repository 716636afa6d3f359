"""What lgc adds to `xdsl-opt`: the dialect, and every pass under the name ``logic-…``.

xDSL has passes called `dce` and `canonicalize` of its own and refuses clashing names, hence the
prefix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from xdsl.ir import Dialect
from xdsl.passes import ModulePass
from xdsl.universe import Universe

from . import registry

PREFIX = "logic-"


def _dialect() -> Dialect:
    from .dialect import Logic

    return Logic


def _pass(name: str) -> Callable[[], type[ModulePass]]:
    def load() -> type[ModulePass]:
        known = registry.find("passes", name)
        return cast(type[ModulePass], type(known.__name__, (known,), {"name": PREFIX + name}))

    return load


UNIVERSE = Universe(
    all_dialects={"logic": _dialect},
    all_passes={PREFIX + name: _pass(name) for name in registry.entries("passes")},
)
"""The plug-in, named as an entry point of the group ``xdsl.universe``."""
