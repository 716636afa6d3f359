"""Finds the layers in a checkpoint: weights and wiring under the names that forks give them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import InputError, UsageError
from lgc.guards import is_array, is_dict, is_list
from lgc.netlist import Netlist
from lgc.reading import LoadOptions

_STATES = ("state_dict", "model_state_dict")
_PAIRS = (("conn_a", "conn_b"), ("indices_0", "indices_1"))


def _sigmoid(weights: NDArray[Any]) -> NDArray[np.bool_]:
    one = weights.dtype.type(1)
    return one / (one + np.exp(-weights)) >= 0.5


LIGHT: Mapping[str, Callable[[NDArray[Any]], NDArray[np.bool_]]] = {
    "sigmoid": _sigmoid,
    "linear": lambda weights: weights >= 0.5,
}
"""Light parametrisations: four weights a gate become its outputs for 00, 01, 10 and 11."""


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

    def tables(self, parametrisation: str | None, where: str) -> NDArray[np.int64]:
        """Truth table of each gate, int64 ``(out,)``."""
        if self.weights.shape[1] == 16:
            return self.weights.argmax(axis=1)
        if parametrisation is None or parametrisation not in LIGHT:
            raise UsageError(
                "four weights a gate, and the file does not say what they are"
                if parametrisation is None
                else f"there is no parametrisation called {parametrisation!r}",
                where=where,
                hint=f"give it with --parametrisation: one of {', '.join(LIGHT)}",
            )
        bits = LIGHT[parametrisation](self.weights).astype(np.int64)
        return bits @ np.array([8, 4, 2, 1])

    def netlist(self, inputs: int, parametrisation: str | None, where: str) -> Netlist:
        """The layer as gates.

        Raises:
            InputError: logits that are not finite, indices outside of the inputs.
        """
        place = f"{where}: layer {self.name}"
        finite = np.isfinite(self.weights).all(axis=1)
        if not finite.all():
            raise InputError(
                f"neuron {int(finite.argmin())} has weights that are NaN or infinite",
                where=place,
                hint="the training diverged, or the file is damaged",
            )
        reads = np.stack([self.a, self.b], axis=1)
        bad = ((reads < 0) | (reads >= inputs)).any(axis=1)
        if bad.any():
            gate = int(bad.argmax())
            net = next(int(read) for read in reads[gate] if not 0 <= read < inputs)
            raise InputError(
                f"gate {gate} reads net {net}, but the layer has {inputs} inputs",
                where=place,
                hint="was the checkpoint saved with another input size?",
            )
        outputs = np.arange(inputs, inputs + len(reads))
        table = self.tables(parametrisation, place)
        return Netlist(inputs, table, reads.astype(np.int32), outputs)


def has_weights(data: Any) -> bool:
    """Whether a checkpoint holds weights of two-input gates."""
    try:
        return any(True for _ in _weights(_state(data)))
    except InputError:
        return False


@dataclass(frozen=True)
class Sketch:
    """What is told of a layer before its wiring is known.

    Attributes:
        columns: weights of each gate, 16 or 4.
        wired: whether its wiring is in the file.
    """

    prefix: str
    gates: int
    columns: int
    dtype: str
    wired: bool


def sketch(data: Any) -> list[Sketch]:
    """All layers of a checkpoint in order.

    Raises:
        InputError: it holds no dict of tensors.
    """
    state = _state(data)
    rows: Any = data.get("connections") if is_dict(data) else None
    listed = len(rows) if is_list(rows) else 0
    return [
        Sketch(
            prefix,
            len(weights),
            weights.shape[1],
            str(weights.dtype),
            number < listed or _pair(state, prefix) is not None,
        )
        for number, (prefix, weights) in enumerate(_weights(state))
    ]


def find_layers(data: Any, wiring: Any, where: str, options: LoadOptions) -> list[Layer]:
    """All layers in order.

    Args:
        wiring: contents of the side file, None without one.

    Raises:
        InputError: shapes do not fit.
        UsageError: the wiring is missing.
    """
    state = _state(data)
    side = None if wiring is None else _state(wiring)
    rows: Any = data.get("connections") if is_dict(data) else None
    layers: list[Layer] = []
    for number, (prefix, weights) in enumerate(_weights(state)):
        if prefix == "" or len(weights) == 0:
            raise InputError("an empty network: a layer without gates", where=where)
        pair = _pair(state, prefix)
        if side is not None:
            pair = _pair(side, prefix)
            if pair is None:
                raise InputError(
                    f"no wiring for layer {prefix}",
                    where=str(options.wiring),
                    hint=f"a key {prefix}.indices is expected; there are {_some(side)}",
                )
        elif pair is None and is_list(rows) and number < len(rows):
            pair = _split(rows[number])
        if pair is None:
            raise UsageError(
                f"the wiring of layer {prefix} is not in the file",
                where=where,
                hint="give the file that holds it with --wiring",
            )
        layers.append(_layer(prefix, weights, pair, where))
    return layers


def _layer(prefix: str, weights: NDArray[Any], pair: tuple[Any, Any], where: str) -> Layer:
    place = f"{where}: layer {prefix}"
    a, b = (np.asarray(side) for side in pair)
    for side in (a, b):
        if side.dtype.kind not in "iu" or side.shape != (len(weights),):
            raise InputError(
                f"wiring of type {side.dtype} and shape {side.shape} does not fit "
                f"{len(weights)} gates",
                where=place,
                hint="the wiring is two rows of whole numbers, one number a gate",
            )
    return Layer(prefix, weights, a.astype(np.int64), b.astype(np.int64))


def _state(data: Any) -> Mapping[str, Any]:
    """The dict with the tensors, wherever a training script put it."""
    for key in _STATES:
        if is_dict(data) and is_dict(data.get(key)):
            data = data[key]
    if not is_dict(data):
        raise InputError("the file holds no dict of tensors", where="checkpoint")
    return {str(key): value for key, value in data.items()}


def _weights(state: Mapping[str, Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Prefix and weights of each layer, in natural order of the prefixes."""
    found = [
        (key.removesuffix("weights").removesuffix("."), value)
        for key, value in state.items()
        if key.rpartition(".")[2] == "weights"
        and is_array(value)
        and value.ndim == 2
        and value.shape[1] in (4, 16)
        and value.dtype.kind == "f"
    ]
    yield from sorted(found, key=lambda item: _natural(item[0]))


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key: numbers by value, so that layer 10 follows layer 9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _pair(state: Mapping[str, Any], prefix: str) -> tuple[Any, Any] | None:
    """The wiring of a layer under any of its names."""
    if (both := state.get(f"{prefix}.indices")) is not None:
        return _split(both)
    for left, right in _PAIRS:
        if f"{prefix}.{left}" in state and f"{prefix}.{right}" in state:
            return state[f"{prefix}.{left}"], state[f"{prefix}.{right}"]
    return None


def _split(both: Any) -> tuple[Any, Any] | None:
    """``(a, b)`` or a tensor ``(2, out)``."""
    pair: Any = both
    if isinstance(both, list | tuple | np.ndarray) and len(pair) == 2:
        return pair[0], pair[1]
    return None


def _some(state: Mapping[str, Any]) -> str:
    names = list(state)
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "") if names else "none"
