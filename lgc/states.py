"""What trained models of all libraries have in common: a dict of tensors, modules, class sums."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chain import Sums
from .errors import InputError, UsageError
from .guards import is_dict
from .reading import LoadOptions, Missing

_STATES = ("state_dict", "model_state_dict", "model_state")

ENCODING = Missing("input", "bool, a bit is x > 0; how numbers become bits is in no file")
"""What is assumed of a model that says nothing of its bits."""


def state_of(data: Any) -> Mapping[str, Any]:
    """The dict with the tensors, wherever a training script put it; empty without one."""
    for key in _STATES:
        if is_dict(data) and is_dict(data.get(key)):
            data = data[key]
    return {str(key): value for key, value in data.items()} if is_dict(data) else {}


def naturally(name: str) -> list[tuple[int, str]]:
    """Sort key: numbers by value, so that layer 10 follows layer 9."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]


def modules_of(model: Any, leaf: Callable[[Any], bool] = lambda _: False) -> Iterator[Any]:
    """The modules of torch in a model that hold no others, in the order in which they stand there.

    Args:
        leaf: modules of which the children are not looked at.
    """
    children = list(model.children()) if hasattr(model, "children") else []
    if not children or leaf(model):
        yield model
        return
    for child in children:
        yield from modules_of(child, leaf)


def array_of(tensor: Any) -> NDArray[Any]:
    """A tensor of torch as an array."""
    return np.asarray(tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor)


def check_finite(weights: NDArray[Any], where: str) -> None:
    """Refuse weights, ``(out, …)``, that training has left without meaning.

    Raises:
        InputError: some are NaN or infinite.
    """
    finite = np.isfinite(weights.reshape(len(weights), -1)).all(axis=1)
    if not finite.all():
        raise InputError(
            f"neuron {int(finite.argmin())} has weights that are NaN or infinite",
            where=where,
            hint="the training diverged, or the file is damaged",
        )


def check_reads(reads: NDArray[np.int64], inputs: int, where: str) -> None:
    """Refuse wiring, ``(out, k)``, that leaves the inputs.

    Raises:
        InputError: it does.
    """
    bad = ((reads < 0) | (reads >= inputs)).any(axis=1)
    if bad.any():
        gate = int(bad.argmax())
        net = next(int(read) for read in reads[gate] if not 0 <= read < inputs)
        raise InputError(
            f"gate {gate} reads net {net}, but the layer has {inputs} inputs",
            where=where,
            hint="was the checkpoint saved with another input size?",
        )


def padded_sums(options: LoadOptions, outputs: int, where: str) -> Sums:
    """A GroupSum that fills the last group up with zeros.

    Raises:
        UsageError: the number of classes, or the divisor, is missing or cannot be.
    """
    if options.classes is None:
        raise UsageError(
            "the number of classes is not in the file", where=where, hint="give it with --classes"
        )
    if options.tau is None:
        raise UsageError(
            "GroupSum's tau is not in the file",
            where=where,
            hint="give it with --tau; --tau 1 gives plain counts",
        )
    if not 1 <= options.classes <= outputs:
        raise UsageError(
            f"{outputs} outputs cannot be summed for {options.classes} classes", where="--classes"
        )
    if not (np.isfinite(options.tau) and options.tau > 0):
        raise UsageError(f"tau must be a positive number, not {options.tau}", where="--tau")
    if outputs % options.classes == 0:
        return Sums(options.classes, float(options.tau))
    size = -(-outputs // options.classes)
    return Sums(options.classes, float(options.tau), group=np.arange(outputs) // size)
