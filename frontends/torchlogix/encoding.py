"""Thresholds of a model: which number each bit comes from, and what it is compared with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UsageError

from .layers import Encode, Numbers

_SOFTPLUS_THRESHOLD = 20
"""Above this, torch takes x for softplus(x)."""

_MOST_BITS = 1 << 26


def levels_of(thresholds: NDArray[Any], where: str) -> NDArray[np.float32]:
    """Thresholds as float32 that float32 numbers are above exactly when they are above these.

    Raises:
        InputError: they are not numbers.
    """
    if thresholds.dtype.kind not in "fiu" or thresholds.ndim not in (1, 2) or not thresholds.size:
        raise InputError(
            f"thresholds of type {thresholds.dtype} and shape {thresholds.shape}",
            where=where,
            hint="(T,) or (channels, T) real numbers are expected",
        )
    if np.isnan(thresholds).any():
        raise InputError("a threshold is not a number", where=where)
    with np.errstate(over="ignore"):
        level = thresholds.astype(np.float32)
    if thresholds.dtype == np.float64:  # torch compares in the wider type
        level = np.where(level > thresholds, np.nextafter(level, np.float32(-np.inf)), level)
    return level


def learnt(raw: NDArray[Any], temperature: float, where: str) -> NDArray[np.float32]:
    """Thresholds of LearnableBinarization: the first difference, then positive ones, added up.

    torch computes exp and log1p in float32 by code that depends on the machine: the result here
    may be a last place away from what it gives.
    """
    if raw.dtype.kind != "f" or raw.ndim not in (1, 2) or not raw.size:
        raise InputError(f"raw_diffs of type {raw.dtype} and shape {raw.shape}", where=where)
    if not np.isfinite(raw).all():
        raise InputError("raw_diffs hold NaN or infinity", where=where)
    scale = np.float32(temperature + 1e-6)
    scaled = (raw[..., 1:].astype(np.float32) / scale).astype(np.float64)
    small = np.minimum(scaled, _SOFTPLUS_THRESHOLD)
    soft = np.where(scaled > _SOFTPLUS_THRESHOLD, scaled, np.log1p(np.exp(small)))
    rest = soft.astype(np.float32) * scale
    steps = np.concatenate([raw[..., :1].astype(np.float32), rest], axis=-1)
    return np.cumsum(steps, axis=-1, dtype=np.float64).astype(np.float32)


def encode(layer: Encode, numbers: Numbers, where: str) -> tuple[Numbers, NDArray[np.float32]]:
    """The number of each bit, and its level, both of the shape that the bits have.

    Args:
        numbers: which number stands where in a sample.

    Raises:
        InputError: the thresholds do not suit the shape.
        UsageError: it is not known where the bits are folded in, and it matters.
    """
    if layer.thresholds is None:
        return numbers, np.zeros(numbers.shape, np.float32)
    levels = layer.thresholds
    count = levels.shape[-1]
    if levels.ndim == 2 and numbers.ndim == 3:  # images: a row a channel
        levels = levels.reshape(-1, 1, 1, count)
    try:
        shape = np.broadcast_shapes((*numbers.shape, 1), levels.shape)
        if math.prod(shape) > _MOST_BITS:
            raise ValueError
    except ValueError:
        raise InputError(
            f"thresholds of shape {layer.thresholds.shape} do not suit a sample of shape "
            f"{numbers.shape}",
            where=where,
            hint="is the shape right?",
        ) from None
    feature = np.broadcast_to(numbers[..., None], shape)
    level = np.broadcast_to(levels, shape)
    axis = _axis(layer.axis, len(shape) - 1, count, where)
    folded = (*shape[:axis], shape[axis] * count, *shape[axis + 1 : -1])
    return (
        np.moveaxis(feature, -1, axis + 1).reshape(folded),
        np.moveaxis(level, -1, axis + 1).reshape(folded),
    )


def _axis(given: int | None, axes: int, count: int, where: str) -> int:
    """The axis of a sample into which the bits are folded."""
    if given is None:
        if axes > 1 and count > 1:
            raise UsageError(
                f"a sample has {axes} axes, and it is not known into which one the {count} bits of "
                "a number are folded",
                where=where,
                hint='give the description of the binarization a "feature_dim": 1 for channels, '
                "-2, torchlogix's default, for the last axis",
            )
        return axes - 1
    axis = given + axes + 2 if given < 0 else given
    if not 1 <= axis <= axes:
        raise InputError(
            f"feature_dim is {given}, and a batch of samples has {axes + 1} axes", where=where
        )
    return axis - 1
