"""What `lgc inspect` says of a file of difflogic: its layers, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lgc.checkpoint import Checkpoint
from lgc.reading import Inspection, LoadOptions, Missing

from .layers import LIGHT, Sketch, sketch


def inspection(
    checkpoint: Checkpoint, path: Path, options: LoadOptions, beside: bool
) -> Inspection:
    """Rows and gaps.

    Args:
        options: with what a description gives.
        beside: there is a description.
    """
    layers = sketch(checkpoint.data)
    holds = [("format", checkpoint.format), *_layers(layers)]
    if beside:
        holds.append(("description", Path(options.description or path.with_suffix(".json")).name))
    return Inspection(
        "difflogic state dict",
        tuple(holds),
        tuple(_missing(layers, options)),
        tuple(_assumed(options)),
    )


def _layers(layers: list[Sketch]) -> Iterator[tuple[str, str]]:
    yield "layers", f"{len(layers)}, of {sum(one.gates for one in layers):,} gates"
    for one in layers:
        wiring = "wiring beside them" if one.wired else "no wiring"
        kind = f"{one.columns} {one.dtype} weights each"
        yield f"layer {one.prefix}", f"{one.gates:,} gates, {kind}, {wiring}"


def _missing(layers: list[Sketch], options: LoadOptions) -> Iterator[Missing]:
    bare = [one.prefix for one in layers if not one.wired]
    if bare and options.wiring is None:
        which = "of all layers" if len(bare) == len(layers) else f"of layer {', '.join(bare)}"
        yield Missing("wiring", f"file that holds the wiring {which}: which two nets a gate reads")
    if options.classes is None:
        outputs = f"; divides {layers[-1].gates:,}" if layers else ""
        yield Missing("classes", f"number of classes, GroupSum's k{outputs}")
    if options.tau is None:
        yield Missing("tau", "GroupSum's divisor; 1 gives plain counts")
    if options.parametrisation is None and any(one.columns == 4 for one in layers):
        yield Missing("parametrisation", "what the four weights of a gate are", tuple(LIGHT))


def _assumed(options: LoadOptions) -> Iterator[Missing]:
    if options.input is None:
        yield Missing("input", "bool, a bit is x > 0; how numbers become bits is in no file")
