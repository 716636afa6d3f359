"""What `lgc inspect` says of a convlogic model: its layers, and what its file lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lgc.convolving import Convolution, Layer
from lgc.reading import Inspection, LoadOptions, Missing
from lgc.states import ENCODING, missing_sums

from .layers import Found


def inspection(found: Found, described: Mapping[str, Any], options: LoadOptions) -> Inspection:
    """Rows of layers, and what a description and options have to say.

    Args:
        described: what a description says already.
        options: those that are given already.
    """
    trees = iter(found.trees)
    holds: list[tuple[str, str]] = []
    for layer in found.layers:
        if isinstance(layer, Convolution):
            gates, whole = next(trees)
            pool = ", pooled 2 × 2" if whole else ""
            holds.append((f"layer {layer.name}", f"{_convolution(layer)}, trees of {gates}{pool}"))
        else:
            holds.append((f"layer {layer.name}", _dense(layer)))
    if options.input is not None:
        holds.append(("input", options.input))
    lacking = ["shape", "kernel", "padding"]
    lacking += ["pool"] if not all(whole for _, whole in found.trees) else []
    lacking = [key for key in lacking if key not in described]
    missing: list[Missing] = []
    if lacking:
        why = f"JSON that says {', '.join(lacking)}: see docs/formats/convlogic.md"
        missing.append(Missing("description", why))
    missing += missing_sums(options)
    assumed = () if options.input is not None else (ENCODING,)
    return Inspection("convlogic state dict", tuple(holds), tuple(missing), assumed)


def _convolution(layer: Convolution) -> str:
    read, rows, columns = (int(most) + 1 for most in layer.where.max(axis=0))
    return (
        f"convolution, {len(layer.net.outputs)} channels of at least {read}, windows of at least "
        f"{rows} × {columns}"
    )


def _dense(layer: Layer) -> str:
    assert not isinstance(layer, Convolution)
    return f"{len(layer.tables)} gates, reads {layer.least} bits"
