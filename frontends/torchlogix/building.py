"""Layers of torchlogix to a module: every layer as what it does to one sample's values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.assembling import Assembly, disjunctions, on_grid, or_pool
from lgc.binarisation import features_of, parse_binarisation
from lgc.chain import Sums, build_module
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.netlist import Netlist
from lgc.reading import LoadOptions

from .convolving import convolve
from .encoding import encode
from .layers import (
    Dense,
    Encode,
    Flatten,
    Layer,
    Numbers,
    Pool,
    Residual,
    Shape,
    Total,
    Trees,
    Unflatten,
)  # fmt: skip

_MOST_NUMBERS, _MOST_READS = 1 << 24, 1 << 26
"""Numbers in a sample, and bits that all windows of a pool read: a shape is only a text until they
are numbered."""


def build(
    layers: Sequence[Layer],
    shape: Shape,
    options: LoadOptions,
    where: str,
    provenance: Mapping[str, str],
) -> ModuleOp:
    """The module of a model.

    Args:
        shape: of a sample, as the first layer gets it.

    Raises:
        InputError: layers do not fit together.
        UnsupportedError: they stand in an order that lgc does not know.
    """
    if not shape or min(shape) < 1 or math.prod(shape) > _MOST_NUMBERS:
        raise InputError(f"a sample cannot have the shape {shape}", where=where)
    told = dict(provenance)
    numbers, rest, encoder = _front(layers, np.arange(math.prod(shape)).reshape(shape))
    if encoder is None:
        binarisation = parse_binarisation(options.input or "bool")
        features = features_of(binarisation, numbers.size, where)
        feature, level = binarisation.thresholds(features)
        one_hot, entering = binarisation.one_hot(features), numbers.shape
        told["input"] = binarisation.text
    elif options.input is not None:
        raise UsageError(
            "the model has thresholds of its own", where=where, hint="leave --input out"
        )
    else:
        features, one_hot = numbers.size, None
        feature, level = encode(encoder, numbers, where)
        entering = feature.shape
    if options.inputs not in (None, features):
        raise InputError(
            f"the model reads {features} numbers, not {options.inputs}",
            where=where,
            hint="leave --inputs out, or is the shape wrong?",
        )
    assembly = Assembly(feature.size)
    values, sums = assembly.inputs.reshape(entering), None
    for number, layer in enumerate(rest):
        if isinstance(layer, Total):
            if number + 1 < len(rest):
                raise UnsupportedError("a layer stands after GroupSum", where=where)
            sums = _sums(layer, values.shape, where)
        else:
            values = _apply(assembly, values, layer, where)
    return build_module(
        features,
        assembly.finish(values),
        sums,
        feature=feature.ravel(),
        level=level.ravel(),
        one_hot=one_hot,
        provenance=told,
    )


def _front(
    layers: Sequence[Layer], numbers: Numbers
) -> tuple[Numbers, Sequence[Layer], Encode | None]:
    """What stands before the bits: numbers in the shape that is compared, the layers behind."""
    for number, layer in enumerate(layers):
        if isinstance(layer, Encode) and layer.thresholds is not None:
            return numbers, layers[number + 1 :], layer
        if isinstance(layer, Flatten | Unflatten):
            numbers = _reshaped(numbers, layer, "the input")
        elif not isinstance(layer, Encode):
            break
    else:
        number = len(layers)
    return numbers, layers[number:], None


def _apply(assembly: Assembly, values: Numbers, layer: Layer, where: str) -> Numbers:
    """What a layer makes of values of the shape of a sample."""
    if isinstance(layer, Dense):
        return _dense(assembly, values, layer, where)
    if isinstance(layer, Trees):
        return convolve(assembly, values, layer, f"{where}: layer {layer.name}")
    if isinstance(layer, Pool):
        return _pool(assembly, values, layer, where)
    if isinstance(layer, Flatten | Unflatten):
        return _reshaped(values, layer, where)
    if isinstance(layer, Residual):
        return _residual(assembly, values, layer, where)
    if isinstance(layer, Encode) and layer.thresholds is None:
        return values
    what = "GroupSum" if isinstance(layer, Total) else "a binarization"
    raise UnsupportedError(f"{what} stands inside the network", where=where)


def _dense(assembly: Assembly, values: Numbers, layer: Dense, where: str) -> Numbers:
    place = f"{where}: layer {layer.name}"
    width = values.shape[-1]
    if layer.inputs not in (None, width):
        raise InputError(
            f"the layer was made for {layer.inputs} inputs, and gets a sample of shape "
            f"{values.shape}",
            where=place,
            hint="do the layers fit together, and is there a flatten before it?",
        )
    bad = ((layer.reads < 0) | (layer.reads >= width)).any(axis=1)
    if bad.any():
        gate = int(bad.argmax())
        net = next(int(read) for read in layer.reads[gate] if not 0 <= read < width)
        raise InputError(
            f"gate {gate} reads net {net}, but the layer has {width} inputs",
            where=place,
            hint="is the size of a sample right, and is there a flatten before the layer?",
        )
    rows = values.reshape(-1, width)
    if len(rows) == 1:
        made = assembly.layer(layer.tables, rows[0][layer.reads])
        return made.reshape(*values.shape[:-1], -1)
    net = Netlist(width, layer.tables, layer.reads, width + np.arange(len(layer.reads)))
    return assembly.map(net, rows).reshape(*values.shape[:-1], -1)


def _pool(assembly: Assembly, values: Numbers, layer: Pool, where: str) -> Numbers:
    axes = len(layer.size)
    around = [size + 2 * pad for size, pad in zip(values.shape[1:], layer.padding)]
    if values.ndim != axes + 1 or any(a < b for a, b in zip(around, layer.size)):
        raise InputError(
            f"a pool of {layer.size}, padded by {layer.padding}, does not suit a sample of shape "
            f"{values.shape}",
            where=where,
        )
    if min(*layer.size, *layer.stride) < 1:
        raise InputError(f"windows of {layer.size}, moved by {layer.stride}", where=where)
    places = math.prod((a - b) // step + 1 for a, b, step in zip(around, layer.size, layer.stride))
    if len(values) * places * math.prod(layer.size) > _MOST_READS:
        raise InputError(f"a pool of {layer.size} at {places} places", where=where)
    if any(2 * pad > size for pad, size in zip(layer.padding, layer.size)):
        raise InputError(
            f"a pool of {layer.size} cannot be padded by {layer.padding}",
            where=where,
            hint="torch allows half a window",
        )
    return or_pool(assembly, values, layer.size, layer.stride, layer.padding)


def _residual(assembly: Assembly, values: Numbers, layer: Residual, where: str) -> Numbers:
    main, shortcut = values, values
    for part in layer.main:
        main = _apply(assembly, main, part, where)
    for part in layer.shortcut:
        shortcut = _apply(assembly, shortcut, part, where)
    if main.shape != shortcut.shape:
        raise InputError(
            f"the ways of a residual block give shapes {main.shape} and {shortcut.shape}",
            where=where,
        )
    channels = len(main)
    both = np.stack([main, shortcut], axis=1).reshape(2 * channels, -1)
    return on_grid(assembly.map(disjunctions(channels, 2), both.T), main.shape[1:])


def _reshaped(values: NDArray[np.int64], layer: Flatten | Unflatten, where: str) -> Numbers:
    axes = values.ndim + 1

    def place(axis: int) -> int:
        return (axis + axes if axis < 0 else axis) - 1

    shape = values.shape
    if isinstance(layer, Flatten):
        first, last = place(layer.first), place(layer.last)
        fits = 0 <= first <= last < values.ndim
        made: Shape = (*shape[:first], -1, *shape[last + 1 :])
    else:
        first = place(layer.axis)
        fits = 0 <= first < values.ndim
        made = (*shape[:first], *layer.sizes, *shape[first + 1 :])
    try:
        if not fits:
            raise ValueError
        return values.reshape(made)
    except ValueError:
        raise InputError(f"{layer} does not suit a sample of shape {shape}", where=where) from None


def _sums(layer: Total, shape: Shape, where: str) -> Sums:
    if math.prod(shape) != shape[-1]:
        raise UnsupportedError(
            f"GroupSum over a sample of shape {shape} gives no single row of scores",
            where=where,
            hint="is there a flatten before it?",
        )
    if layer.classes < 1 or shape[-1] % layer.classes:
        raise InputError(
            f"{shape[-1]} outputs do not fall into {layer.classes} equal groups",
            where=where,
            hint="is the number of classes right?",
        )
    if not (np.isfinite(layer.tau) and layer.tau > 0):
        raise UsageError(f"tau must be a positive number, not {layer.tau}", where=where)
    if not np.isfinite(layer.beta):
        raise UsageError(f"beta must be a finite number, not {layer.beta}", where=where)
    return Sums(layer.classes, layer.tau, beta=layer.beta)
