"""What `lgc inspect` says of a CompactLogic model: its layers, and what its file lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lgc.convolving import Convolution, Layer
from lgc.reading import Inspection, LoadOptions, Missing
from lgc.states import ENCODING, missing_sums


def inspection(
    layers: list[Layer], described: Mapping[str, Any], options: LoadOptions
) -> Inspection:
    """Rows of layers, and what a description and options have to say.

    Args:
        described: what a description says already.
        options: those that are given already.
    """
    holds = [(f"layer {layer.name}", _layer(layer)) for layer in layers]
    if options.input is not None:
        holds.append(("input", options.input))
    missing: list[Missing] = []
    if any(isinstance(layer, Convolution) for layer in layers):
        lacking = [key for key in ("shape", "kernel", "padding") if key not in described]
        if lacking:
            why = f"JSON that says {', '.join(lacking)}: see docs/formats/compactlogic.md"
            missing.append(Missing("description", why))
    missing += missing_sums(options)
    assumed = () if options.input is not None else (ENCODING,)
    return Inspection("CompactLogic state dict", tuple(holds), tuple(missing), assumed)


def _layer(layer: Layer) -> str:
    if isinstance(layer, Convolution):
        low, high = layer.where.min(axis=0).tolist(), layer.where.max(axis=0).tolist()
        rows, columns = (f"{low[i]} to {high[i]}" for i in (1, 2))
        return (
            f"convolution, {len(layer.net.outputs)} channels of at least {high[0] + 1}, rows "
            f"{rows} and columns {columns} of a window"
        )
    return f"{len(layer.tables)} gates, reads at least {layer.least} bits"
