"""Not exact: merge nets that differ on few samples of given data, within a budget of accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from lgc.approximation import Labelled, Options, approximate, split
from lgc.data import read_data
from lgc.errors import InputError
from lgc.interfaces import LogicPass


@dataclass(frozen=True)
class Approximate(LogicPass):
    """Smaller for accuracy: the function changes, and the module says so.

    ``data`` is a file of samples and labels, of which ``held_back`` percent are kept to guard the
    accuracy: it falls by at most ``budget`` percentage points there. ``tolerance`` is the largest
    share, in percent of the rest, on which nets may differ; ``margin`` what the right class should
    lead by, -1 for twice tau. `lgc approximate` does the same and shows the curve.
    """

    name = "approximate"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "same-function": "that is what it is for; it measures what is lost",
        "idempotent": "what it made is the start of another search",
    }

    data: str
    budget: float = 0.1
    tolerance: float = 25.0
    held_back: float = 20.0
    margin: int = -1
    seed: int = 0

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        options = Options(
            self.budget, self.tolerance, None if self.margin == -1 else self.margin, self.seed
        )
        options.verify(f"pass {self.name}")
        file = Path(self.data)
        read = read_data(file)
        if read.y is None:
            raise InputError("has no labels", where=str(file), hint="accuracy needs them")
        parts = split(Labelled(read.x, read.y), self.held_back, self.seed)
        approximate(op, *parts, options)
