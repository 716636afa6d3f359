"""DWN models: LUT layers of torch_dwn, from a state dict or a live Sequential.

A LUT of n inputs is on where its trained value is above 0; the first mapped input is the least
significant bit of its address. What a state dict lacks, classes, tau and the thresholds of the
thermometer, is asked for by the name of the flag or the key of the description.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import build_module
from lgc.checkpoint import Checkpoint, is_checkpoint, read_checkpoint
from lgc.description import describe
from lgc.errors import InputError, LgcWarning, UsageError
from lgc.netlist import Netlist
from lgc.reading import Frontend, Inspection, LoadOptions
from lgc.states import padded_sums
from lgc.surgery import wires

from .encoding import Encoding, encoding_of, thresholds_of
from .inspecting import inspection
from .layers import LutLayer, find_layers, has_luts
from .live import is_dwn, walk


class Dwn(Frontend):
    """Reads what torch_dwn saves."""

    name = "dwn"

    def recognises(self, path: Path) -> bool:
        return is_checkpoint(path) and has_luts(read_checkpoint(path).data)

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        checkpoint, options, thresholds = self._described(path, options)
        return build(
            find_layers(checkpoint.data, path.name),
            encoding_of(thresholds, options, path.name),
            options,
            path.name,
            {"source": path.name, "sha256": checkpoint.sha256, "frontend": self.name},
        )

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        checkpoint, options, thresholds = self._described(path, options)
        return inspection(find_layers(checkpoint.data, path.name), thresholds, options)

    def _described(
        self, path: Path, options: LoadOptions
    ) -> tuple[Checkpoint, LoadOptions, NDArray[np.float64] | None]:
        """The file, and what stands in it and beside it."""
        checkpoint = read_checkpoint(path)
        options, extra = describe(path, options, self.name, {"thresholds": (str, list)})
        return checkpoint, options, thresholds_of(checkpoint.data, extra, path, options)

    def recognises_object(self, model: object) -> bool:
        return is_dwn(model)

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        live = walk(model)
        options = live.complete(options)
        return build(
            live.layers,
            encoding_of(live.thresholds, options, live.name),
            options,
            live.name,
            {"source": live.name, "frontend": self.name},
            live.order,
        )


def build(
    layers: list[LutLayer],
    encoding: Encoding,
    options: LoadOptions,
    where: str,
    provenance: dict[str, str],
    order: NDArray[np.int64] | None = None,
) -> ModuleOp:
    """The module of a stack of layers.

    Args:
        order: which output the class sums take first, second, …; None for as they come.

    Raises:
        InputError: sizes, indices or tables do not fit.
        UsageError: something is missing that an option gives.
    """
    features = encoding.features(_width(layers[0], encoding, options, where), where)
    feature, level = encoding.thresholds(features)
    netlists: list[Netlist] = []
    width = len(feature)
    for layer in layers:
        netlists.append(layer.netlist(width, where))
        width = len(netlists[-1].outputs)
    if order is not None:
        if not np.array_equal(np.sort(order), np.arange(width)):
            raise InputError(f"GroupSum's order is none of {width} outputs", where=where)
        chosen = wires(width)
        netlists.append(Netlist(width, chosen.table, chosen.fanin, order.astype(np.int32)))
    return build_module(
        features,
        netlists,
        padded_sums(options, width, where),
        feature=feature,
        level=level,
        one_hot=encoding.one_hot(features),
        provenance={**provenance, "input": encoding.text},
    )


def _width(first: LutLayer, encoding: Encoding, options: LoadOptions, where: str) -> int:
    """Bits that enter the first layer: as stated, as the layer knows, or as its wiring allows."""
    if options.inputs is not None and options.inputs < 1:
        raise UsageError(f"a model has at least one input, not {options.inputs}", where="--inputs")
    stated = encoding.width(options.inputs)
    if first.inputs is not None:
        if stated not in (None, first.inputs):
            raise InputError(
                f"layer {first.name} reads {first.inputs} bits, the input has {stated}",
                where=where,
                hint="do the thresholds belong to this model? is --inputs right?",
            )
        return first.inputs
    if stated is not None:
        return stated
    bits = -(-first.least // encoding.levels) * encoding.levels
    warnings.warn(
        f"{where}: the input width is not in the file; {bits // encoding.levels} is the least "
        "that the wiring allows, --inputs states it",
        LgcWarning,
        stacklevel=2,
    )
    return bits
