"""The thermometer in front of a DWN: a threshold for each bit, feature by feature.

It is saved in no state dict. It comes from ``--input``, from ``thresholds`` in the description (a
row for all features, a row for each, or the name of an npz file that holds either as
``thresholds``), from ``MODEL.thresholds.npz`` beside ``MODEL.pt``, from a tensor ``thresholds`` in
the checkpoint, or from a live thermometer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.binarisation import Binarisation, at_most, parse_binarisation
from lgc.checkpoint import read_checkpoint
from lgc.errors import InputError, UsageError
from lgc.guards import is_array, is_dict
from lgc.reading import LoadOptions

_KEY = "thresholds"


@dataclass(frozen=True, eq=False)
class Encoding:
    """How numbers become bits.

    Attributes:
        text: what it is, for people.
        rows: thresholds ``(features, levels)``, or ``(1, levels)`` for any number of features;
            None where ``binarisation`` says it.
    """

    text: str
    rows: NDArray[np.float32] | None
    binarisation: Binarisation

    @property
    def levels(self) -> int:
        """Bits that a number gives."""
        return len(self.binarisation.levels) if self.rows is None else self.rows.shape[1]

    def width(self, inputs: int | None) -> int | None:
        """Bits that so many numbers give; None where it takes any number of them."""
        if inputs is None and self.binarisation.groups:
            inputs = sum(self.binarisation.groups)
        if inputs is None and self.rows is not None and len(self.rows) > 1:
            inputs = len(self.rows)
        return None if inputs is None else inputs * self.levels

    def features(self, bits: int, where: str) -> int:
        """How many numbers give so many bits.

        Raises:
            InputError: it does not come out even, or there are thresholds for another number.
        """
        features, over = divmod(bits, self.levels)
        if over:
            raise InputError(
                f"{bits} inputs do not fall into {self.levels} levels",
                where=where,
                hint="are the thresholds, or --input, those of this model?",
            )
        if self.rows is not None and len(self.rows) not in (1, features):
            raise InputError(
                f"there are thresholds for {len(self.rows)} numbers, the model reads {features}",
                where=where,
                hint="do the thresholds belong to this model? is --inputs right?",
            )
        return features

    def thresholds(self, features: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """``feature`` and ``level`` of `logic.threshold` for so many numbers."""
        if self.rows is None:
            return self.binarisation.thresholds(features)
        rows = np.broadcast_to(self.rows, (features, self.levels))
        return np.repeat(np.arange(features, dtype=np.int32), self.levels), rows.ravel()

    def one_hot(self, features: int) -> NDArray[np.int32] | None:
        """``one_hot`` of `logic.threshold`; None without groups."""
        return self.binarisation.one_hot(features)


def encoding_of(
    thresholds: NDArray[np.float64] | None, options: LoadOptions, where: str
) -> Encoding:
    """What the bits of the first layer are; x > 0 where nothing is said.

    Raises:
        UsageError: two things are said.
        InputError: thresholds that are no numbers.
    """
    plain = parse_binarisation(options.input or "bool")
    if thresholds is None:
        return Encoding(plain.text, None, plain)
    if options.input is not None:
        raise UsageError(
            f"there are thresholds of a thermometer, and --input {options.input} beside them",
            where=where,
            hint="leave out one of the two",
        )
    if not thresholds.size or not np.isfinite(thresholds).all():
        raise InputError("there are thresholds that are NaN or infinite, or none", where=where)
    levels = thresholds.shape[-1]
    rows = at_most(thresholds.reshape(-1, levels))
    kinds = "the same for all numbers" if len(rows) == 1 else f"for each of {len(rows)} numbers"
    return Encoding(f"{levels} thresholds, {kinds}", rows, plain)


def thresholds_of(
    data: Any, extra: dict[str, Any], path: Path, options: LoadOptions
) -> NDArray[np.float64] | None:
    """Thresholds ``(…, levels)`` that stand in or beside a file; None where there are none.

    Args:
        data: contents of the checkpoint.
        extra: what the description adds.

    Raises:
        InputError: they cannot be read, or are not numbers.
    """
    described = extra.get(_KEY)
    home = path.parent if options.description is None else Path(options.description).parent
    beside = path.with_suffix(f".{_KEY}.npz")
    if isinstance(described, str):
        return _from_file(home / described)
    if described is not None:
        try:
            return _numbers(np.array(described, np.float64), "thresholds of the description")
        except (ValueError, TypeError, OverflowError):
            raise InputError(
                "thresholds are a row of numbers, or a row of as many for each feature",
                where=str(options.description or path.with_suffix(".json")),
            ) from None
    inside = data.get(_KEY) if is_dict(data) else None
    if is_array(inside):
        return _numbers(inside, f"{path.name}: {_KEY}")
    return _from_file(beside) if beside.is_file() else None


def _from_file(file: Path) -> NDArray[np.float64]:
    data = read_checkpoint(file).data
    if not (is_dict(data) and is_array(data.get(_KEY))):
        raise InputError(f"there is no array {_KEY} in it", where=str(file))
    return _numbers(data[_KEY], str(file))


def _numbers(values: NDArray[Any], where: str) -> NDArray[np.float64]:
    if values.ndim == 0 or values.dtype.kind not in "iuf" or not values.size:
        raise InputError(
            f"thresholds of type {values.dtype} and shape {values.shape} are none",
            where=where,
            hint="(levels,) for all features, or (features, levels)",
        )
    return values.astype(np.float64)
