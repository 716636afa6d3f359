"""Artefacts: models of the front while a search runs; kernels, checked, when it has ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import driver
from ..checking import check
from ..equivalence import Mode
from ..errors import CheckError, InputError
from ..extras import extra
from ..files import atomic_write
from ..training.datasets import DataSet, stratified
from .objectives import ACCURACY
from .trials import Record

ROWS = 4096
"""Rows that the torch module is given at once."""


@dataclass(frozen=True)
class Point:
    """A trial of the front, compiled.

    Attributes:
        model, kernel: files; None where the model was not kept.
        test: share of the test rows that the kernel gets right; None without test rows.
        rows: on which the kernel and the torch module gave the same class, all there are.
        checked: how the kernel was compared with the model.
    """

    record: Record
    model: Path | None = None
    kernel: Path | None = None
    test: float | None = None
    rows: int = 0
    checked: str = ""

    def describe(self) -> dict[str, Any]:
        """For programs."""
        return {
            "number": self.record.number,
            "model": None if self.model is None else self.model.name,
            "kernel": None if self.kernel is None else self.kernel.name,
            "test": self.test,
            "rows": self.rows,
            "checked": self.checked,
        }


@dataclass(frozen=True)
class Shelf:
    """A folder with the models of trials."""

    folder: Path

    def model(self, number: int) -> Path:
        """Where a trial's state dict is."""
        return self.folder / f"trial_{number:04}.pt"

    def kernel(self, number: int) -> Path:
        """Where its kernel is."""
        return self.folder / f"trial_{number:04}.lgk"

    def recipe(self, number: int) -> Path:
        """Where its recipe is."""
        return self.folder / f"trial_{number:04}.json"

    def keep(self, record: Record, model: bytes) -> None:
        """Write the model of a trial and how it was trained."""
        for path, data in (
            (self.model(record.number), model),
            (self.recipe(record.number), f"{record.recipe.to_json()}\n".encode()),
        ):
            with atomic_write(path) as temporary:
                temporary.write_bytes(data)

    def clear(self, beaten: Iterable[Record]) -> None:
        """Remove what is there of trials that no longer stand on the front."""
        for record in beaten:
            for path in (self.model, self.kernel, self.recipe):
                with contextlib.suppress(FileNotFoundError):
                    path(record.number).unlink()


def compiled(
    record: Record,
    shelf: Shelf,
    data: DataSet,
    mode: Mode = "fast",
    tell: Callable[[str], None] | None = None,
) -> Point:
    """Compile a trial of the front, and check it.

    The kernel must give the class that the torch module gives on every row there is, and pass
    `lgc.check` against the model; its accuracy on the rows that the trial held back must be the
    one that was reported.

    Raises:
        CheckError: the kernel is not the model.
    """
    path = shelf.model(record.number)
    if not path.is_file():
        if tell is not None:
            tell(f"{path} is missing: trial {record.number} has no kernel")
        return Point(record)
    model = driver.load(path)
    kernel = driver.compile(model)
    result = check(model, kernel, mode=mode)
    if not result:
        raise CheckError(f"the kernel is not the model: {result}", where=str(path))
    rows = np.concatenate([data.x_train, data.x_test])
    differ = np.flatnonzero(kernel.predict(rows) != _classes(path, rows))
    if len(differ):
        raise CheckError(
            f"the kernel and the torch module differ on {len(differ)} of {len(rows)} rows",
            where=str(path),
        )
    _compare_accuracy(record, kernel, data, path)
    kernel.save(shelf.kernel(record.number))
    test = None
    if len(data.x_test):
        test = float((kernel.predict(data.x_test) == data.y_test).mean())
    return Point(record, path, shelf.kernel(record.number), test, len(rows), str(result))


def _compare_accuracy(record: Record, kernel: Any, data: DataSet, path: Path) -> None:
    recipe = record.recipe
    held = stratified(data.y_train, recipe.validation, recipe.seed)
    if not held.any():
        return
    accuracy = float((kernel.predict(data.x_train[held]) == data.y_train[held]).mean())
    if accuracy != record.outcome.values[ACCURACY]:
        raise InputError(
            f"the file's model is {accuracy:.4%} accurate on the held-back rows, trial "
            f"{record.number} was {record.outcome.values[ACCURACY]:.4%}",
            where=str(path),
            hint="was the file changed, or does it belong to another search?",
        )


def _classes(path: Path, rows: Any) -> Any:
    """What the torch module in eval mode says."""
    torch, nn = extra("torch", "nn"), extra("lgc.nn", "nn")
    module = nn.load(path).eval()
    with torch.no_grad():
        parts = [
            module(torch.from_numpy(rows[at : at + ROWS].astype(np.float32))).argmax(1).numpy()
            for at in range(0, len(rows), ROWS)
        ]
    return np.concatenate(parts)
