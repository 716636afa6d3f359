"""Slots: places in the scratch memory for values, used again when the last reader has run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]


def assign_slots(
    inputs: int, born: Ints, last: Ints, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], int]:
    """A slot for each wanted net; gates run in groups, and a slot is free after the last of these.

    Args:
        inputs: their nets have the slots 0 … inputs-1 whether wanted or not.
        born: the group that computes each net, ascending; -1 for inputs.
        last: the last group that reads each net, -1 where none does.
        wanted: whether a net needs a slot.

    Returns:
        int32 ``(nets,)``, -1 where not wanted, and the number of slots.
    """
    slot = np.full(len(born), -1, np.int32)
    slot[:inputs] = np.arange(inputs)
    starts = inputs + np.flatnonzero(wanted[inputs:])
    groups = int(born.max(initial=-1)) + 1
    first = np.searchsorted(born[starts], np.arange(groups + 1))
    held = np.concatenate([np.flatnonzero(last[:inputs] >= 0), starts])
    held = held[np.argsort(last[held], kind="stable")]
    ended = np.searchsorted(last[held], np.arange(groups))
    free = np.empty(len(born), np.int32)
    spare, top = 0, inputs
    for group in range(groups):
        if group:
            over = held[ended[group - 1] : ended[group]]
            free[spare : spare + len(over)] = slot[over]
            spare += len(over)
        fresh = starts[first[group] : first[group + 1]]
        taken = min(spare, len(fresh))
        slot[fresh[:taken]] = free[spare - taken : spare][::-1]
        spare -= taken
        slot[fresh[taken:]] = np.arange(top, top + len(fresh) - taken)
        top += len(fresh) - taken
    return slot, top
