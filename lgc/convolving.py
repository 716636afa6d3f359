"""Models of convolutions and layers of gates, built of what frontends find in files.

A convolution is one netlist for all its channels, applied at every place (`logic.map`), and never
unrolled; a pool of disjunctions is another.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .assembling import Assembly, Values, on_grid, or_pool, positions
from .binarisation import Binarisation, parse_binarisation
from .chain import build_module
from .errors import InputError, LgcWarning, UsageError
from .geometry import Geometry, Window
from .netlist import Netlist
from .reading import LoadOptions
from .states import check_reads, padded_sums


@dataclass(frozen=True, eq=False)
class Convolution:
    """Gates at every place of an image.

    Attributes:
        net: reads ``where`` and gives a bit for each channel.
        where: int64 ``(inputs, 3)``, channel, row and column of each input.
        framed: rows and columns count from the window's corner without its padding, so that they
            may be negative; otherwise from the corner of the padded window.
    """

    name: str
    net: Netlist
    where: NDArray[np.int64]
    framed: bool


@dataclass(frozen=True, eq=False)
class Dense:
    """A layer of gates: tables ``(out,)`` and what they read, int64 ``(out, k)``."""

    name: str
    tables: NDArray[np.int64]
    reads: NDArray[np.int64]

    @property
    def least(self) -> int:
        """Bits that there are at least in front of it."""
        return int(self.reads.max(initial=0)) + 1


Layer = Convolution | Dense


def build(
    layers: Sequence[Layer],
    geometry: Geometry | None,
    options: LoadOptions,
    where: str,
    provenance: dict[str, str],
) -> ModuleOp:
    """The module of a model.

    Args:
        geometry: None where there are no convolutions.

    Raises:
        InputError: sizes do not fit.
        UsageError: something is missing that an option gives.
    """
    if not layers:
        raise InputError("an empty network: no layer of gates", where=where)
    binarisation = parse_binarisation(options.input or "bool")
    features = _features(layers[0], geometry, binarisation, options, where)
    feature, level = binarisation.thresholds(features)
    assembly = Assembly(len(feature))
    values, windows = assembly.inputs, iter(geometry.windows if geometry else ())
    if geometry is not None:
        values = values.reshape(-1, *geometry.shape[1:])
    convolved = False
    for layer in layers:
        if isinstance(layer, Convolution):
            if values.ndim != 3:
                raise InputError(
                    f"convolution {layer.name} stands behind a layer of gates", where=where
                )
            values, convolved = _convolve(assembly, values, layer, next(windows), where), True
            continue
        if convolved and not 0 <= values.size - layer.least <= 1:
            raise InputError(
                f"the convolutions give {values.size} bits, layer {layer.name} reads {layer.least}",
                where=where,
                hint="are shape, kernel, padding, stride and pool those of this model?",
            )
        values, convolved = values.ravel(), False
        check_reads(layer.reads, len(values), f"{where}: layer {layer.name}")
        values = assembly.layer(layer.tables, values[layer.reads])
    return build_module(
        features,
        assembly.finish(values.ravel()),
        padded_sums(options, values.size, where),
        feature=feature,
        level=level,
        one_hot=binarisation.one_hot(features),
        provenance={**provenance, "input": binarisation.text},
    )


def _features(
    first: Layer,
    geometry: Geometry | None,
    binarisation: Binarisation,
    options: LoadOptions,
    where: str,
) -> int:
    """Numbers of a sample: of the image, as stated, or as the wiring of the first layer allows."""
    if options.inputs is not None and options.inputs < 1:
        raise UsageError(f"a model has at least one input, not {options.inputs}", where="--inputs")
    if geometry is not None:
        features = int(np.prod(geometry.shape))
        if options.inputs not in (None, features):
            raise UsageError(
                f"a sample of shape {list(geometry.shape)} has {features} numbers, not "
                f"{options.inputs}",
                where="--inputs",
            )
        return features
    assert isinstance(first, Dense)
    if options.inputs is not None:
        return options.inputs
    if binarisation.groups:
        return sum(binarisation.groups)
    features = -(-first.least // len(binarisation.levels))
    warnings.warn(
        f"{where}: the input width is not in the file; {features} is the least that the wiring "
        "allows, --inputs states it",
        LgcWarning,
        stacklevel=2,
    )
    return features


def _convolve(
    assembly: Assembly, values: Values, layer: Convolution, window: Window, where: str
) -> Values:
    """The bits of a convolution, ``(channels, rows, columns)``."""
    place = f"{where}: layer {layer.name}"
    offsets = layer.where.copy()
    if layer.framed:
        offsets[:, 1:] += window.padding
    channels, inside = len(values), offsets[:, 1:]
    if (offsets[:, 0] < 0).any() or (offsets[:, 0] >= channels).any():
        raise InputError(
            f"it reads channel {int(offsets[:, 0].max())}, but there are {channels}",
            where=place,
            hint="are shape and the levels of --input those of this model?",
        )
    if (inside < 0).any() or (inside >= window.kernel).any():
        raise InputError(
            f"it reads a row or column outside of a window of {window.kernel}",
            where=place,
            hint="are kernel and padding those of this model?",
        )
    sides = [side + 2 * window.padding - window.kernel for side in values.shape[1:]]
    if min(sides) < 0:
        raise InputError(
            f"a window of {window.kernel} does not fit into {values.shape[1]} × {values.shape[2]}",
            where=place,
            hint="are shape, kernel, padding, stride and pool those of this model?",
        )
    grid = tuple(side // window.stride + 1 for side in sides)
    offsets[:, 1:] -= window.padding
    reads = positions(values, offsets, grid, (window.stride, window.stride))
    values = on_grid(assembly.map(layer.net, reads), grid)
    if window.pool == 1:
        return values
    if min(grid) < window.pool:
        raise InputError(
            f"{grid[0]} × {grid[1]} places cannot be pooled by {window.pool}", where=place
        )
    size = (window.pool, window.pool)
    return or_pool(assembly, values, size, size, (0, 0))
