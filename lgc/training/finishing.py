"""What a training ends with: the network compiled, proved, and measured on the test rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checking import prove
from ..driver import DEFAULT_PIPELINE, as_model, compile, optimize
from ..errors import CheckError
from ..extras import extra
from ..interfaces import Kernel
from ..model import Model
from ..timing import median
from .datasets import DataSet
from .feeding import rows_for
from .trainer import Trained, accuracy

ROWS, RUNS = 10_000, 11
"""Of the measurement of speed: rows of a call, calls of which the median counts."""


@dataclass(frozen=True)
class Finished:
    """A network as it is used.

    Attributes:
        rows: of the test.
        relaxed, hard, compiled: accuracy on them: of the relaxed network, of the hard network in
            torch, of the kernel.
        gates, left: gates of the network, and what the compiler leaves of them.
        luts: look-up tables of `lut_inputs` inputs, where they were asked for.
        proof: how kernel and network were proved equal.
        rate: rows a second of whole calls of the kernel, one thread.
    """

    rows: int
    relaxed: float
    hard: float
    compiled: float
    gates: int
    left: int
    luts: int | None
    lut_inputs: int
    proof: str
    rate: float


def finish(
    trained: Trained,
    data: DataSet,
    *,
    luts: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Finished, Kernel]:
    """Compile a network with ``O2``, prove the kernel equal to it, and measure both.

    Args:
        luts: inputs of look-up tables to count as well.
        tell: is told what is being done.

    Raises:
        CheckError: the kernel is not what was trained.
        UndecidedError: the proof reached its limits.
    """
    tell("compiling")
    model = as_model(trained.model)
    small = optimize(model, DEFAULT_PIPELINE)
    kernel = compile(small)
    tell("comparing on the test rows")
    _compare(trained.model, kernel, data.x_test)
    tell("proving")
    proof = prove(model, kernel)
    if not proof:
        raise CheckError(f"the kernel differs from the network: {proof}")
    tell("measuring")
    relaxed, hard = _accuracies(trained.model, data)
    many = np.ascontiguousarray(data.x_test[np.arange(ROWS) % len(data.x_test)])
    return Finished(
        rows=len(data.y_test),
        relaxed=relaxed,
        hard=hard,
        compiled=float((kernel.predict(data.x_test) == data.y_test).mean()),
        gates=model.gates,
        left=small.gates,
        luts=None if luts is None else _luts(model, luts),
        lut_inputs=luts or 0,
        proof=proof.how,
        rate=ROWS / median(lambda: kernel.predict(many, threads=1), RUNS),
    ), kernel


def notes(trained: Trained, data: DataSet) -> dict[str, Any]:
    """What goes into the file of a network: what its classes and columns are called, its recipe."""
    columns = [{"name": each.name, "values": list(each.values)} for each in data.columns]
    return {
        "data": data.name,
        "classes": list(data.classes),
        **({"columns": columns} if columns else {}),
        "recipe": asdict(trained.recipe),
    }


def _luts(model: Model, inputs: int) -> int:
    return optimize(model, f"O3,map-lut{{k={inputs}}}").gates


def _accuracies(model: Any, data: DataSet) -> tuple[float, float]:
    rows, network = rows_for(model, data.x_test, data.y_test)
    hard = accuracy(network, rows)
    model.train()
    relaxed = accuracy(network, rows)
    model.eval()
    return relaxed, hard


def _compare(model: Any, kernel: Kernel, x: NDArray[Any]) -> None:
    """Check that kernel and hard network give the same class sums for all rows."""
    torch = extra("torch", "nn")
    head = model[-1]
    with torch.no_grad():
        scores: NDArray[np.float32] = np.concatenate(
            [
                model(torch.from_numpy(x[at : at + ROWS].astype(np.float32))).numpy()
                for at in range(0, len(x), ROWS)
            ]
        )
    counts = np.rint(scores.astype(np.float64) * head.tau - head.beta)
    differ = np.flatnonzero((kernel.counts(x) != counts).any(axis=1))
    if len(differ):
        raise CheckError(
            f"{len(differ)} test rows have other scores in the kernel than in torch, the first is "
            f"row {differ[0]}"
        )
