"""Report: the figures of a design, as JSON and as the README of a project."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from ..chain import provenance
from ..hardware.datapath import Word
from ..hardware.design import Design, widths
from ..hardware.options import HardwareOptions
from ..model import Model
from ..surgery import arity
from .folder import MARK
from .test_bench import Shape
from .vectors import Vectors


def report(
    made: Design, shape: Shape, model: Model, checked: str, vectors: Vectors, megahertz: float
) -> dict[str, Any]:
    """What ``report.json`` holds."""
    from .. import __version__

    axi = shape.options.interface == "axi"
    return {
        "kind": MARK,
        "lgc": __version__,
        "name": shape.name,
        "options": asdict(shape.options),
        "model": provenance(model.module),
        "inputs": shape.inputs,
        "results": [[word.name, word.width, word.count, word.signed] for word in shape.results],
        "unit": "LUTs" if shape.options.kind == "lut" else "gates",
        "total": made.gates,
        "by_inputs": {str(k): count for k, count in widths(made.net).items()},
        "parts": _parts(made),
        "stages": [
            {"depth": depth, "registers": len(made.ranks[number]) if made.stages.count else 0}
            for number, depth in enumerate(made.depths)
        ],
        "registers": made.registers,
        "latency": made.stages.count + int(axi),
        "initiation_interval": shape.beats if axi else 1,
        "megahertz": megahertz,
        "checked": checked,
        "vectors": {
            "samples": len(vectors),
            "origin": vectors.origin,
            "accuracy": vectors.accuracy,
        },
    }


def _parts(made: Design) -> dict[str, dict[str, Any]]:
    reads = arity(made.net)
    found: dict[str, dict[str, Any]] = {}
    for number, name in enumerate(made.names):
        counts = np.bincount(reads[made.part == number]).tolist()
        by = {str(k): count for k, count in enumerate(counts) if k and count}
        found[name] = {"total": sum(by.values()), "by_inputs": by}
    return found


def words(found: dict[str, Any]) -> tuple[Word, ...]:
    """The results of a design, from its report."""
    return tuple(Word(*one) for one in found["results"])


def shape_of(found: dict[str, Any]) -> Shape:
    """What the test bench must know, from the report."""
    options = HardwareOptions(**found["options"])
    latency = found["latency"] - int(options.interface == "axi")
    return Shape(found["name"], found["inputs"], words(found), latency, options)
