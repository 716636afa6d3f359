"""Layers of CompactLogic by their keys.

``weights (out, G)``, ``gate_sequence (out, G)`` with gates by number, and ``indices (2, out, G)``:
the candidate with the largest weight, the first of several, is the gate and its two inputs. A
convolution has ``offsets_ch``, ``offsets_h`` and ``offsets_w (2, channels, G)`` instead, from the
corner of its window without padding. ``w (out,)``, where a layer was frozen, is the candidate
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.convolving import Convolution, Dense, Layer
from lgc.errors import InputError, UnsupportedError
from lgc.guards import is_array
from lgc.netlist import Netlist
from lgc.states import check_finite, naturally, state_of

_OFFSETS = ("offsets_ch", "offsets_h", "offsets_w")
_BYTE = 256
"""Candidates that the library can tell apart: it keeps the chosen one in a byte."""


def has_candidates(data: Any) -> bool:
    """Whether a checkpoint holds layers whose gates choose their wiring."""
    state = state_of(data)
    return any(
        name.rpartition(".")[2] == "gate_sequence" and is_array(value) and value.ndim == 2
        for name, value in state.items()
    )


def find_layers(data: Any, where: str) -> list[Layer]:
    """All layers in order.

    Raises:
        InputError: shapes, types or weights do not fit.
        UnsupportedError: more candidates than the library can tell apart.
    """
    state = state_of(data)
    names = [name for name in state if name.rpartition(".")[2] == "gate_sequence"]
    layers: list[Layer] = []
    for name in sorted(names, key=naturally):
        prefix = name.rpartition(".")[0]
        dot = f"{prefix}." if prefix else ""
        parts = {key.removeprefix(dot): value for key, value in state.items() if key in _keys(dot)}
        layers.append(layer_of(prefix or "0", parts, where))
    return layers


def _keys(dot: str) -> set[str]:
    return {f"{dot}{key}" for key in ("weights", "gate_sequence", "indices", "w", *_OFFSETS)}


def layer_of(name: str, parts: Mapping[str, Any], where: str) -> Layer:
    """A layer of its tensors.

    Raises:
        InputError: shapes, types or weights do not fit.
        UnsupportedError: more candidates than the library can tell apart.
    """
    place = f"{where}: layer {name}"
    weights, kinds = parts.get("weights"), parts.get("gate_sequence")
    if not (is_array(weights) and weights.ndim == 2 and weights.size and weights.dtype.kind == "f"):
        raise InputError(
            "there are no weights (out, G) beside its gates",
            where=place,
        )
    _check(kinds, "gate_sequence", weights.shape, place)
    assert is_array(kinds)
    if weights.shape[1] > _BYTE:
        raise UnsupportedError(
            f"{weights.shape[1]} candidates a neuron; the library keeps the chosen one in a byte",
            where=place,
        )
    check_finite(weights, place)
    rows, chosen = np.arange(len(weights)), weights.argmax(axis=1)
    frozen = parts.get("w")
    if frozen is not None:
        _check(frozen, "w", weights.shape[:1], place)
        chosen = frozen.astype(np.int64)
    tables = kinds.astype(np.int64)[rows, chosen.clip(0, weights.shape[1] - 1)]
    if (chosen >= weights.shape[1]).any() or (tables < 0).any() or (tables > 15).any():
        raise InputError("a gate or candidate that is none of its numbers", where=place)
    picked = [_picked(parts.get(key), key, rows, chosen, weights.shape, place) for key in _OFFSETS]
    if all(one is None for one in picked):
        reads = _picked(parts.get("indices"), "indices", rows, chosen, weights.shape, place)
        if reads is None:
            raise InputError("neither indices nor offsets beside its weights", where=place)
        return Dense(name, tables, reads)
    if any(one is None for one in picked):
        raise InputError(f"not all of {', '.join(_OFFSETS)} beside its weights", where=place)
    offsets = np.stack([one for one in picked if one is not None], axis=-1).reshape(-1, 3)
    where_of, reads = np.unique(offsets, axis=0, return_inverse=True)
    inputs = len(where_of)
    outputs = np.arange(inputs, inputs + len(tables))
    net = Netlist(inputs, tables, reads.reshape(-1, 2).astype(np.int32), outputs)
    return Convolution(name, net, where_of.astype(np.int64), framed=True)


def _picked(
    values: Any,
    key: str,
    rows: NDArray[np.int64],
    chosen: NDArray[np.int64],
    shape: tuple[int, ...],
    where: str,
) -> NDArray[np.int64] | None:
    """Those of the chosen candidates, ``(out, 2)``; None where there are none."""
    if values is None:
        return None
    _check(values, key, (2, *shape), where)
    return values.astype(np.int64)[:, rows, chosen].T


def _check(values: Any, key: str, shape: tuple[int, ...], where: str) -> None:
    if not is_array(values) or values.dtype.kind not in "iu" or values.shape != shape:
        raise InputError(
            f"{key} are no whole numbers of shape {shape}",
            where=where,
            hint="is this a whole checkpoint of CompactLogic?",
        )
