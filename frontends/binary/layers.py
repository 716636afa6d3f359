"""Layers of binary neurons: weights, and what becomes of a sum of them until the next sign.

A sum over n inputs takes few values: one for each number p of inputs that agree with the sign of
their weight. What follows, bias, batch norm, clamping, is computed for all of them, so that a
neuron is a threshold of p whatever the order of these steps, or is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UsageError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Step = Callable[[Floats], Floats]
"""What happens to sums ``(values, neurons)``, element by element."""

SIGNS, BITS = "signs", "bits"
"""Values of an input: −1 and +1, or 0 and 1."""


@dataclass(frozen=True, eq=False)
class Dense:
    """A layer.

    Attributes:
        weight: float64 ``(neurons, inputs)``; of a hidden layer all −1 or +1.
        steps: what follows, in order.
        gives: the values of its activations.
    """

    name: str
    weight: Floats
    steps: Sequence[Step] = ()
    gives: str = SIGNS


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Neurons as counts: a neuron is ``p >= least``, or the opposite where it falls.

    Attributes:
        least: int64 ``(neurons,)``; above the number of inputs for never.
        falls: bool ``(neurons,)``.
    """

    least: Ints
    falls: NDArray[np.bool_]


def signs(weight: NDArray[np.floating], where: str) -> Floats:
    """−1 and +1 by the sign of each weight.

    Raises:
        InputError: one is 0 or NaN, and has no sign.
    """
    bad = ~(np.abs(weight) > 0)
    if bad.any():
        raise InputError(
            f"neuron {int(np.argwhere(bad)[0][0])} has a weight of 0 or NaN, which has no sign",
            where=where,
            hint="what does the training code make of it? put −1 or 1 there",
        )
    return np.where(weight > 0, 1.0, -1.0)


def thresholds(layer: Dense, values: str, zero: str | None, where: str) -> Thresholds:
    """The thresholds of a hidden layer.

    Args:
        values: what its inputs are.
        zero: what a sum of 0 becomes, ``+1`` or ``-1``; None where that must not happen.

    Raises:
        InputError: what follows a sum is not monotone, or not finite.
        UsageError: a sum can be 0, and nobody says which sign that is.
    """
    place = f"{where}: layer {layer.name}"
    inputs = layer.weight.shape[1]
    total = np.zeros((inputs + 1, len(layer.weight)))
    total += np.arange(inputs + 1, dtype=np.float64)[:, None]
    total = 2 * total - inputs if values == SIGNS else total - (layer.weight < 0).sum(axis=1)
    for step in layer.steps:
        total = step(total)
    if not np.isfinite(total).all():
        raise InputError("activations that are NaN or infinite", where=place)
    if zero is None and (total == 0).any():
        raise UsageError(
            f"a sum of neuron {int((total == 0).any(axis=0).argmax())} can be 0, and the model "
            "does not say which sign that is",
            where=place,
            hint='write "zero": "+1" or "zero": "-1" into its --description',
        )
    on = (total >= 0) if zero == "+1" else (total > 0)
    rises = (on[1:] & ~on[:-1]).sum(axis=0)
    drops = (~on[1:] & on[:-1]).sum(axis=0)
    if (rises + drops > 1).any():
        raise InputError(
            f"neuron {int((rises + drops).argmax())} is no threshold of its sum", where=place
        )
    falls = on[0]
    change: Ints = (on != on[0]).argmax(axis=0)
    change[rises + drops == 0] = inputs + 1
    return Thresholds(change, falls)


def batch_norm(
    mean: Floats, variance: Floats, scale: Floats | None, shift: Floats | None, eps: float
) -> Step:
    """Batch norm in eval mode, in float64."""
    factor = (1.0 if scale is None else scale) / np.sqrt(variance + eps)
    more = (0.0 if shift is None else shift) - mean * factor
    return lambda total: total * factor + more


def bias(more: Floats) -> Step:
    """The bias of a layer."""
    return lambda total: total + more


def hardtanh(low: float, high: float) -> Step:
    """Clamping."""
    return lambda total: np.clip(total, low, high)
