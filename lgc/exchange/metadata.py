"""The JSON beside a gate list: classes, tau, width of the input and its binarisation."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..guards import is_dict, is_list
from .gate_list import FIELDS, NAMES


@dataclass(frozen=True)
class Metadata:
    """What a gate list does not say.

    Attributes:
        bits: that enter the first layer.
        sizes: neurons in each layer.
        classes, tau, beta: of the class sums.
        input: the binarisation, as ``--input`` spells it.
    """

    bits: int | None = None
    sizes: tuple[int, ...] | None = None
    classes: int | None = None
    tau: float | None = None
    beta: float | None = None
    input: str | None = None


def metadata_path(path: Path) -> Path:
    """``net_gates.csv`` has ``net_metadata.json`` beside it, as has ``net.csv``."""
    return path.with_name(f"{path.stem.removesuffix('_gates')}_metadata.json")


def read_metadata(text: str, where: str) -> Metadata:
    """Read the JSON. ``num_layers`` and ``num_neurons`` are not trusted: real files have others.

    Raises:
        InputError: it is no JSON object, or a value is not what it should be.
    """
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("this is not JSON", where=where) from None
    if not is_dict(content):
        raise InputError("the metadata of a gate list is a JSON object", where=where)
    sums = content.get("group_sum")
    sums = sums if is_dict(sums) else {}
    sizes = content.get("logic_layer_sizes")
    if sizes is not None and (not is_list(sizes) or not all(map(_counts, sizes))):
        raise _wrong("logic_layer_sizes", sizes, where)
    found = {
        "class_count": content.get("class_count", sums.get("class_count")),
        "in_dim": content.get("in_dim"),
    }
    for key, value in found.items():
        if value is not None and not _counts(value):
            raise _wrong(key, value, where)
    tau = content.get("tau", sums.get("tau"))
    if tau is not None and not (_is_number(tau) and 0 < tau < math.inf):
        raise _wrong("tau", tau, where)
    beta = content.get("beta", sums.get("beta"))
    if beta is not None and not (_is_number(beta) and abs(beta) < math.inf):
        raise _wrong("beta", beta, where)
    return Metadata(
        found["in_dim"],
        None if sizes is None else tuple(sizes),
        found["class_count"],
        None if tau is None else float(tau),
        None if beta is None else float(beta),
        _binarisation(content, where),
    )


def _binarisation(content: dict[Any, Any], where: str) -> str | None:
    text = content.get("input")
    if text is not None:
        if not isinstance(text, str):
            raise _wrong("input", text, where)
        return text
    preprocess = content.get("preprocess")
    given = preprocess.get("binarization") if is_dict(preprocess) else None
    if not is_dict(given):
        return None
    threshold = given.get("threshold")
    kind, comparison = given.get("type"), given.get("comparison", ">")
    if kind != "single_threshold" or comparison != ">" or not _is_number(threshold):
        raise InputError(
            f"the binarisation {json.dumps(given)[:60]} is not known",
            where=where,
            hint="say it with --input, after taking it out of the file",
        )
    return f">{threshold!r}"


def _wrong(key: str, value: Any, where: str) -> InputError:
    return InputError(f"{key} cannot be {json.dumps(value)[:40]}", where=where)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def write_metadata(given: Metadata, threshold: float | None, comment: Sequence[str]) -> str:
    """The JSON text.

    Args:
        threshold: where every number makes one bit, ``x > threshold``.
        comment: lines for people.
    """
    content: dict[str, Any] = {"in_dim": given.bits, "logic_layer_sizes": list(given.sizes or ())}
    if given.classes is not None:
        sums = {"class_count": given.classes, "tau": given.tau}
        sums |= {"beta": given.beta} if given.beta else {}
        content |= {**sums, "group_sum": {"type": "GroupSum", **sums}}
    if given.input is not None:
        content["input"] = given.input
    if threshold is not None:
        rule = {"type": "single_threshold", "threshold": threshold, "comparison": ">"}
        content["preprocess"] = {"binarization": rule}
    content |= {
        "gate_operations": list(NAMES), "csv_fields": list(FIELDS), "comment": list(comment),
    }  # fmt: skip
    return json.dumps(content, indent=2) + "\n"
