"""Sources: a design as modules of a hardware language, as a backend writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .design import Hardware
from .options import HardwareOptions


@dataclass(frozen=True, eq=False)
class Module:
    """A module by its name."""

    name: str
    lines: list[str]


@dataclass(frozen=True, eq=False)
class Sources:
    """A design as Verilog.

    Attributes:
        made: the design.
        options: it was made with.
        modules: in an order in which each instantiates only those before it.
        cells: models of the LUT cells that it uses, for simulators.
        header: comment lines that say what it is.
        checked: how the design was compared with the model.
    """

    made: Hardware
    options: HardwareOptions
    modules: tuple[Module, ...]
    cells: tuple[str, ...]
    header: tuple[str, ...]
    checked: str

    def text(self) -> Iterator[str]:
        """All of it, as one file."""
        yield "\n".join(self.header) + "\n"
        if self.cells:
            yield "\n" + "\n".join(self.cells) + "\n"
        for module in self.modules:
            yield "\n" + "\n".join(module.lines) + "\n"
