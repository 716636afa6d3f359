"""The shape of a sample: given, or what the first layer of gates says of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lgc.errors import UsageError
from lgc.guards import is_list

from .layers import Dense, Encode, Flatten, Layer, Residual, Shape, Trees

_HINT = "give the shape of one sample: --sample-shape 3,32,32, or sample_shape=(3, 32, 32)"


def parse_shape(given: Any) -> Shape:
    """``3,32,32`` or whole numbers.

    Raises:
        UsageError: it is neither.
    """
    parts: Sequence[Any] = ()
    if isinstance(given, str):
        parts = [
            int(part) if re.fullmatch(r"\s*[0-9]{1,9}\s*", part) else None
            for part in re.split("[,x]", given)
        ]
    elif is_list(given) or isinstance(given, tuple):
        parts = list(given)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if not parts or not all(type(part) is int and part > 0 for part in parts):
        raise UsageError(f"{given!r} is not a shape", where="--sample-shape", hint=_HINT)
    return tuple(parts)


def entry_shape(layers: Sequence[Layer], where: str) -> Shape:
    """The shape of a sample, told by the first layer that knows its own.

    Raises:
        UsageError: it does not follow from that.
    """
    before: list[Layer] = []
    for layer in _in_order(layers):
        if isinstance(layer, Dense) and layer.inputs is not None:
            return _back((layer.inputs,), before, where)
        if isinstance(layer, Trees) and layer.channels is not None and layer.grid_in is not None:
            return _back((layer.channels, *layer.grid_in), before, where)
        before.append(layer)
        if not isinstance(layer, Encode | Flatten):
            break
    raise UsageError("the shape of a sample is not in the model", where=where, hint=_HINT)


def _in_order(layers: Iterable[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if isinstance(layer, Residual):
            yield from _in_order(layer.main)
        else:
            yield layer


def _back(shape: Shape, before: Sequence[Layer], where: str) -> Shape:
    """The shape in front of layers that give ``shape``.

    A flatten hides the shape it got. The order of the bits behind it is that of a plain row where
    bits are known to be folded into the last axis, or a number makes one bit.
    """
    flat = any(isinstance(layer, Flatten) for layer in before)
    for layer in reversed(before):
        if not isinstance(layer, Encode) or layer.thresholds is None:
            continue
        rows, count = layer.thresholds.shape[:-1], layer.thresholds.shape[-1]
        axis = _axis(layer, len(shape))
        if shape[axis] % count:
            raise UsageError(
                f"{shape[axis]} bits are not numbers of {count} thresholds", where=where, hint=_HINT
            )
        numbers = (*shape[:axis], shape[axis] // count, *shape[axis + 1 :])
        alike = layer.axis == -2 or count == 1
        own_row = rows == (math.prod(numbers),)
        if flat and not own_row and (rows not in ((), (1,)) or not alike):
            raise UsageError(
                f"thresholds of shape {layer.thresholds.shape} before a flatten: the order of the "
                "bits depends on the shape of a sample",
                where=where,
                hint=f"{_HINT}; --sample-shape {math.prod(numbers)} for plain rows",
            )
        return numbers
    return shape


def _axis(layer: Encode, axes: int) -> int:
    """Axis of a sample of so many axes; the last where it has fewer than the layer counts on."""
    if layer.axis is None:
        return axes - 1
    axis = (layer.axis + axes + 2 if layer.axis < 0 else layer.axis) - 1
    return axis if 0 <= axis < axes else axes - 1
