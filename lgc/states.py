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

EXTRA_STATE = "_extra_state"
"""Where a module of torch puts what is no tensor; those of lgc.nn say there what they are."""

NOTES = "notes"
"""Where lgc.nn.save puts what a person should know of a network, as JSON in bytes."""

_STATES = ("state_dict", "model_state_dict", "model_state")

ENCODING = Missing("input", "bool, a bit is x > 0; how numbers become bits is in no file")
"""What is assumed of a model that says nothing of its bits."""


def state_of(data: Any) -> Mapping[str, Any]:
    """The dict with the tensors, wherever a training script put it; empty without one."""
    for key in _STATES:
        if is_dict(data) and is_dict(data.get(key)):
            data = data[key]
    return {str(key): value for key, value in data.items()} if is_dict(data) else {}


def is_described(state: Mapping[str, Any]) -> bool:
    """Whether modules of a state dict say what they are, as those of lgc.nn do."""
    return any(key.rpartition(".")[2] == EXTRA_STATE for key in state)


def is_own(module: object) -> bool:
    """Whether a live module is one of lgc.nn."""
    return type(module).__module__.startswith("lgc.nn.")


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
    """A tensor of torch, of any device and type, as an array; bfloat16 as float32."""
    if not hasattr(tensor, "detach"):
        return np.asarray(tensor)
    held = tensor.detach().cpu()
    return (held.float() if str(held.dtype) == "torch.bfloat16" else held).numpy()


def check_finite(weights: NDArray[Any], where: str) -> None:
    """Refuse weights, ``(out, …)``, that training has left without meaning.

    Raises:
        InputError: some are NaN or infinite.
    """
    finite: NDArray[np.bool_] = np.all(np.isfinite(weights), axis=tuple(range(1, weights.ndim)))
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


def missing_sums(options: LoadOptions) -> list[Missing]:
    """What options do not say of a GroupSum."""
    missing: list[Missing] = []
    if options.classes is None:
        missing.append(Missing("classes", "GroupSum's k, the number of classes"))
    if options.tau is None:
        missing.append(Missing("tau", "GroupSum's divisor; 1 gives plain counts"))
    return missing


def stated_sums(options: LoadOptions, where: str) -> tuple[int, float]:
    """The number of classes and the divisor.

    Raises:
        UsageError: one of them is missing.
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
    return options.classes, float(options.tau)


def padded_sums(options: LoadOptions, outputs: int, where: str) -> Sums:
    """A GroupSum that fills the last group up with zeros.

    Raises:
        UsageError: the number of classes, or the divisor, is missing or cannot be.
    """
    classes, tau = stated_sums(options, where)
    if not 1 <= classes <= outputs:
        raise UsageError(
            f"{outputs} outputs cannot be summed for {classes} classes", where="--classes"
        )
    if not (np.isfinite(tau) and tau > 0):
        raise UsageError(f"tau must be a positive number, not {tau}", where="--tau")
    if outputs % classes == 0:
        return Sums(classes, tau)
    size = -(-outputs // classes)
    return Sums(classes, tau, group=np.arange(outputs) // size)
