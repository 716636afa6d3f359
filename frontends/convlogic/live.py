"""Live convlogic models: matched by the shape of their objects, no library is imported."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from lgc.binarisation import parse_binarisation
from lgc.convolving import Layer
from lgc.errors import UnsupportedError, UsageError
from lgc.geometry import Geometry, Window
from lgc.reading import LoadOptions
from lgc.states import array_of, is_own, modules_of

from .layers import COMPLETE, Tree, convolution, dense, gates_of

_IGNORED = {"Flatten", "Identity", "Dropout", "CrossEntropyLoss"}
"""Modules that do nothing to bits in eval mode."""


@dataclass(frozen=True, eq=False)
class Live:
    """What a live model says of itself; its image it does not."""

    name: str
    layers: list[Layer]
    windows: list[Window]
    channels: int
    classes: int | None
    tau: float | None

    def complete(self, options: LoadOptions) -> LoadOptions:
        """Options with what the model knows, where they were not given."""
        own = {"classes": self.classes, "tau": self.tau}
        missing = {name: value for name, value in own.items() if getattr(options, name) is None}
        return dataclasses.replace(options, **missing)

    def geometry(self, options: LoadOptions) -> Geometry:
        """The image: a square one of as many numbers as ``inputs`` says.

        Raises:
            UsageError: that is not said, or no square has as many.
        """
        levels = len(parse_binarisation(options.input or "bool").levels)
        channels, over = divmod(self.channels, levels)
        side = math.isqrt((options.inputs or 0) // max(1, channels))
        if over or not side or channels * side * side != options.inputs:
            raise UsageError(
                f"the image of a model of {self.channels} channels is not known",
                where=self.name,
                hint="give inputs, the numbers of a square image in all its channels; load a "
                "state dict and a description for one that is not square",
            )
        return Geometry((channels, side, side), tuple(self.windows))


def is_convlogic(model: object) -> bool:
    """Whether a convolution of convlogic stands somewhere in a model."""
    modules = list(modules_of(model))
    return any(hasattr(each, "selection") for each in modules) and not any(map(is_own, modules))


def walk(model: object) -> Live:
    """Read the layers of a model in the order in which they are its children.

    Raises:
        UnsupportedError: a module that lgc does not know, or not there.
        InputError: shapes do not fit.
    """
    where = type(model).__name__
    layers: list[Layer] = []
    windows: list[Window] = []
    tree: Tree | None = None
    channels, classes, tau = 0, None, None
    for module in modules_of(model):
        name, place = type(module).__name__, f"{where}: layer {len(layers)}"
        weights = getattr(module, "weights", None)
        if classes is not None and name not in _IGNORED:
            raise UnsupportedError(f"{name} stands after GroupSum", where=where)
        if hasattr(module, "selection"):
            if tree is not None:
                layers.append(convolution(tree, place))
            sides = [tuple(getattr(module, key)) for key in ("kernel", "padding", "stride")]
            if any(len(set(side)) > 1 for side in sides):
                raise UnsupportedError("windows that are not square", where=place)
            gates = gates_of(array_of(weights), 3, place)
            tree = Tree(str(len(layers)), gates, array_of(module.selection), [])
            pool = 2 if gates.shape[1] == COMPLETE else 1
            kernel, padding, stride = (int(side[0]) for side in sides)
            windows.append(Window(kernel, padding, stride, pool))
            channels = channels or int(module.in_channels)
        elif hasattr(module, "input_bits") and tree is not None:
            tree.levels.append(gates_of(array_of(weights), 3, place))
        elif name == "PoolLogicLayer" and windows and windows[-1].pool == 1:
            if len({*module.kernel, *module.stride}) > 1:
                raise UnsupportedError("pools that overlap or are not square", where=place)
            windows[-1] = dataclasses.replace(windows[-1], pool=int(module.kernel[0]))
        elif hasattr(module, "indices_0"):
            if tree is not None:
                layers.append(convolution(tree, place))
            tree = None
            wires = array_of(module.indices_0), array_of(module.indices_1)
            layers.append(
                dense(str(len(layers)), gates_of(array_of(weights), 2, place), wires, place)
            )
        elif hasattr(module, "k") and hasattr(module, "tau"):
            classes, tau = int(module.k), float(module.tau)
        elif name not in _IGNORED:
            raise UnsupportedError(
                f"a module of class {name} is not part of a convlogic network",
                where=where,
                hint="lgc.from_torch takes ConvLogicLayer, TreeLogicLayer, PoolLogicLayer, "
                "Flatten, LogicLayer and GroupSum",
            )
    if tree is not None:
        layers.append(convolution(tree, where))
    return Live(where, layers, windows, channels, classes, tau)
