"""Store gates in other phases by De Morgan's laws, so that few nets are read complemented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast, get_args

from lgc.errors import UsageError
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.synthesis.inverters import Direction, fewer_inverters


@dataclass(frozen=True)
class Demorgan(NetlistPass):
    """``¬(a∧b) = ¬a∨¬b``, where that saves inverters; `lgc.synthesis.inverters` says what one is.

    ``direction`` is ``fewest``, or says where inverters may stand rather than elsewhere:
    ``inputs``, ``outputs``.
    """

    name = "demorgan"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "an inverter at an output is a gate",
        "idempotent": "the search starts again from what it found, and may find less",
    }

    direction: str = "fewest"

    def __post_init__(self) -> None:
        if self.direction not in get_args(Direction):
            known = ", ".join(get_args(Direction))
            raise UsageError(
                f"direction is one of {known}, not {self.direction}", where="pass demorgan"
            )

    def rewrite(self, net: Netlist) -> Netlist:
        """Never more inverters than before; as few as can be where all is one tree."""
        return fewer_inverters(net, cast(Direction, self.direction))
