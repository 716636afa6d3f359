"""Report: the figures of a design, as JSON and as the README of a project."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from ..chain import provenance
from ..hardware.datapath import Word
from ..hardware.design import Hardware, Size, gates_of, registers_of, widths
from ..hardware.grid import Pixels
from ..hardware.options import HardwareOptions
from ..hardware.streaming import Streamed
from ..model import Model
from .folder import MARK
from .test_bench import Shape
from .vectors import Vectors


def report(
    made: Hardware, shape: Shape, model: Model, checked: str, vectors: Vectors, megahertz: float
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
        "state": shape.state,
        "results": [[word.name, word.width, word.count, word.signed] for word in shape.results],
        "unit": "LUTs" if shape.options.kind == "lut" else "gates",
        "total": gates_of(made),
        "by_inputs": {str(k): count for k, count in widths(made).items()},
        "parts": {size.name: _part(size) for size in made.sizes},
        "stages": [{"depth": depth, "registers": bits} for depth, bits in made.ranked],
        "registers": registers_of(made),
        "latency": made.latency + int(axi),
        "initiation_interval": shape.interval,
        "stream": _stream(made) if isinstance(made, Streamed) else None,
        "megahertz": megahertz,
        "checked": checked,
        "vectors": {
            "samples": len(vectors),
            "origin": vectors.origin,
            "accuracy": vectors.accuracy,
        },
    }


def _stream(made: Streamed) -> dict[str, Any]:
    return {
        "pixels": asdict(made.pixels),
        "line_buffers": made.memory,
        "registers": made.remembered,
        "windows": [str(window.grid) for window in made.windows],
    }


def _part(size: Size) -> dict[str, Any]:
    by = {str(k): size.copies * count for k, count in size.widths.items()}
    copies = {"copies": size.copies} if size.copies > 1 else {}
    return {"total": size.total, "by_inputs": by, **copies}


def words(found: dict[str, Any]) -> tuple[Word, ...]:
    """The results of a design, from its report."""
    return tuple(Word(*one) for one in found["results"])


def shape_of(found: dict[str, Any]) -> Shape:
    """What the test bench must know, from the report."""
    options = HardwareOptions(**found["options"])
    stream = found.get("stream")
    state = found.get("state", 0)  # projects of models without one may lack it
    return Shape(
        found["name"], found["inputs"], words(found),
        found["latency"] - int(options.interface == "axi"), options,
        None if stream is None else Pixels(**stream["pixels"]), found["initiation_interval"],
        state,
    )  # fmt: skip


def shape(name: str, made: Hardware, options: HardwareOptions) -> Shape:
    """What the test bench must know of a design."""
    found = Shape(name, made.inputs, made.results, made.latency, options, state=made.state)
    if isinstance(made, Streamed):
        return replace(found, pixels=made.pixels, interval=made.clocking.interval)
    return replace(found, interval=found.beats)
