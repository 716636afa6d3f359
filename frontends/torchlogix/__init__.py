"""torchlogix models: live modules, state dicts with a description, and circuits as JSON."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import parse_binarisation
from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.description import describe
from lgc.errors import InputError, LgcWarning, UsageError
from lgc.interchange import head, origin, read_file
from lgc.reading import Frontend, Inspection, LoadOptions

from .building import build
from .circuit import content_of, is_circuit, is_live_circuit, module_of_circuit, read_json
from .describing import NUMBER, described, stack
from .inspecting import inspection, inspection_of_circuit
from .layers import Dense, Encode, Flatten, Layer, Shape
from .live import is_torchlogix, known_shape, walk
from .shapes import entry_shape, parse_shape
from .state import State, find, has_gates

_EXTRA = {"layers": list, "beta": NUMBER}


class Torchlogix(Frontend):
    """Reads what torchlogix 0.2 and later save, and its models as they are."""

    name = "torchlogix"

    def recognises(self, path: Path) -> bool:
        if is_checkpoint(path):
            return has_gates(read_checkpoint(path))
        return is_circuit(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        if not is_checkpoint(path):
            data = read_file(path)
            told = origin(path, data, self.name)
            return module_of_circuit(read_json(data, path.name), options, path.name, told)
        checkpoint = read_checkpoint(path)
        options, extra = describe(path, options, self.name, _EXTRA)
        layers = _layers(find(checkpoint), extra, options, path.name)
        shape = _shape_of_file(layers, options, path.name)
        told = {"source": path.name, "sha256": checkpoint.sha256, "frontend": self.name}
        return build(layers, shape, options, path.name, told)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        if not is_checkpoint(path):
            content = read_json(read_file(path), path.name)
            return inspection_of_circuit(content)
        checkpoint = read_checkpoint(path)
        options, extra = describe(path, options, self.name, _EXTRA)
        return inspection(checkpoint.format, find(checkpoint), extra, options)

    def recognises_object(self, model: object) -> bool:
        return is_torchlogix(model) or is_live_circuit(model)

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        where = type(model).__name__
        told = {"source": where, "frontend": self.name}
        if is_live_circuit(model):
            return module_of_circuit(content_of(model), options, where, told)
        layers = walk(model, where)
        return build(layers, _shape_of_model(model, layers, options, where), options, where, told)


def _layers(state: State, extra: dict[str, Any], options: LoadOptions, where: str) -> list[Layer]:
    if "layers" in extra:
        return described(state, extra["layers"], options, where)
    return stack(state, float(extra.get("beta", 0.0)), options, where)


def _shape_of_model(model: object, layers: list[Layer], options: LoadOptions, where: str) -> Shape:
    if options.sample_shape is not None:
        return parse_shape(options.sample_shape)
    try:
        return entry_shape(layers, where)
    except UsageError:
        if (known := known_shape(model)) is None:
            raise
        return known


def _shape_of_file(layers: list[Layer], options: LoadOptions, where: str) -> Shape:
    """The shape that is given, or that of a row as wide as the first layer of gates needs."""
    if options.sample_shape is not None:
        return parse_shape(options.sample_shape)
    front: list[Layer] = []
    for layer in layers:
        front.append(layer)
        if not isinstance(layer, Encode | Flatten):
            break
    if front and isinstance(first := front[-1], Dense):
        front[-1] = replace(first, inputs=_width(first, front, options, where))
    return entry_shape(front, where)


def _width(first: Dense, front: list[Layer], options: LoadOptions, where: str) -> int:
    """Bits that enter the first layer: by ``--inputs``, else by its wiring."""
    binarisation = parse_binarisation(options.input or "bool")
    count = len(binarisation.levels)
    for layer in front:
        if isinstance(layer, Encode) and layer.thresholds is not None:
            count = layer.thresholds.shape[-1]
    if options.inputs is not None:
        if options.inputs < 1:
            raise UsageError(
                f"a model has at least one input, not {options.inputs}", where="--inputs"
            )
        return options.inputs * count
    if binarisation.groups:
        return sum(binarisation.groups)
    least = int(first.reads.max(initial=0)) + 1
    if least > first.reads.size:  # torchlogix has every input read
        raise InputError(
            f"the first layer reads net {least - 1}, and has no more than {first.reads.size} wires",
            where=where,
            hint="if it is right, --inputs says how many numbers there are",
        )
    numbers = -(-least // count)
    warnings.warn(
        f"{where}: the input width is not in the file; {numbers} is the least that the "
        "wiring allows, --inputs states it",
        LgcWarning,
        stacklevel=2,
    )
    return numbers * count
