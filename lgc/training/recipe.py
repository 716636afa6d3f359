"""Recipe: everything that determines a training, as plain values that go through JSON.

The same recipe on the same data gives the same weights, bit for bit, on one machine. ``arch`` says
how wide the layers are: ``6x8000`` is six layers of 8,000 gates, ``4000,2000`` two of these widths,
``2x4000,1000`` both. ``input`` says how numbers become bits; `lgc.training.building` has the
spellings.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from .datasets import DataSet

SCHEDULES = ("constant", "cosine")


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained.

    Attributes:
        arch: widths of the layers of gates, as text.
        tau, beta: of GroupSum: a score is (sum + beta) / tau.
        input: how numbers become bits.
        k: inputs of a gate.
        logic: what the gates are between 0 and 1.
        parametrization: what the weights of a gate are.
        connections: how gates are wired.
        candidates: of ``learnable`` connections, columns that an input of a gate chooses among.
        weight_init: how the weights begin.
        temperature: of the choice of a gate.
        epochs: passes over the training rows.
        batch: rows of a step.
        shift: images are moved by up to so many pixels each way, anew in every epoch; what comes in
            is 0.
        lr: learning rate of Adam, at the beginning.
        schedule: ``constant``, or ``cosine``, down to 0 at the end.
        seed: of weights, wires, held-back rows and the order of rows.
        validation: share of the training rows that is held back; evaluations look at it.
        evaluate: epochs between evaluations.
        patience: evaluations without improvement of the hard accuracy on held-back rows, after
            which the training ends with the best weights; 0 for never.
        size_penalty: weight in the loss of the share of neurons that cost a gate when compiled.
        entropy: weight of how undecided neurons are, at the end; from 0 it grows with the steps.
    """

    arch: str = "2x2000"
    tau: float = 10.0
    beta: float = 0.0
    input: str = "auto"
    k: int = 2
    logic: str = "product"
    parametrization: str = "softmax"
    connections: str = "random"
    candidates: int = 8
    weight_init: str = "normal"
    temperature: float = 1.0
    epochs: int = 20
    batch: int = 128
    shift: int = 0
    lr: float = 0.01
    schedule: str = "constant"
    seed: int = 0
    validation: float = 0.1
    evaluate: int = 1
    patience: int = 0
    size_penalty: float = 0.0
    entropy: float = 0.0

    def __post_init__(self) -> None:
        widths(self.arch)
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not math.isfinite(value) or value < least:
                raise UsageError(f"{name} is {value:g}, it is at least {least:g}", where="recipe")
        for name in ("tau", "temperature", "lr"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} is {getattr(self, name):g}, not above 0", where="recipe")
        if self.schedule not in SCHEDULES:
            known = " or ".join(SCHEDULES)
            raise UsageError(f"{self.schedule!r} is no schedule: {known}", where="recipe")
        if not 0 <= self.validation < 1:
            raise UsageError(
                f"validation is {self.validation:g}, not a share of the rows",
                where="recipe",
                hint="0.1 holds back a tenth, 0 nothing",
            )
        if self.patience and not self.validation:
            raise UsageError(
                "patience needs rows that are held back",
                where="recipe",
                hint="validation 0.1; the test set never decides when to stop",
            )

    @property
    def widths(self) -> tuple[int, ...]:
        """Gates in each layer."""
        return widths(self.arch)

    def build(self, data: DataSet) -> Any:
        """The network before its training, a torch module for these data; see `building.build`."""
        from .building import build

        return build(self, data)

    def to_json(self) -> str:
        """All of it as one line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Recipe:
        """Read what `to_json` wrote; what it does not name keeps its default.

        Raises:
            UsageError: it names what no recipe has.
        """
        values: dict[str, Any] = json.loads(text)
        unknown = sorted(set(values) - {field.name for field in fields(Recipe)})
        if unknown:
            raise UsageError(f"a recipe has no {', '.join(unknown)}", where="recipe")
        return Recipe(**values)


_LEAST = {
    "epochs": 1, "batch": 1, "evaluate": 1, "patience": 0, "seed": 0, "k": 1, "shift": 0,
    "candidates": 1, "size_penalty": 0, "entropy": 0, "tau": 0, "lr": 0, "temperature": 0,
}  # fmt: skip


def widths(arch: str) -> tuple[int, ...]:
    """Widths of the layers, from text such as ``6x8000`` or ``2x4000,1000``.

    Raises:
        UsageError: it is no such text.
    """
    found: list[int] = []
    for part in arch.lower().replace("×", "x").split(","):
        count, times, width = part.strip().rpartition("x")
        number = count if times else "1"
        if not (number.isdecimal() and width.isdecimal() and int(number) and int(width)):
            raise UsageError(
                f"{arch!r} is no architecture",
                where="arch",
                hint="6x8000 is six layers of 8,000 gates; 4000,2000 is two of these widths",
            )
        found += [int(width)] * int(number)
    return tuple(found)
