"""Live binarised perceptrons: modules known by their classes' names, none is imported.

Public training code calls a layer whose weights count by their sign BinarizeLinear, BinaryLinear,
LinearBin and so on, and lets it take the sign of its input, or puts a module Sign before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lgc.errors import UnsupportedError
from lgc.states import array_of, modules_of

from .layers import BITS, SIGNS, Dense, Step, batch_norm, bias, hardtanh, signs

IGNORED = {"Flatten", "Identity", "Dropout", "LogSoftmax", "Softmax"}
"""Modules that do nothing to a row of numbers in eval mode, or do not change its maximum."""
SIGN = {"Sign", "SignActivation", "Binarize", "BinaryActivation", "BinaryTanh", "BinActive"}
STEP = {"Step", "Heaviside", "BinaryStep"}
CLAMP = {"Hardtanh", "Htanh"}
KNOWN = IGNORED | SIGN | STEP | CLAMP


def is_binary(model: object) -> bool:
    """Whether a linear layer of binary weights is somewhere in the model."""
    return any(_is_binary_linear(module) for module in modules_of(model))


def walk(model: Any, where: str) -> list[Dense]:
    """The layers of nested Sequentials in the order they run.

    Raises:
        UnsupportedError: a module that is not part of a binary perceptron.
    """
    layers: list[Dense] = []
    steps: list[Step] = []
    after: set[str] = set()  # what follows the last linear layer
    for module in modules_of(model):
        name = type(module).__name__
        after.add(name)
        if _is_linear(module):
            steps, after = [], set()
            weight = array_of(module.weight).astype(np.float64)
            real = not _is_binary_linear(module)
            layers.append(Dense(str(len(layers)), weight if real else signs(weight, where), steps))
            if module.bias is not None:
                steps.append(bias(array_of(module.bias)))
        elif name in SIGN | STEP:
            if layers:
                gives = BITS if name in STEP else SIGNS
                layers[-1] = Dense(layers[-1].name, layers[-1].weight, steps, gives)
        elif name in CLAMP and layers:
            steps.append(hardtanh(float(module.min_val), float(module.max_val)))
        elif name == "BatchNorm1d" and layers:
            scale, shift = (
                None if part is None else array_of(part) for part in (module.weight, module.bias)
            )
            mean, variance = array_of(module.running_mean), array_of(module.running_var)
            steps.append(batch_norm(mean, variance, scale, shift, float(module.eps)))
        elif name not in IGNORED:
            raise UnsupportedError(
                f"a module of class {name} is not part of a binary perceptron",
                where=where,
                hint=f"known are binary linear layers, BatchNorm1d, {', '.join(sorted(KNOWN))}",
            )
    for layer in layers[:-1]:
        if not (np.abs(layer.weight) == 1).all():
            raise UnsupportedError(
                f"layer {layer.name} is a Linear with real weights before the last", where=where
            )
    if changing := after & (SIGN | STEP | CLAMP):
        raise UnsupportedError(
            f"{', '.join(sorted(changing))} after the last layer would make classes equal",
            where=where,
        )
    return layers


def _is_linear(module: Any) -> bool:
    return getattr(getattr(module, "weight", None), "ndim", 0) == 2 and hasattr(module, "bias")


def _is_binary_linear(module: Any) -> bool:
    name = type(module).__name__.lower()
    return _is_linear(module) and "bin" in name and "linear" in name
