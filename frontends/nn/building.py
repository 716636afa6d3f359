"""Modules of lgc.nn to a model: each as what it does to the bits of one sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.assembling import Assembly, Values
from lgc.binarisation import features_of, parse_binarisation
from lgc.chain import Sums, build_module
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.reading import LoadOptions

from .convolving import flatten, image_of, logic_conv2d, or_pool2d
from .layers import gated_logic_layer, logic_layer, select
from .modules import Part

ENCODERS = ("Thermometer", "Threshold")


def build(
    parts: Sequence[Part], options: LoadOptions, where: str, provenance: Mapping[str, str]
) -> ModuleOp:
    """The module of a network.

    Raises:
        InputError: modules do not fit together.
        UnsupportedError: they stand in an order that no circuit has.
    """
    if not parts:
        raise InputError("an empty network", where=where)
    told = dict(provenance)
    if parts[0].kind in ENCODERS:
        if options.input is not None:
            raise UsageError(
                "the model has thresholds of its own", where=where, hint="leave --input out"
            )
        levels = _thresholds(parts[0])
        features, rest = levels.shape[1], parts[1:]
        feature = np.tile(np.arange(features, dtype=np.int32), len(levels))
        level, one_hot = levels.ravel(), None
    else:
        binarisation = parse_binarisation(options.input or "bool")
        features = features_of(binarisation, _bits(parts[0]), where)
        feature, level = binarisation.thresholds(features)
        one_hot, rest = binarisation.one_hot(features), parts
        told["input"] = binarisation.text
    if options.inputs not in (None, features):
        raise InputError(
            f"the model reads {features} numbers, not {options.inputs}",
            where=where,
            hint="leave --inputs out",
        )
    assembly = Assembly(len(feature))
    values, sums = assembly.inputs, None
    for number, part in enumerate(rest):
        if part.kind == "GroupSum":
            if number + 1 < len(rest):
                raise UnsupportedError("a module stands behind GroupSum", where=part.where)
            sums = _sums(part, values.size)
        elif part.kind in LAYERS:
            values = LAYERS[part.kind](assembly, values, part)
        else:
            raise UnsupportedError(
                f"a {part.kind} stands here, which this version of lgc does not know or not at "
                "this place",
                where=part.where,
            )
    return build_module(
        features,
        assembly.finish(values.ravel()),
        sums,
        feature=feature,
        level=level,
        one_hot=one_hot,
        provenance=told,
    )


def _bits(part: Part) -> int:
    """How many bits the first module reads."""
    return image_of(part) if part.kind == "LogicConv2d" else part.size("in_dim")


def _thresholds(part: Part) -> NDArray[np.float32]:
    """``(levels, features)``."""
    shape = (None, part.size("features"))
    return part.array("thresholds", "f", shape).astype(np.float32)


def _sums(part: Part, outputs: int) -> Sums:
    classes, tau = part.size("k"), float(part.argument("tau", (int, float)))
    beta = float(part.argument("beta", (int, float)))
    if outputs % classes:
        raise InputError(
            f"{outputs} outputs do not fall into {classes} equal groups", where=part.where
        )
    if not (np.isfinite(tau) and tau > 0 and np.isfinite(beta)):
        raise InputError(f"its tau is {tau}, its beta {beta}", where=part.where)
    return Sums(classes, tau, beta=beta)


Layer = Callable[[Assembly, Values, Part], Values]
LAYERS: Mapping[str, Layer] = {
    "Flatten": flatten,
    "GatedLogicLayer": gated_logic_layer,
    "LogicConv2d": logic_conv2d,
    "LogicLayer": logic_layer,
    "OrPool2d": or_pool2d,
    "Select": select,
}
"""What each class does to the values that it gets, by name."""
