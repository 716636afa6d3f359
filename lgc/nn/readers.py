"""The wiring of a layer turned around: which gates read each row.

The gradient of a row is the sum over its readers, so who knows them writes it once, without atomic
additions and always in the same order.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary


class Readers(NamedTuple):
    """Places of a wiring ``(2, out)``, read flat, in the order of the rows that stand there.

    Attributes:
        places: int64 ``(2 * out,)``; place p is input p // out of gate p % out.
        starts: int64 ``(rows + 1,)``; those of row r are ``places[starts[r] : starts[r + 1]]``.
    """

    places: Tensor
    starts: Tensor


def readers_of(indices: Tensor, rows: int) -> Readers:
    """Who reads each row; worked out once for a tensor, and again when it has been written to."""
    if indices.is_inference():  # which does not count what is written to it
        return _turned(indices, rows)
    held = _known.get(indices)
    if held is None or held[:2] != (indices._version, rows):
        held = (indices._version, rows, _turned(indices, rows))
        _known[indices] = held
    return held[2]


_known: MutableMapping[Tensor, tuple[int, int, Readers]] = cast(Any, WeakTensorKeyDictionary)()


def _turned(indices: Tensor, rows: int) -> Readers:
    ordered, places = indices.flatten().sort(stable=True)
    row = torch.arange(rows + 1, device=indices.device)
    return Readers(places, torch.searchsorted(ordered, row))
