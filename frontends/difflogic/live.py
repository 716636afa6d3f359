"""Live models: matched by the shape of their objects, no library of theirs is imported."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.binarisation import parse_binarisation
from lgc.errors import UnsupportedError
from lgc.reading import LoadOptions

from .layers import Layer

_IGNORED = {"Flatten", "Identity", "Dropout"}
"""Modules that do nothing to a row of numbers in eval mode."""


@dataclass(frozen=True, eq=False)
class Live:
    """What a live model says of itself."""

    layers: list[Layer]
    inputs: int | None
    classes: int | None
    tau: float | None

    def complete(self, options: LoadOptions) -> LoadOptions:
        """Options with what the model knows, where they were not given."""
        inputs = self.inputs
        if inputs is not None and options.input is not None:
            inputs = parse_binarisation(options.input).features(inputs)  # in_dim counts bits
        own = {"inputs": inputs, "classes": self.classes, "tau": self.tau}
        missing = {name: value for name, value in own.items() if getattr(options, name) is None}
        return dataclasses.replace(options, **missing)


def is_sequential(model: object) -> bool:
    """Whether somewhere in the model a logic layer stands."""
    return any(_is_layer(module) for module in _modules(model))


def walk(model: object, where: str) -> Live:
    """Read the layers of a model in order.

    Raises:
        UnsupportedError: a module that is neither a logic layer nor known to do nothing.
    """
    layers: list[Layer] = []
    inputs: int | None = None
    classes: int | None = None
    tau: float | None = None
    for module in _modules(model):
        name = type(module).__name__
        if classes is not None:
            raise UnsupportedError(f"{name} stands after GroupSum", where=where)
        if _is_layer(module):
            a, b = (_array(side) for side in module.indices)
            layers.append(Layer(str(len(layers)), _array(module.weights), a, b))
            if len(layers) == 1 and hasattr(module, "in_dim"):
                inputs = int(module.in_dim)
        elif hasattr(module, "k") and hasattr(module, "tau"):
            classes, tau = int(module.k), float(module.tau)
        elif name not in _IGNORED:
            raise UnsupportedError(
                f"a module of class {name} is not part of a difflogic network",
                where=where,
                hint="lgc.from_torch takes Sequential(Flatten, LogicLayer, …, GroupSum)",
            )
    return Live(layers, inputs, classes, tau)


def _modules(model: Any) -> Iterator[Any]:
    """The modules of nested Sequentials in the order they run."""
    children = list(model.children()) if hasattr(model, "children") else []
    if not children:
        yield model
    for child in children:
        yield from _modules(child)


def _is_layer(module: Any) -> bool:
    weights, indices = getattr(module, "weights", None), getattr(module, "indices", None)
    return (
        weights is not None
        and indices is not None
        and len(indices) == 2
        and getattr(weights, "ndim", 0) == 2
        and weights.shape[1] in (4, 16)
    )


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor)
