"""Binary neurons: multilayer perceptrons with weights and activations of one bit.

A hidden neuron is a count of agreeing bits and a comparison, the last layer is class sums. Read
from state dicts (weights of ±1, or latent ones whose sign counts) and from live modules.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import features_of, parse_binarisation
from lgc.chain import Sums, build_module
from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.description import agree, describe, refuse
from lgc.errors import InputError, UsageError
from lgc.guards import is_dict
from lgc.literals import Sum, weigh
from lgc.netlist import Netlist
from lgc.quantisation import Parts, Quantised, parse_precision, quantise, tell
from lgc.reading import Frontend, Inspection, LoadOptions, Missing
from lgc.reference import run
from lgc.surgery import wires

from .circuit import hidden
from .layers import BITS, SIGNS, Dense, Ints, thresholds
from .live import is_binary, walk
from .state import find_layers, looks_binary

EXTRA = {"eps": (int, float), "zero": str, "last": str, "activations": str}
"""What a description may say beside the options."""


class Binary(Frontend):
    """A state dict is known by weights that are all −1 or 1, or by its description."""

    name = "binary"

    def recognises(self, path: Path) -> bool:
        if not is_checkpoint(path):
            return False
        return _described(path) or looks_binary(read_checkpoint(path).data)

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        checkpoint = read_checkpoint(path)
        options, extra = describe(path, options, self.name, EXTRA)
        _one_of("activations", extra.get("activations", SIGNS), (SIGNS, BITS), path.name)
        layers = find_layers(checkpoint.data, path.name, extra)
        facts = {"source": path.name, "sha256": checkpoint.sha256, "frontend": self.name}
        return build(layers, options, _zero(extra, path.name), path.name, facts)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        options, extra = describe(path, options, self.name, EXTRA)
        layers = find_layers(read_checkpoint(path).data, path.name, {"last": "real", **extra})
        sizes = [layers[0].weight.shape[1], *(len(layer.weight) for layer in layers)]
        missing = [Missing("input", "how numbers become bits; without it, a bit is x > 0")]
        if options.parametrisation is None:
            missing.append(Missing("parametrisation", _WHY, (SIGNS, BITS)))
        return Inspection(
            "binary neurons", (("layers", " → ".join(map(str, sizes))),), tuple(missing)
        )

    def recognises_object(self, model: object) -> bool:
        return is_binary(model)

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        where = type(model).__name__
        layers, extra = walk(model, where), dict[str, Any]()
        if options.description is not None:
            options, extra = describe(Path(), options, self.name, {"zero": str})
        return build(
            layers, options, _zero(extra, where), where, {"source": where, "frontend": self.name}
        )


_WHY = "values of the bits that enter the first layer: signs is −1 and +1, bits is 0 and 1"


def _one_of(what: str, given: str, known: Sequence[str], where: str) -> None:
    if given not in known:
        raise InputError(f"{what} is {given!r}, not one of {', '.join(known)}", where=where)


def _zero(extra: dict[str, Any], where: str) -> str | None:
    if "zero" in extra:
        _one_of("zero", extra["zero"], ("+1", "-1"), where)
    return extra.get("zero")


def _described(path: Path) -> bool:
    """Whether the JSON beside a file says that it is ours."""
    try:
        content: Any = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return is_dict(content) and content.get("format") == Binary.name


def build(
    layers: Sequence[Dense],
    options: LoadOptions,
    zero: str | None,
    where: str,
    provenance: dict[str, str],
) -> ModuleOp:
    """The module of layers.

    Args:
        zero: what a sum of 0 becomes (see `layers.thresholds`).

    Raises:
        LgcError: they do not fit together, something is missing, or contradicts an option.
    """
    refuse(options, ("wiring", "tau"), "a model of binary neurons", where)
    values = options.parametrisation
    if values not in (SIGNS, BITS):
        raise UsageError(
            "what are the bits that enter the first layer?"
            if values is None
            else f"there is no parametrisation called {values!r}",
            where=where,
            hint="--parametrisation signs says −1 and +1, --parametrisation bits says 0 and 1",
        )
    binarisation = parse_binarisation(options.input or "bool")
    bits, outputs = layers[0].weight.shape[1], len(layers[-1].weight)
    features = features_of(binarisation, bits, where)
    agree(options, {"inputs": features, "classes": max(2, outputs)}, where)
    nets: list[Netlist] = []
    for layer, after in pairwise(layers):
        if after.weight.shape[1] != len(layer.weight):
            raise InputError(
                f"layer {after.name} reads {after.weight.shape[1]} numbers, layer {layer.name} "
                f"gives {len(layer.weight)}",
                where=where,
            )
        nets.append(hidden(layer, thresholds(layer, values, zero, where)))
        values = layer.gives
    feature, level = binarisation.thresholds(features)
    inner = build_module(
        features,
        nets or [wires(bits)],
        None,
        feature=feature,
        level=level,
        one_hot=binarisation.one_hot(features),
    )
    precision = parse_precision(options.quantise)
    parts = _parts(layers[-1], values)
    found = quantise(parts, precision, where)
    sums = _sums(parts, found)
    module = build_module(
        features,
        [*nets, Netlist(layers[-1].weight.shape[1], [], np.zeros((0, 2), np.int32), sums.net)],
        Sums(max(2, outputs), 1 / found.step, sums.group, sums.weight, sums.offset),
        feature=feature,
        level=level,
        one_hot=binarisation.one_hot(features),
        provenance={**provenance, "input": binarisation.text, "quantisation": found.text},
    )

    def real(x: NDArray[Any]) -> Ints:
        low, high = parts.value.reshape(outputs, -1, 2).transpose(2, 1, 0)
        scores = parts.base + low.sum(axis=0) + run(inner, x).bits @ (high - low)
        return scores.argmax(axis=1) if outputs > 1 else (scores[:, 0] > 0).astype(np.int64)

    def exact(x: NDArray[Any]) -> Ints:
        classes = run(module, x).classes
        assert classes is not None
        return classes

    tell(found, "weights of the last layer", where, precision.data, real, exact)
    return module


def _parts(last: Dense, values: str) -> Parts:
    """What the scores add up: for each class and input the values that it gives as 0 and as 1."""
    outputs, inputs = last.weight.shape
    base, one = np.zeros((1, outputs)), np.ones((1, outputs))
    for step in last.steps:  # bias and batch norm: linear
        base, one = step(base), step(one)
    weight = (one - base).T * last.weight
    both = np.stack([-weight if values == SIGNS else np.zeros_like(weight), weight], axis=2)
    part = np.repeat(np.arange(outputs * inputs, dtype=np.int64), 2)
    group = np.repeat(np.arange(outputs, dtype=np.int64), inputs)
    return Parts(both.ravel(), part, group, base.ravel())


def _sums(parts: Parts, found: Quantised) -> Sum:
    """The class sums over the bits of the layer before; one score becomes class 1 above 0."""
    low, high = found.level.reshape(-1, 2).T
    weight, offset = high - low, found.offset.copy()
    np.add.at(offset, parts.group, low)
    used = np.flatnonzero(weight)
    inputs = len(weight) // len(offset)
    sums = weigh(2 * (used % inputs), parts.group[used], weight[used], offset)
    if len(offset) > 1:
        return sums
    return Sum(sums.net, sums.group + 1, sums.weight, np.concatenate([[0], sums.offset]))
