"""What records do to memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc import tables

from .interpreter import Records
from .runs import kinds


def of_records(made: Records) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slots accessed in order, and which are stores: each record reads the planes its table depends
    on, and writes one."""
    kind = np.repeat(made.runs[:, 0], made.runs[:, 1])
    reads = [tables.depends(kinds().table, 3, operand)[kind] for operand in range(3)]
    there = np.stack([*reads, np.ones(len(kind), np.bool_)], axis=1)
    store = np.broadcast_to(np.arange(4) == 3, there.shape)
    return made.rows[there].astype(np.int64), store[there].astype(np.int64)
