"""Live CompactLogic models: matched by the shape of their objects, no library is imported."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from lgc.binarisation import parse_binarisation
from lgc.convolving import Layer
from lgc.errors import UnsupportedError, UsageError
from lgc.geometry import Geometry, Window
from lgc.reading import LoadOptions
from lgc.states import array_of, modules_of

from .layers import layer_of

_IGNORED = {"Flatten", "Identity", "Dropout"}
"""Modules that do nothing to bits in eval mode."""

_PARTS = ("weights", "gate_sequence", "indices", "w", "offsets_ch", "offsets_h", "offsets_w")


@dataclass(frozen=True, eq=False)
class Live:
    """What a live model says of itself.

    Attributes:
        shape: channels, rows and columns of bits, None without convolutions.
        bits: what its first layer reads, where that is a layer of gates.
    """

    name: str
    layers: list[Layer]
    windows: list[Window]
    shape: tuple[int, ...] | None
    bits: int | None
    classes: int | None
    tau: float | None

    def complete(self, options: LoadOptions) -> LoadOptions:
        """Options with what the model knows, where they were not given."""
        levels = len(parse_binarisation(options.input or "bool").levels)
        inputs = None if self.bits is None else self.bits // levels
        own = {"inputs": inputs, "classes": self.classes, "tau": self.tau}
        missing = {name: value for name, value in own.items() if getattr(options, name) is None}
        return dataclasses.replace(options, **missing)

    def geometry(self, options: LoadOptions) -> Geometry | None:
        """The image, whose channels are levels of a thermometer of channels of numbers.

        Raises:
            UsageError: the levels do not divide the channels.
        """
        if self.shape is None:
            return None
        levels = len(parse_binarisation(options.input or "bool").levels)
        channels, rows, columns = self.shape
        if channels % levels:
            raise UsageError(
                f"{channels} channels do not fall into {levels} levels", where="--input"
            )
        return Geometry((channels // levels, rows, columns), tuple(self.windows))


def is_compactlogic(model: object) -> bool:
    """Whether a layer of CompactLogic stands somewhere in a model."""
    return any(hasattr(module, "gate_sequence") for module in modules_of(model))


def walk(model: object) -> Live:
    """Read the layers of a model in the order in which they are its children.

    Raises:
        UnsupportedError: a module that lgc does not know, or not there.
        InputError: shapes do not fit.
    """
    where = type(model).__name__
    layers: list[Layer] = []
    windows: list[Window] = []
    shape: tuple[int, ...] | None = None
    bits, classes, tau = None, None, None
    for module in modules_of(model):
        name = type(module).__name__
        if classes is not None:
            raise UnsupportedError(f"{name} stands after GroupSum", where=where)
        if hasattr(module, "gate_sequence"):
            parts: dict[str, Any] = {
                key: array_of(getattr(module, key)) for key in _PARTS if hasattr(module, key)
            }
            if hasattr(module, "offsets_ch"):
                sides = (int(module.ks), int(module.padding), int(module.stride))
                windows.append(Window(*sides, pool=1))
                shape = shape or tuple(int(side) for side in module.in_shape)
            elif not layers:
                bits = int(module.in_dim)
            layers.append(layer_of(str(len(layers)), parts, where))
        elif hasattr(module, "k") and hasattr(module, "tau"):
            classes, tau = int(module.k), float(module.tau)
        elif name not in _IGNORED:
            raise UnsupportedError(
                f"a module of class {name} is not part of a CompactLogic network",
                where=where,
                hint="lgc.from_torch takes ConvLayer, Flatten, LogicLayer and GroupSum",
            )
    return Live(where, layers, windows, shape, bits, classes, tau)
