"""What a file of torchlogix's tensors holds: the modules, found by the names of their tensors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lgc.checkpoint import Checkpoint
from lgc.errors import InputError
from lgc.guards import is_array, is_dict

Family = Literal["dense", "conv", "binarization"]

_STATES = ("state_dict", "model_state_dict", "model")
_NAMES = re.compile(
    r"(?:(?P<prefix>.+)\.)?"
    r"(?P<tensor>weight|connections\.(?:indices|weights|_indices_L[0-9]{1,3})"
    r"|tree_weights\.[0-9]{1,3}|thresholds|raw_diffs)"
)
_EXPORTED = re.compile(r"(?:.+\.)?(?:connections\._export_indices|_export_lut_ids(?:_L[0-9]+)?)")
"""What `set_export_mode` leaves behind: it repeats the other tensors."""
_FOREIGN_SHOWN = 3


@dataclass(frozen=True, eq=False)
class Found:
    """The tensors of one module.

    Attributes:
        name: prefix of its keys, empty where the file is one module.
    """

    name: str
    tensors: Mapping[str, NDArray[Any]]

    @property
    def family(self) -> Family:
        if "tree_weights.0" in self.tensors:
            return "conv"
        return "dense" if "weight" in self.tensors else "binarization"

    def levels(self, stem: str, where: str) -> list[NDArray[Any]]:
        """Tensors ``stem0``, ``stem1``, …, as many as there are levels of trees.

        Raises:
            InputError: one is missing.
        """
        count = sum(key.startswith("tree_weights.") for key in self.tensors)
        missing = [level for level in range(count) if f"{stem}{level}" not in self.tensors]
        if missing:
            raise InputError(f"there is no {stem}{missing[0]}", where=where)
        return [self.tensors[f"{stem}{level}"] for level in range(count)]


@dataclass(frozen=True, eq=False)
class State:
    """All modules in the order of the file, and keys that are none of torchlogix's."""

    modules: tuple[Found, ...]
    foreign: tuple[str, ...]

    def named(self) -> Mapping[str, Found]:
        return {one.name: one for one in self.modules}


def find(checkpoint: Checkpoint) -> State:
    """The modules of a checkpoint.

    torch keeps the order in which modules were made; other files are put in that of their numbers.
    """
    groups: dict[str, dict[str, NDArray[Any]]] = {}
    foreign: list[str] = []
    for key, value in _tensors(checkpoint.data):
        match = _NAMES.fullmatch(key)
        if match is not None:
            groups.setdefault(match["prefix"] or "", {})[match["tensor"]] = value
        elif not _EXPORTED.fullmatch(key):
            foreign.append(key)
    modules: list[Found] = []
    for name, tensors in groups.items():
        if _is_whole(tensors):
            modules.append(Found(name, tensors))
        else:
            foreign += [f"{name}.{tensor}" if name else tensor for tensor in tensors]
    if checkpoint.format != "torch":
        modules.sort(key=lambda found: _natural(found.name))
    return State(tuple(modules), tuple(foreign))


def _is_whole(tensors: Mapping[str, Any]) -> bool:
    """Whether they are those of a module of torchlogix, and not of something with a ``weight``."""
    return (
        {"weight", "connections.indices"} <= tensors.keys()
        or {"tree_weights.0", "connections._indices_L0"} <= tensors.keys()
        or ("thresholds" in tensors and tensors.keys() <= {"thresholds", "raw_diffs"})
    )


def has_gates(checkpoint: Checkpoint) -> bool:
    """Whether there is a layer of gates among them."""
    return any(found.family != "binarization" for found in find(checkpoint).modules)


def _tensors(data: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Arrays by key; those of half precision become what they are loaded into, float32."""
    for key in _STATES:
        if is_dict(data) and is_dict(data.get(key)):
            data = data[key]
    if is_dict(data):
        for key, value in data.items():
            if is_array(value):
                yield str(key), value.astype(np.float32) if value.dtype == np.float16 else value


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key: numbers by value, so that layer 10 follows layer 9."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def refuse_foreign(state: State, where: str) -> None:
    """Refuse a file with tensors of other layers.

    Raises:
        InputError: there are some.
    """
    if state.foreign:
        shown = ", ".join(name[:60] for name in state.foreign[:_FOREIGN_SHOWN])
        more = len(state.foreign) - _FOREIGN_SHOWN
        raise InputError(
            f"there are tensors of other layers: {shown}" + (f" and {more} more" * (more > 0)),
            where=where,
            hint="a description that lists the layers says which of them make up the model",
        )
