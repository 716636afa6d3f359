"""What `lgc inspect` says of a DWN: its layers, and what its file lacks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.reading import Inspection, LoadOptions, Missing
from lgc.states import ENCODING

from .layers import LutLayer


def inspection(
    layers: list[LutLayer], thresholds: NDArray[np.float64] | None, options: LoadOptions
) -> Inspection:
    """Rows of layers, and options that are needed.

    Args:
        thresholds: of the thermometer, where they are known.
        options: those that are given already.
    """
    holds = [(f"layer {layer.name}", _layer(layer)) for layer in layers]
    if thresholds is not None:
        features = thresholds.size // thresholds.shape[-1]
        of = "all numbers" if features == 1 else f"each of {features} numbers"
        holds.append(("thermometer", f"{thresholds.shape[-1]} thresholds for {of}"))
    elif options.input is not None:
        holds.append(("input", options.input))
    missing = [
        Missing(option, why)
        for option, value, why in (
            ("classes", options.classes, "GroupSum's k, the number of classes"),
            ("tau", options.tau, "GroupSum's divisor; 1 gives plain counts"),
        )
        if value is None
    ]
    known = thresholds is not None or options.input is not None
    assumed = () if known else (ENCODING,)
    return Inspection("DWN state dict (torch_dwn)", tuple(holds), tuple(missing), assumed)


def _layer(layer: LutLayer) -> str:
    reads = f"at least {layer.least}" if layer.inputs is None else str(layer.inputs)
    wiring = "learnt" if layer.learnt else "fixed"
    return f"{len(layer.luts)} LUTs of {layer.n} inputs, {wiring} wiring, reads {reads} bits"
