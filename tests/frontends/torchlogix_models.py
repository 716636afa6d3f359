"""Models of torchlogix for the tests: real ones where it is installed, else what looks like them.

A stand-in has the classes' names and the attributes that the library's modules have, and no
``forward``; what the real one gives was kept in ``golden.npz``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from tests.frontends.make_torchlogix import FOLDER, SAVED, answers, inputs, models


@cache
def golden() -> Mapping[str, np.ndarray]:
    with np.load(FOLDER / "golden.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


@cache
def names() -> tuple[str, ...]:
    return tuple(json.loads((FOLDER / "modules.json").read_text()))


@cache
def live() -> Mapping[str, tuple[Any, np.ndarray, np.ndarray]]:
    """Each model with inputs and what it gives."""
    try:
        made = models()
    except ImportError:
        return {
            name: (stand_in(name), golden()[f"{name}.x"].astype(np.float32), golden()[f"{name}.y"])
            for name in names()
        }
    return {
        name: (model, inputs(name), answers(model, inputs(name))) for name, model in made.items()
    }


def stand_in(name: str) -> Any:
    """Something that looks like a model."""
    trees = json.loads((FOLDER / "modules.json").read_text())
    return _module(trees[name], tensors(name))


def tensors(name: str) -> dict[str, np.ndarray]:
    """The state dict of a model, float32."""
    if name in SAVED:
        import torch

        state = torch.load(FOLDER / f"{name}.pt", weights_only=True)
        arrays = {key: value.numpy() for key, value in state.items()}
    else:
        start = f"{name}/"
        arrays = {
            key.removeprefix(start): value
            for key, value in golden().items()
            if key.startswith(start)
        }
    return {
        key: value.astype(np.float32) if value.dtype == np.float16 else value
        for key, value in arrays.items()
    }


def _module(tree: dict[str, Any], state: Mapping[str, np.ndarray]) -> Any:
    from torch import nn, tensor

    children = {name: _module(child, state) for name, child in tree["children"].items()}
    attributes = tree["attributes"]
    kind = tree["class"]
    if kind == "Sequential":
        made: Any = nn.Sequential()
    elif kind == "ParameterList":
        made = nn.ParameterList()
    elif kind == "Wrapped":
        made = Wrapped()
    elif hasattr(nn, kind):
        made = object.__new__(getattr(nn, kind))
        nn.Module.__init__(made)
    else:
        made = type(kind, (nn.Module,), {})()
    for name, value in attributes.items():
        setattr(made, name, tuple(value) if isinstance(value, list) else value)
    for name, key in tree["tensors"].items():
        if kind == "ParameterList":
            made.append(nn.Parameter(tensor(state[key])))
        else:
            made.register_buffer(name, tensor(state[key]))
    for name, child in children.items():
        made.add_module(name, child)
    return made


class Wrapped:
    """A module around another; made a torch module when first used."""

    def __new__(cls) -> Any:
        from torch import nn

        class Wrapped(nn.Module):
            def forward(self, x: Any) -> Any:
                """Only calls it."""
                return self.model(x)

        return Wrapped()
