"""A layer of gates: weights and wiring, what four weights can mean, and the netlist they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UsageError
from lgc.netlist import Netlist
from lgc.states import check_finite, check_reads

from .light import LIGHT

Weights = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of gates.

    Attributes:
        weights: logits of the sixteen gates, float ``(out, 16)``, or in a light parametrisation
            one weight for each input combination, float ``(out, 4)``.
        a, b: the two nets each neuron reads, int ``(out,)``.
    """

    name: str
    weights: NDArray[Any]
    a: NDArray[np.int64]
    b: NDArray[np.int64]

    def netlist(self, inputs: int, parametrisation: str | None, where: str) -> Netlist:
        """The layer as gates.

        Raises:
            InputError: logits that are not finite, indices outside of the inputs.
        """
        place = f"{where}: layer {self.name}"
        table = tables_of(self.weights, parametrisation, place)
        reads = np.stack([self.a, self.b], axis=1)
        check_reads(reads, inputs, place)
        outputs = np.arange(inputs, inputs + len(reads))
        return Netlist(inputs, table, reads.astype(np.int32), outputs)


def tables_of(weights: Weights, parametrisation: str | None, where: str) -> NDArray[np.int64]:
    """Truth table of each gate, int64 ``(out,)``.

    Raises:
        InputError: weights that are not finite.
        UsageError: nobody says what four weights are.
    """
    check_finite(weights, where)
    if weights.shape[1] == 16:
        return weights.argmax(axis=1)
    if parametrisation is None or parametrisation not in LIGHT:
        raise UsageError(
            "four weights a gate, and the file does not say what they are"
            if parametrisation is None
            else f"there is no parametrisation called {parametrisation!r}",
            where=where,
            hint=f"give it with --parametrisation: one of {', '.join(LIGHT)}",
        )
    bits = LIGHT[parametrisation](weights).astype(np.int64)
    return bits @ np.array([8, 4, 2, 1])


def layer_of(prefix: str, weights: NDArray[Any], pair: tuple[Any, Any], where: str) -> Layer:
    """A layer, its wiring checked.

    Raises:
        InputError: that does not fit the weights.
    """
    place = f"{where}: layer {prefix}"
    a, b = map(_array, pair)
    for side in (a, b):
        if side.dtype.kind not in "iu" or side.shape != (len(weights),):
            raise InputError(
                f"wiring of type {side.dtype} and shape {side.shape} does not fit "
                f"{len(weights)} gates",
                where=place,
                hint="the wiring is two rows of whole numbers, one number a gate",
            )
    return Layer(prefix, weights, a.astype(np.int64), b.astype(np.int64))


def _array(side: Any) -> NDArray[Any]:
    try:
        return np.asarray(side)
    except (ValueError, RecursionError):  # lists in a list, not all of one length
        return np.empty(0, object)
