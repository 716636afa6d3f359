"""difflogic models: a state dict with its wiring, or a live Sequential of LogicLayers.

Gate ids are truth tables (bit ``3 − (2a + b)``); a neuron is its most probable gate, the first
maximum wins. What a file lacks is asked for by the name of the flag that gives it.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import Binarisation, parse_binarisation
from lgc.chain import Sums, build_module
from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.errors import InputError, LgcWarning, UsageError
from lgc.exchange.circuit import check_ports
from lgc.netlist import Netlist
from lgc.reading import Frontend, Inspection, LoadOptions
from lgc.registers import initial_of
from lgc.states import stated_sums
from lgc.trials import Samples, Search, Tick

from .file import open_file
from .inspecting import inspection
from .keys import has_weights
from .layers import Layer
from .live import is_sequential, walk
from .search import search


class Difflogic(Frontend):
    """Reads what difflogic and its forks save."""

    name = "difflogic"

    def recognises(self, path: Path) -> bool:
        return is_checkpoint(path) and has_weights(read_checkpoint(path).data)

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        file = open_file(path, options, self.name)
        layers = file.layers(_known_width(file.options))
        origin = {"source": path.name, "sha256": file.checkpoint.sha256, "frontend": self.name}
        if (replay := file.replay) is not None:
            origin["wiring"] = str(replay)
        return build(layers, file.options, path.name, origin)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        return inspection(open_file(path, options, self.name))

    def search(
        self, path: Path, options: LoadOptions, samples: Samples, tick: Tick | None = None
    ) -> Search:
        return search(open_file(path, options, self.name, partly=True), samples, tick)

    def recognises_object(self, model: object) -> bool:
        return is_sequential(model)

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        where = type(model).__name__
        live = walk(model, where)
        options = live.complete(options)
        return build(live.layers, options, where, {"source": where, "frontend": self.name})


def build(
    layers: list[Layer], options: LoadOptions, where: str, provenance: dict[str, str]
) -> ModuleOp:
    """The module of a stack of layers.

    Raises:
        InputError: sizes, indices or logits do not fit.
        UsageError: something is missing that an option gives.
    """
    if not layers:
        raise InputError("an empty network: no layer of gates", where=where)
    binarisation = parse_binarisation(options.input or "bool")
    kept = options.state or 0
    bits = _first_width(layers[0], options, binarisation, where)
    netlists: list[Netlist] = []
    width = bits
    for layer in layers:
        netlists.append(layer.netlist(width, options.parametrisation, where))
        width = len(netlists[-1].outputs)
    initial = initial_of(options, bits, width, where)
    features = binarisation.features(bits - kept)
    assert features is not None
    feature, level = binarisation.thresholds(features)
    return build_module(
        features,
        netlists,
        _sums(options, width - kept, where),
        feature=feature,
        level=level,
        one_hot=binarisation.one_hot(features),
        initial=initial,
        provenance={**provenance, "input": binarisation.text},
    )


def _bits(options: LoadOptions) -> int | None:
    """Bits that enter the first layer by ``--inputs`` or one-hot groups; None if neither says."""
    binarisation = parse_binarisation(options.input or "bool")
    if options.inputs is None:
        return sum(binarisation.groups) or None
    if options.inputs < 1:
        raise UsageError(f"a model has at least one input, not {options.inputs}", where="--inputs")
    bits = options.inputs * len(binarisation.levels)
    check_ports(bits, 1, "--inputs")
    return bits


def _known_width(options: LoadOptions) -> int | None:
    """The same with the bits of a state, which stand behind the others."""
    bits = _bits(options)
    return None if bits is None else bits + (options.state or 0)


def _first_width(first: Layer, options: LoadOptions, binarisation: Binarisation, where: str) -> int:
    """The same, else by the wiring of the first layer."""
    known, kept = _known_width(options), options.state or 0
    if known is not None:
        return known
    levels = len(binarisation.levels)
    reads = int(max(first.a.max(initial=0), first.b.max(initial=0))) + 1
    bits = max(-(-(reads - kept) // levels), 0) * levels
    check_ports(bits, 1, where)
    warnings.warn(
        f"{where}: the input width is not in the file; {bits // levels} is the least that the "
        "wiring allows, --inputs states it",
        LgcWarning,
        stacklevel=2,
    )
    return bits + kept


def _sums(options: LoadOptions, outputs: int, where: str) -> Sums:
    classes, tau = stated_sums(options, where)
    if classes < 1 or outputs % classes:
        raise InputError(
            f"{outputs} outputs do not fall into {classes} equal groups",
            where=where,
            hint="is --classes right?",
        )
    if not (np.isfinite(tau) and tau > 0):
        raise UsageError(f"tau must be a positive number, not {tau}", where="--tau")
    return Sums(classes, tau)
