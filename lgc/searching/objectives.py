"""Objectives: what a network is worth, and what it costs once it is compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import driver
from ..errors import UsageError
from ..model import Model
from ..pipeline import NAMED
from ..timing import median

ROWS = 10_000
"""Rows in a batch whose images a second are measured, on one thread."""

RUNS = 11


@dataclass(frozen=True)
class Objective:
    """Something that a search makes as large or as small as it can.

    Attributes:
        heading: of a column or an axis.
    """

    name: str
    heading: str
    direction: Literal["maximize", "minimize"]
    what: str

    def worth(self, value: float) -> float:
        """The larger, the better."""
        return value if self.direction == "maximize" else -value

    def text(self, value: float) -> str:
        """As a table shows it."""
        return f"{value:.2%}" if self.name == "accuracy" else f"{value:,.0f}"


OBJECTIVES = {
    one.name: one
    for one in (
        Objective("accuracy", "accuracy", "maximize", "of the hard network, on held-back rows"),
        Objective("gates", "gates", "minimize", "of two inputs after -O2, class sums apart"),
        Objective("lut3", "LUT3", "minimize", "of the whole circuit, class sums and argmax too"),
        Objective("lut4", "LUT4", "minimize", "likewise"),
        Objective("lut6", "LUT6", "minimize", "likewise, after -Ofpga"),
        Objective("depth", "depth", "minimize", "LUT6 on the longest path of that circuit"),
        Objective("speed", "images/s", "maximize", "measured here, on one thread"),
    )
}

ACCURACY = "accuracy"


def parse_objectives(text: str) -> tuple[Objective, ...]:
    """Two or three objectives, such as ``accuracy,lut6``.

    Raises:
        UsageError: one is unknown or stands there twice, or there are too few or too many.
    """
    names = [part.strip() for part in text.split(",")]
    for name in names:
        if name not in OBJECTIVES:
            raise UsageError(
                f"{name!r} is no objective",
                where="--objectives",
                hint=f"two or three of {', '.join(OBJECTIVES)}",
            )
    if len(set(names)) != len(names) or not 2 <= len(names) <= 3:
        raise UsageError(
            f"{text!r} is not two or three different objectives",
            where="--objectives",
            hint="such as accuracy,lut6",
        )
    return tuple(OBJECTIVES[name] for name in names)


def mapping(inputs: int) -> str:
    """The pipeline after which LUTs of so many inputs are counted: -Ofpga, whose LUTs have six."""
    text = ",".join(step.text for step in NAMED["Ofpga"])
    return text.replace("k=6", f"k={inputs}")


def costs(model: Model, names: Sequence[str], x: NDArray[Any]) -> dict[str, float]:
    """What the compiler makes of a model; every pass is checked on random vectors.

    Args:
        names: of objectives; ``gates`` is always among the results.
        x: rows like those it is made for.
    """
    shared = driver.optimize(model, "O2")
    found: dict[str, float] = {"gates": shared.gates}
    for inputs in (3, 4, 6):
        if f"lut{inputs}" in names or (inputs == 6 and "depth" in names):
            mapped = driver.optimize(model, mapping(inputs))
            found[f"lut{inputs}"] = mapped.gates
            if inputs == 6:
                found["depth"] = levels(mapped)
    if "speed" in names:
        found["speed"] = speed(driver.compile(shared), x)
    return found


def levels(model: Model) -> int:
    """Gates on the longest path through all stages."""
    return sum(stage["depth"] for stage in model.describe()["stages"])


def speed(kernel: Any, x: NDArray[Any]) -> float:
    """Images a second of a kernel on one thread."""
    rows = x[np.arange(ROWS) % len(x)]
    return ROWS / median(lambda: kernel.predict(rows, threads=1), RUNS)
