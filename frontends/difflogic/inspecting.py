"""What `lgc inspect` says of a file of difflogic: its layers, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lgc.binarisation import parse_binarisation
from lgc.reading import Inspection, Missing

from .file import File
from .layers import LIGHT


def inspection(file: File) -> Inspection:
    """Rows and gaps."""
    return Inspection(
        "difflogic state dict",
        tuple(_holds(file)),
        tuple(_missing(file)),
        tuple(_assumed(file)),
    )


def _holds(file: File) -> Iterator[tuple[str, str]]:
    yield "format", file.checkpoint.format
    gates = sum(len(weights) for _, weights in file.weights)
    yield "layers", f"{len(file.weights)}, of {gates:,} gates"
    for (prefix, weights), pair in zip(file.weights, file.beside):
        kind = f"{weights.shape[1]} {weights.dtype} weights each"
        wiring = "no wiring" if pair is None else "wiring beside them"
        yield f"layer {prefix}", f"{len(weights):,} gates, {kind}, {wiring}"
    if file.options.wiring is not None:
        yield "wiring", str(file.replay or Path(file.options.wiring).name)
    if file.config.told:
        yield file.config.name, file.config.told
    if file.described:
        beside = file.options.description or file.path.with_suffix(".json")
        yield "description", Path(beside).name


def _missing(file: File) -> Iterator[Missing]:
    options = file.options
    bare = [prefix for (prefix, _), pair in zip(file.weights, file.beside) if pair is None]
    if bare and options.wiring is None:
        which = "all layers" if len(bare) == len(file.weights) else f"layer {', '.join(bare)}"
        yield Missing("wiring", f"which two nets each gate of {which} reads", _WAYS)
    groups = parse_binarisation(options.input or "bool").groups
    if file.replay is not None and options.inputs is None and not groups:
        yield Missing("inputs", "numbers in one sample, which the replay has to know")
    if options.classes is None:
        outputs = f"; divides {len(file.weights[-1][1]):,}" if file.weights else ""
        yield Missing("classes", f"number of classes, GroupSum's k{outputs}")
    if options.tau is None:
        yield Missing("tau", "GroupSum's divisor; 1 gives plain counts")
    if options.parametrisation is None and any(w.shape[1] == 4 for _, w in file.weights):
        yield Missing("parametrisation", "what the four weights of a gate are", tuple(LIGHT))


_WAYS = ("a file that holds it", "replay:…, which --try-replay finds")


def _assumed(file: File) -> Iterator[Missing]:
    if file.options.input is None:
        yield Missing("input", "bool, a bit is x > 0; how numbers become bits is in no file")
