"""Add up class sums by gates: the circuit then gives each score as a binary number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lgc.interfaces import SumPass
from lgc.netlist import Netlist
from lgc.sums.classifier import classifier
from lgc.sums.terms import Weights


@dataclass(frozen=True)
class LowerSums(SumPass):
    """Adders for `logic.group_sum`, whose weights are the powers of two afterwards.

    The adders are chains written for `map-lut` (see `lgc.sums.adders`). Backends pick adders of
    their own for sums that are left symbolic: native code does not want this pass.
    """

    name = "lower-sums"
    DECLINES: ClassVar[Mapping[str, str]] = {
        "never-larger": "adders are gates",
        "idempotent": "sums of powers of two are added up again",
    }

    def rewrite(self, net: Netlist, sums: Weights) -> tuple[Netlist, Weights]:
        """Two gates a bit that is added, some 20 µs for each."""
        made = classifier(net, sums, "scores")
        place = np.concatenate([np.arange(size) for size in made.sizes])
        group = np.repeat(np.arange(sums.classes), made.sizes)
        return made.net, Weights(group, 1 << place, np.full(sums.classes, made.base))
