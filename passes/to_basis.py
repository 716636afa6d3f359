"""Rewrite everything into the gates of a basis: NAND only, AND and NOT, MUX, or any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.synthesis.bases import parse_basis
from lgc.synthesis.rebasing import rebase


@dataclass(frozen=True)
class ToBasis(NetlistPass):
    """Every gate is one of ``basis``, inverters included; at most ``rounds`` of area recovery.

    ``basis`` is ``nand``, ``nor``, ``and-not``, ``or-not``, ``xag``, ``mig``, ``mux``, or gates
    separated by commas, in quotes: ``"nimply,1"`` (see `lgc.synthesis.bases`).
    """

    name = "to-basis"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "one gate of any table may take several of the basis",
        "idempotent": "the search starts again from what it found, and may find less",
    }

    basis: str = "nand"
    rounds: int = 32

    def __post_init__(self) -> None:
        if self.rounds < 0:
            raise UsageError(f"rounds cannot be {self.rounds}", where="pass to-basis")
        parse_basis(self.basis)

    def rewrite(self, net: Netlist) -> Netlist:
        """Time grows with the gates; each covering tries a bounded number of programs."""
        return rebase(net, parse_basis(self.basis), self.rounds)
