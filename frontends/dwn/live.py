"""Live DWN models: matched by the shape of their objects, no library of theirs is imported."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.errors import UnsupportedError
from lgc.reading import LoadOptions
from lgc.states import array_of, modules_of

from .layers import LutLayer, make_layer

_IGNORED = {"Flatten", "Identity", "Dropout", "STE"}
"""Modules that do nothing to bits in eval mode."""


@dataclass(frozen=True, eq=False)
class Live:
    """What a live model says of itself.

    Attributes:
        thresholds: of its thermometer, ``(…, levels)``.
        order: in which GroupSum takes the outputs, None for as they come.
    """

    name: str
    layers: list[LutLayer]
    thresholds: NDArray[np.float64] | None
    classes: int | None
    tau: float | None
    order: NDArray[np.int64] | None

    def complete(self, options: LoadOptions) -> LoadOptions:
        """Options with what the model knows, where they were not given."""
        own = {"classes": self.classes, "tau": self.tau}
        missing = {name: value for name, value in own.items() if getattr(options, name) is None}
        return dataclasses.replace(options, **missing)


def is_dwn(model: object) -> bool:
    """Whether a LUT layer stands somewhere in a model, or in a pair of thermometer and model."""
    return any(_is_layer(module) for module in modules_of(_pair(model)[1], _is_layer))


def walk(model: object) -> Live:
    """Read a model: a Sequential of LUT layers and GroupSum.

    Its thermometer, which is no module, is an attribute ``thermometer`` of the model, or comes as
    the first of a pair ``(thermometer, model)``.

    Raises:
        UnsupportedError: a module that is none of these.
        InputError: shapes do not fit.
    """
    thermometer, body = _pair(model)
    where = type(body).__name__
    layers: list[LutLayer] = []
    classes: int | None = None
    tau: float | None = None
    order: NDArray[np.int64] | None = None
    for module in modules_of(body, _is_layer):
        name = type(module).__name__
        if classes is not None:
            raise UnsupportedError(f"{name} stands after GroupSum", where=where)
        if _is_layer(module):
            if getattr(module, "ste", True) is False:
                raise UnsupportedError(
                    "a LUT layer with ste=False gives real numbers, not bits",
                    where=f"{where}: layer {len(layers)}",
                    hint="train with ste=True, the default",
                )
            mapping = getattr(module.mapping, "weights", module.mapping)
            layers.append(
                make_layer(str(len(layers)), array_of(module.luts), array_of(mapping), where)
            )
            known = getattr(module, "input_size", None)
            if known is not None:
                layers[-1] = dataclasses.replace(layers[-1], inputs=int(known))
        elif hasattr(module, "k") and hasattr(module, "tau"):
            classes, tau = int(module.k), float(module.tau)
            if getattr(module, "randperm", None) is not None:
                order = array_of(module.randperm).astype(np.int64)
        elif name not in _IGNORED:
            raise UnsupportedError(
                f"a module of class {name} is not part of a DWN",
                where=where,
                hint="lgc.from_torch takes Sequential(LUTLayer, …, GroupSum)",
            )
    thresholds = getattr(thermometer, "thresholds", None)
    levels = None if thresholds is None else array_of(thresholds).astype(np.float64)
    return Live(where, layers, levels, classes, tau, order)


def _pair(model: Any) -> tuple[Any, Any]:
    """Thermometer and model."""
    if type(model) in (tuple, list) and len(model) == 2 and hasattr(model[0], "thresholds"):
        return model[0], model[1]
    return getattr(model, "thermometer", None), model


def _is_layer(module: Any) -> bool:
    return getattr(getattr(module, "luts", None), "ndim", 0) == 2 and hasattr(module, "mapping")
