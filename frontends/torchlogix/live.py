"""Live models: modules known by the names of their classes; torchlogix itself is not imported.

A class that derives from a known one counts as it while it has the same ``forward``. A module
around others is looked into where its ``forward`` does nothing but call one of them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

from lgc.errors import InputError, UnsupportedError
from lgc.states import array_of

from .encoding import learnt, levels_of
from .layers import Encode, Flatten, Layer, Pool, Residual, Shape, Total, Unflatten
from .parts import chosen, dense_of, several, trees_of

_CELLS = {
    "LogicDense", "LogicConv2d", "LogicConv3d", "LogicConvTranspose2d", "LogicConvTranspose3d",
}  # fmt: skip
_PARAMETRISATIONS = {
    "RawLUTParametrization": "raw",
    "WarpLUTParametrization": "warp",
    "LightLUTParametrization": "light",
}
_KNOWN_SHAPES: Mapping[str, Shape] = {
    "DlgnCifar10": (3, 32, 32),
    "DlgnCifar10Dwn": (3, 32, 32),
    "DlgnJsc": (16,),
    "DlgnJscDwn": (16,),
}
"""Models of torchlogix whose data set is known and whose layers do not tell the shape."""
_WRAPPERS = {
    "OptimizedModule": "_orig_mod",
    "DataParallel": "module",
    "DistributedDataParallel": "module",
}


def is_torchlogix(model: object) -> bool:
    """Whether a module of gates of torchlogix stands somewhere in the model."""
    modules = getattr(model, "modules", None)
    if not callable(modules):
        return False
    every: Any = modules()
    return any(
        _class(module, _CELLS) is not None and hasattr(module, "connections") for module in every
    )


def known_shape(model: object) -> Shape | None:
    """The shape of a sample of one of torchlogix's own models."""
    name = _class(model, _KNOWN_SHAPES)
    return None if name is None else _KNOWN_SHAPES[name]


def walk(module: Any, where: str) -> list[Layer]:
    """The layers of a model in the order they run.

    Raises:
        UnsupportedError: a module that is not known.
        InputError: a module that is not what its class says.
    """
    name = _class(module, _READERS)
    if name is not None:
        if not _unchanged(module, name):
            raise UnsupportedError(
                f"{type(module).__name__} is a {name} with a forward of its own", where=where
            )
        return _READERS[name](module, f"{where}: {name}")
    name = _class(module, _WRAPPERS)
    inner = _WRAPPERS[name] if name is not None else _called(_forward(type(module)))
    children: Any = getattr(module, "_modules", {})
    if inner in children:
        return walk(children[inner], where)
    raise UnsupportedError(
        f"a module of class {type(module).__name__} is not part of a torchlogix network",
        where=where,
        hint="lgc.from_torch takes a Sequential of torchlogix's layers, or a module whose forward "
        "calls one and nothing else",
    )


def _class(module: object, names: Any) -> str | None:
    """The first class of a module, or of those it derives from, that is among the names."""
    return next((base.__name__ for base in type(module).__mro__ if base.__name__ in names), None)


def _unchanged(module: object, name: str) -> bool:
    base = next(base for base in type(module).__mro__ if base.__name__ == name)
    return _forward(type(module)) is _forward(base)


def _forward(kind: Any) -> Any:
    return getattr(kind, "forward", None)


def _passed(self: Any, x: Any) -> Any:
    return self.child(x)


def _called(forward: Any) -> str | None:
    """The child that a ``forward`` calls with its argument, where that is all it does.

    Two functions do the same where their instructions, which name no names, are the same.
    """
    code, plain = getattr(forward, "__code__", None), _passed.__code__
    if code is None or code.co_code != plain.co_code or code.co_argcount != 2:
        return None
    return code.co_names[0]


def _sequential(module: Any, where: str) -> list[Layer]:
    del where
    made: list[Layer] = []
    for name, child in module.named_children():
        made += walk(child, f"{type(module).__name__}.{name}")
    return made


def _nothing(module: Any, where: str) -> list[Layer]:
    return []


