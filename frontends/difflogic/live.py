"""Live models: matched by the shape of their objects, no library of theirs is imported."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from lgc.binarisation import parse_binarisation
from lgc.errors import UnsupportedError
from lgc.reading import LoadOptions
from lgc.states import array_of, is_own, modules_of

from .keys import PAIRS, Sides, split
from .layers import Layer, layer_of
from .light import activation_of, check_plain_sums

_IGNORED = {"Flatten", "Identity", "Dropout"}
"""Modules that do nothing to a row of numbers in eval mode."""
_WIDTHS, _CLASSES = ("in_dim", "in_features", "input_dim"), ("k", "num_classes", "n_classes")


@dataclass(frozen=True, eq=False)
class Live:
    """What a live model says of itself."""

    layers: list[Layer]
    inputs: int | None
    classes: int | None
    tau: float | None
    parametrisation: str | None

    def complete(self, options: LoadOptions) -> LoadOptions:
        """Options with what the model knows, where they were not given."""
        inputs = self.inputs
        if inputs is not None and options.input is not None:
            inputs = parse_binarisation(options.input).features(inputs)  # in_dim counts bits
        own: dict[str, Any] = {"inputs": inputs, "classes": self.classes, "tau": self.tau}
        own["parametrisation"] = self.parametrisation
        missing = {name: value for name, value in own.items() if getattr(options, name) is None}
        return dataclasses.replace(options, **missing)


def is_sequential(model: object) -> bool:
    """Whether somewhere in the model a logic layer stands."""
    modules = list(modules_of(model))
    return any(map(_is_layer, modules)) and not any(map(is_own, modules))


def walk(model: object, where: str) -> Live:
    """Read the layers of a model in order.

    Raises:
        UnsupportedError: a module that is neither a logic layer nor known to do nothing.
    """
    layers: list[Layer] = []
    inputs: int | None = None
    classes: int | None = None
    tau: float | None = None
    parametrisation: str | None = None
    for module in modules_of(model):
        name = type(module).__name__
        if classes is not None:
            raise UnsupportedError(f"{name} stands after GroupSum", where=where)
        if _is_layer(module):
            sides = _sides(module)
            assert sides is not None
            a, b = map(array_of, sides)
            layers.append(layer_of(str(len(layers)), array_of(module.weights), (a, b), where))
            parametrisation = parametrisation or activation_of(module)
            width = _first(module, _WIDTHS)
            if len(layers) == 1 and width is not None:
                inputs = int(width)
        elif _first(module, _CLASSES) is not None and hasattr(module, "tau"):
            own: dict[str, Any] = {**vars(module), **getattr(module, "_parameters", {})}
            check_plain_sums(own, where)
            classes, tau = int(_first(module, _CLASSES)), float(module.tau)
        elif name not in _IGNORED:
            raise UnsupportedError(
                f"a module of class {name} is not part of a difflogic network",
                where=where,
                hint="lgc.from_torch takes Sequential(Flatten, LogicLayer, …, GroupSum)",
            )
    return Live(layers, inputs, classes, tau, parametrisation)


def _is_layer(module: Any) -> bool:
    weights: Any = getattr(module, "weights", None)
    return (
        getattr(weights, "ndim", 0) == 2
        and weights.shape[1] in (4, 16)
        and _sides(module) is not None
    )


def _sides(module: Any) -> Sides | None:
    """The wiring of a layer, under any of the names that forks give it."""
    both = getattr(module, "indices", None)
    if both is not None:
        return split(array_of(both) if hasattr(both, "ndim") else both)
    for left, right in PAIRS:
        if hasattr(module, left) and hasattr(module, right):
            return getattr(module, left), getattr(module, right)
    return None


def _first(module: Any, names: tuple[str, ...]) -> Any:
    """The first of some attributes that a module has."""
    return next((getattr(module, name) for name in names if hasattr(module, name)), None)
