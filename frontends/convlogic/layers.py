"""Layers of convlogic: convolutions with their trees, and layers of gates, by their keys.

``selection (out, 8)`` packs what the four gates of the first level read, pair by pair, as
``channel << 16 | row << 8 | column`` of the padded window; ``weights (out, 7, 16)`` beside it are
the gates of all three levels of a tree, which a pool of 2 × 2 follows. Where they are ``(out, 4,
16)``, further levels are layers of their own, ``weights (out, gates, 16)`` without a selection, and
a pool, which saves nothing, may follow. A gate is the largest of its sixteen weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.convolving import Convolution, Dense, Layer
from lgc.errors import InputError, UsageError
from lgc.guards import is_array, is_list
from lgc.netlist import Netlist
from lgc.states import check_finite, naturally, state_of

COMPLETE = 7
"""Gates of a whole tree of three levels, which is pooled."""

_PAIRS = 8
"""Bits that a tree reads."""


@dataclass(frozen=True, eq=False)
class Found:
    """The layers of a model.

    Attributes:
        layers: convolutions, then layers of gates.
        trees: gates of each tree of a convolution, 7 where it is pooled by itself.
    """

    layers: list[Layer]
    trees: list[tuple[int, bool]]


def has_selection(data: Any) -> bool:
    """Whether a checkpoint holds a convolution of convlogic."""
    state = state_of(data)
    return any(
        name.rpartition(".")[2] == "selection"
        and is_array(value)
        and is_array(state.get(_beside(name, "weights")))
        and value.ndim == 2
        and value.shape[1] == _PAIRS
        for name, value in state.items()
    )


def find_layers(data: Any, where: str) -> Found:
    """All layers in order.

    Raises:
        InputError: shapes, types or weights do not fit.
    """
    state = state_of(data)
    names = [name for name in state if name.rpartition(".")[2] == "weights"]
    layers: list[Layer] = []
    trees: list[tuple[int, bool]] = []
    pending: list[Tree] = []
    for name in sorted(names, key=naturally):
        prefix, weights = name.rpartition(".")[0], state[name]
        place = f"{where}: layer {prefix}"
        selection = state.get(_beside(name, "selection"))
        if is_array(selection):
            pending.append(Tree(prefix, gates_of(weights, 3, place), selection, []))
        elif is_array(weights) and weights.ndim == 3:
            if not pending or (layers and isinstance(layers[-1], Dense)):
                raise InputError("a tree stands behind no convolution", where=place)
            pending[-1].levels.append(gates_of(weights, 3, place))
        else:
            while pending:
                trees.append(_put(layers, pending.pop(0), where))
            layers.append(dense(prefix, gates_of(weights, 2, place), _wires(state, name), place))
    while pending:
        trees.append(_put(layers, pending.pop(0), where))
    return Found(layers, trees)


@dataclass(frozen=True, eq=False)
class Tree:
    """A convolution: gates ``(out, 4 or 7)``, what they read, gates of the levels behind it."""

    name: str
    gates: NDArray[np.int64]
    selection: NDArray[Any]
    levels: list[NDArray[np.int64]]


def _put(layers: list[Layer], tree: Tree, where: str) -> tuple[int, bool]:
    layers.append(convolution(tree, f"{where}: layer {tree.name}"))
    whole = tree.gates.shape[1] == COMPLETE
    return tree.gates.shape[1] + sum(level.shape[1] for level in tree.levels), whole


def gates_of(weights: Any, rank: int, where: str) -> NDArray[np.int64]:
    """Gates of logits, which are the last of so many axes; the first maximum wins.

    Raises:
        InputError: they are no logits of sixteen gates, or not finite.
    """
    fits = is_array(weights) and weights.ndim == rank and weights.shape[-1] == 16
    if not (fits and weights.size and weights.dtype.kind == "f"):
        shape = f"type {weights.dtype} and shape {weights.shape}" if is_array(weights) else "none"
        raise InputError(
            f"weights of {shape} are not logits of sixteen gates",
            where=where,
            hint="layers of gates have (out, 16), trees (out, 4 or 7, 16)",
        )
    check_finite(weights, where)
    return weights.argmax(axis=-1)


def convolution(tree: Tree, where: str) -> Convolution:
    """A convolution as a netlist over what its channels read, each position once.

    Raises:
        InputError: the selection is none, or a level does not halve the one before.
    """
    gates, selection = tree.gates, tree.selection
    channels = len(gates)
    if selection.dtype.kind not in "iu" or selection.shape != (channels, _PAIRS):
        raise InputError(
            f"a selection of type {selection.dtype} and shape {selection.shape} does not fit "
            f"{channels} channels",
            where=where,
            hint=f"whole numbers ({channels}, {_PAIRS}): channel << 16 | row << 8 | column",
        )
    whole = gates.shape[1] == COMPLETE
    levels = [gates[:, :4], gates[:, 4:6], gates[:, 6:]] if whole else [gates]
    levels += tree.levels
    packed, place = np.unique(selection.astype(np.int64), return_inverse=True)
    if packed[0] < 0:
        raise InputError("a selection below 0", where=where)
    where_of = np.stack([packed >> 16 & 0xFFFF, packed >> 8 & 0xFF, packed & 0xFF], axis=1)
    reads: NDArray[np.int64] = place.reshape(channels, _PAIRS)
    top = len(packed)
    tables: list[NDArray[np.int64]] = []
    fanin: list[NDArray[np.int64]] = []
    for level in levels:
        if level.shape != (channels, reads.shape[1] // 2) or not level.shape[1]:
            raise InputError(
                f"a level of shape {level.shape} does not halve the {reads.shape[1]} bits of "
                f"{channels} channels",
                where=where,
            )
        tables.append(level.ravel())
        fanin.append(reads.reshape(-1, 2))
        reads = top + np.arange(level.size).reshape(level.shape)
        top += level.size
    if reads.shape[1] != 1:
        raise InputError(
            f"its trees end with {reads.shape[1]} bits instead of one",
            where=where,
            hint="is a TreeLogicLayer missing in the file?",
        )
    net = Netlist(
        len(packed), np.concatenate(tables), np.concatenate(fanin).astype(np.int32), reads[:, 0]
    )
    return Convolution(tree.name, net, where_of, framed=False)


def dense(name: str, gates: NDArray[np.int64], wires: tuple[Any, Any], where: str) -> Dense:
    """A layer of gates.

    Raises:
        InputError: the wiring is missing or does not fit.
    """
    for side in wires:
        if not is_array(side) or side.dtype.kind not in "iu" or side.shape != gates.shape:
            raise InputError(
                f"no wiring that fits {len(gates)} gates",
                where=where,
                hint="indices_0 and indices_1 beside the weights, one whole number a gate each",
            )
    return Dense(name, gates, np.stack(wires, axis=1).astype(np.int64))


def known_of(found: Found, described: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The description with the pools that are part of a layer.

    Raises:
        UsageError: a pool is stated that is part of a layer, or not the one it has.
    """
    own = [2 if whole else None for _, whole in found.trees]
    stated: Any = described.get("pool")
    if stated is None:
        return {**described, "pool": own} if None not in own else dict(described)
    every: list[Any] = stated if is_list(stated) else [stated] * len(own)
    if any(mine not in (None, one) for mine, one in zip(own, every)):
        raise UsageError(
            "layers of seven gates a channel are pooled by 2", where=where, hint="mend pool"
        )
    return dict(described)


def _wires(state: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    return state.get(_beside(name, "indices_0")), state.get(_beside(name, "indices_1"))


def _beside(name: str, other: str) -> str:
    prefix, dot, _ = name.rpartition(".")
    return f"{prefix}{dot}{other}"