def _dense(module: Any, where: str) -> list[Layer]:
    connections, kind = module.connections, _parametrisation(module, where)
    held = getattr(connections, "weights", None)
    learnt_weights = None if held is None else array_of(held)
    wiring = chosen(learnt_weights, array_of(connections.indices), where)
    return [dense_of("", array_of(module.weight), wiring, kind, int(module.in_dim), where)]


def _parametrisation(module: Any, where: str) -> str:
    name = _class(module.parametrization, _PARAMETRISATIONS)
    if name is None:
        what = type(module.parametrization).__name__
        raise UnsupportedError(f"the parametrization {what} is not known", where=where)
    return _PARAMETRISATIONS[name]


def _trees(module: Any, where: str) -> list[Layer]:
    weights = [array_of(level) for level in module.tree_weights]
    wiring = module.connections
    indices = [array_of(getattr(wiring, f"_indices_L{level}")) for level in range(len(weights))]
    kind = _parametrisation(module, where)
    trees = trees_of("", weights, indices, kind, where)
    transposed = hasattr(wiring, "orig_stride")
    grid = tuple(int(size) for size in module.kernel_positions)
    if math.prod(grid) != math.prod(trees.grid) or len(grid) != trees.leaves.shape[-1] - 1:
        raise InputError(f"{trees.grid[0]} positions are no grid of {grid}", where=where)
    return [
        dataclasses.replace(
            trees,
            grid=grid,
            channels=int(module.channels),
            grid_in=tuple(int(size) for size in module.in_dim),
            padding=int(wiring.padding),
            dilation=int(wiring.orig_stride) if transposed else 1,
        )
    ]


def _pool(module: Any, where: str) -> list[Layer]:
    axes = 2 if _class(module, ("OrPooling2d",)) else 3
    stride = module.kernel_size if module.stride is None else module.stride
    given = (module.kernel_size, stride, module.padding)
    return [Pool(*(several(value, axes, where) for value in given))]


def _encode(module: Any, where: str) -> list[Layer]:
    if module.thresholds is None:
        raise InputError("the binarization has no thresholds", where=where)
    return [Encode(levels_of(array_of(module.thresholds), where), int(module.feature_dim))]


def _learnt(module: Any, where: str) -> list[Layer]:
    own = getattr(module, "get_thresholds", None)
    if callable(own):  # what the model itself computes, to the last bit
        thresholds = levels_of(array_of(own()), where)
    else:
        raw = array_of(module.raw_diffs)
        thresholds = learnt(raw, float(module.temperature_softplus), where)
    return [Encode(thresholds, int(module.feature_dim))]


def _dummy(module: Any, where: str) -> list[Layer]:
    return [Encode(None, None)]


def _flatten(module: Any, where: str) -> list[Layer]:
    return [Flatten(int(module.start_dim), int(module.end_dim))]


def _unflatten(module: Any, where: str) -> list[Layer]:
    return [Unflatten(int(module.dim), tuple(int(size) for size in module.unflattened_size))]


def _residual(module: Any, where: str) -> list[Layer]:
    return [
        Residual(walk(module.main, f"{where}.main"), walk(module.shortcut, f"{where}.shortcut"))
    ]


def _total(module: Any, where: str) -> list[Layer]:
    return [Total(int(module.k), float(module.tau), float(getattr(module, "beta", 0.0)))]


_READERS: Mapping[str, Callable[[Any, str], list[Layer]]] = {
    "LogicDense": _dense,
    **dict.fromkeys(sorted(_CELLS - {"LogicDense"}), _trees),
    "OrPooling2d": _pool,
    "OrPooling3d": _pool,
    "FixedBinarization": _encode,
    "SoftBinarization": _encode,
    "LearnableBinarization": _learnt,
    "DummyBinarization": _dummy,
    "ResidualLogicBlock": _residual,
    "GroupSum": _total,
    "Flatten": _flatten,
    "Unflatten": _unflatten,
    "Sequential": _sequential,
    **dict.fromkeys(("Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d"), _nothing),
}
