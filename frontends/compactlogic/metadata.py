"""What CompactLogic's training writes beside its checkpoints, ``meta_data.json``: its arguments.

The data set's name holds shape, levels and classes, ``struct`` the windows of the convolutions, as
the library builds them (``conv_spm``, ``conv_chm``); tau stands there as it is.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lgc.errors import InputError
from lgc.guards import is_dict
from lgc.reading import LoadOptions

FILE = "meta_data.json"

_WINDOWS = {
    "conv_spm": {"kernel": [3, 3, 3, 3], "padding": [1, 1, 1, 1], "stride": [2, 1, 2, 1]},
    "conv_chm": {"kernel": [3, 1, 3, 1], "padding": [1, 0, 1, 0], "stride": [2, 1, 2, 1]},
}
_IMAGES = {"cifar-10": ((3, 32, 32), 10), "tiny-imagenet": ((3, 64, 64), 200)}


def described_by_training(path: Path, options: LoadOptions) -> tuple[LoadOptions, dict[str, Any]]:
    """Options and geometry from the file beside a checkpoint; as they were where there is none.

    Raises:
        InputError: it cannot be read.
    """
    file = path.with_name(FILE)
    if not file.is_file():
        return options, {}
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError("this is not JSON", where=str(file)) from None
    arguments: Any = content.get("args") if is_dict(content) else None
    if not is_dict(arguments):
        return options, {}
    known, geometry = _known(arguments)
    missing = {name: value for name, value in known.items() if getattr(options, name) is None}
    return dataclasses.replace(options, **missing), geometry


def _known(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    known: dict[str, Any] = {}
    geometry: dict[str, Any] = dict(_WINDOWS.get(str(arguments.get("struct")), {}))
    tau, dataset = arguments.get("tau"), str(arguments.get("dataset"))
    if isinstance(tau, int | float) and not isinstance(tau, bool):
        known["tau"] = float(tau)
    images = re.match(r"(cifar-10|tiny-imagenet)-(\d{1,3})-", dataset)
    shape: tuple[int, ...] = ()
    if dataset == "mnist":
        shape, known["classes"] = (1, 28, 28), 10
        known["input"] = ">0.49999997"  # the library has x ≥ 0.5; nothing of 32 bits lies between
    elif images is not None and int(images[2]):
        shape, known["classes"] = _IMAGES[images[1]]
        levels = int(images[2])
        steps = ",".join(repr((i + 1) / (levels + 1)) for i in range(levels))
        known["input"] = f"thermometer:{steps}"
    if shape:
        geometry["shape"] = list(shape)
        if not str(arguments.get("struct")).startswith("conv"):
            known["inputs"] = shape[0] * shape[1] * shape[2]
    return known, geometry
