"""Where forks of difflogic keep weights and wiring: the names of tensors, in any container.

A file, or one with the wiring beside it, is a tree of dicts and lists. Names may have prefixes that
the other file lacks (``module.1.weights`` and ``1.indices``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lgc.errors import InputError
from lgc.guards import is_array, is_dict, is_list
from lgc.states import EXTRA_STATE

from .layers import Weights

State = Mapping[str, Any]
Sides = tuple[Any, Any]

_STATES = ("state_dict", "model_state_dict", "model")
PAIRS = (("conn_a", "conn_b"), ("indices_0", "indices_1"), ("indices.0", "indices.1"))
"""What the two rows of a wiring are called where each has a name."""
_LISTS = ("connections", "indices", "wiring")
_FOREIGN = {"luts", "gate_sequence", "selection", EXTRA_STATE}
"""Last parts of keys that DWN, CompactLogic, convlogic and lgc.nn have beside ``weights``."""


def state_of(data: Any) -> State:
    """The dict with the tensors, wherever a training script put it.

    Raises:
        InputError: there is none.
    """
    for key in _STATES:
        if is_dict(data) and is_dict(data.get(key)):
            data = data[key]
    if not is_dict(data):
        raise InputError("the file holds no dict of tensors", where="checkpoint")
    return {str(key): value for key, value in data.items()}


def has_weights(data: Any) -> bool:
    """Whether a checkpoint holds weights of two-input gates."""
    try:
        state = state_of(data)
    except InputError:
        return False
    foreign = any(key.rpartition(".")[2] in _FOREIGN for key in state)
    return not foreign and any(True for _ in weights_of(state))


def weights_of(state: State) -> Iterator[tuple[str, Weights]]:
    """Prefix and weights of each layer, in natural order of the prefixes."""
    found = [
        (key.removesuffix("weights").removesuffix("."), value)
        for key, value in state.items()
        if key.rpartition(".")[2] == "weights"
        and is_array(value)
        and value.ndim == 2
        and value.shape[1] in (4, 16)
        and value.dtype.kind == "f"
        and key.removesuffix("mapping.weights") + "luts" not in state  # a DWN's learnt wiring
    ]
    yield from sorted(found, key=lambda item: _natural(item[0]))


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key: numbers by value, so that layer 10 follows layer 9."""
    parts = re.split(r"0*([0-9]+)", name)  # text and numbers in turn
    return [(len(part) if place % 2 else -1, part) for place, part in enumerate(parts)]


def wirings_of(data: Any, prefixes: Sequence[str]) -> list[Sides | None]:
    """The wiring of each layer, by its name, else by its place in a list; None where there is none.

    Args:
        data: contents of the checkpoint, or of the file beside it.
    """
    state: State = state_of(data) if is_dict(data) else {}
    named = [_named(state, prefix) for prefix in prefixes]
    if any(one is not None for one in named):
        return named
    rows = _rows(data)
    return [split(rows[i]) if i < len(rows) else None for i in range(len(prefixes))]


def _named(state: State, prefix: str) -> Sides | None:
    """The wiring of a layer under any of its names, with ever less of the prefix."""
    while True:
        start = f"{prefix}." if prefix else ""
        if (both := state.get(f"{start}indices")) is not None:
            return split(both)
        for left, right in PAIRS:
            if f"{start}{left}" in state and f"{start}{right}" in state:
                return state[f"{start}{left}"], state[f"{start}{right}"]
        if prefix and prefix in state:
            return split(state[prefix])
        _, dot, prefix = prefix.partition(".")
        if not dot:
            return None


def _rows(data: Any) -> Sequence[Any]:
    """A list of wirings, layer by layer: the whole file, or an entry of it."""
    for key in _LISTS:
        if is_dict(data) and is_list(data.get(key)):
            return data[key]
    return data if is_list(data) else ()


def split(both: Any) -> Sides | None:
    """``(a, b)``, or a tensor ``(2, out)`` or ``(out, 2)``."""
    if is_array(both) and both.ndim == 2 and 2 in both.shape:
        a, b = both if len(both) == 2 else both.T
        return a, b
    pair: Any = both
    if isinstance(both, list | tuple) and len(pair) == 2:
        return pair[0], pair[1]
    return None
