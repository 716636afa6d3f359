"""Finds passes, frontends and backends by name at run time: a file's name is the flag's name.

``passes/fuse_layers.py`` holds a class whose ``name`` is ``fuse-layers``; nothing is registered
anywhere. A third-party package adds its own through entry points in the groups ``lgc.passes``,
``lgc.frontends`` and ``lgc.backends``.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from .errors import UsageError

Kind = Literal["passes", "frontends", "backends"]
SINGULAR = {"passes": "pass", "frontends": "frontend", "backends": "backend"}


@dataclass(frozen=True)
class Entry:
    """One pass, frontend or backend, not loaded yet."""

    kind: Kind
    name: str
    module: str
    point: EntryPoint | None = None

    @property
    def summary(self) -> str:
        """First line of the docstring of its file, read without running it."""
        spec = find_spec(self.module)
        if spec is None or spec.origin is None:
            return ""
        text = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
        return (text or "").partition("\n")[0]

    def load(self) -> type[Any]:
        """The class."""
        if self.point is not None:
            return self.point.load()
        module = importlib.import_module(self.module)
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__.startswith(self.module)
            if own and getattr(value, "name", None) == self.name:
                return value
        raise AssertionError(f"{self.module} holds no class with the name {self.name!r}")


@cache
def entries(kind: Kind) -> dict[str, Entry]:
    """All entries of a kind by name, sorted."""
    package = importlib.import_module(f"lgc.{kind}")
    found: dict[str, Entry] = {}
    for info in pkgutil.iter_modules(package.__path__):
        name = info.name.replace("_", "-")
        found[name] = Entry(kind, name, f"lgc.{kind}.{info.name}")
    for point in entry_points(group=f"lgc.{kind}"):
        if point.name in found:
            raise UsageError(
                f"the {SINGULAR[kind]} {point.name} of {point.module} has the name of a known one",
                hint="uninstall that package or rename its entry point",
            )
        found[point.name] = Entry(kind, point.name, point.module, point)
    return dict(sorted(found.items()))


def find(kind: Kind, name: str) -> type[Any]:
    """The class of a name.

    Raises:
        UsageError: there is none; names the closest.
    """
    known = entries(kind)
    if name in known:
        return known[name].load()
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else "`lgc list` prints what there is"
    raise UsageError(f"there is no {SINGULAR[kind]} called {name!r}", hint=hint)
