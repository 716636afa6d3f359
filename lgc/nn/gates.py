"""The sixteen gates as weighted sums of a few terms, which is how a layer computes their mixture.

A mixture of gates is linear in what the gates compute, and all sixteen are combinations of a few
terms. With independent inputs, x ∧ y = x·y, and four terms do: 1, x, y, x·y. Any other t-norm T
needs eight: 1, x, y, T(x, y), T(x, ¬y), T(¬x, y), T(¬x, ¬y) and x ⊕ y, where ¬x = 1 - x and
x ⊕ y = S(T(x, ¬y), T(¬x, y)) with S the conorm, S(x, y) = ¬T(¬x, ¬y). So a layer holds as many
coefficients for each neuron as there are terms, and never sixteen values for each sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GATES = 16


def entries(k: int = 2) -> NDArray[np.float32]:
    """Truth tables as rows of zeros and ones, float32 ``(2**2**k, 2**k)``; for k up to 3.

    Column i is the value for the inputs whose bits, the first the most significant, are i.
    """
    size = 1 << k
    tables = np.arange(1 << size)[:, None]
    return (tables >> np.arange(size)[::-1] & 1).astype(np.float32)


def _four() -> NDArray[np.float32]:
    t00, t01, t10, t11 = entries().T
    return np.stack([t00, t10 - t00, t01 - t00, t11 - t10 - t01 + t00], axis=1)


def _eight() -> NDArray[np.float32]:
    one, x, y, both, only_x, only_y, neither, differ = np.eye(8, dtype=np.float32)
    rows = [
        np.zeros(8, np.float32), both, only_x, x, only_y, y, differ, one - neither,
        neither, one - differ, one - y, one - only_y, one - x, one - only_x, one - both, one,
    ]  # fmt: skip
    return np.stack(rows)


FOUR = _four()
"""float32 ``(16, 4)``: gate g is ``FOUR[g] @ (1, x, y, x·y)``."""

EIGHT = _eight()
"""float32 ``(16, 8)``: the same in the eight terms of any t-norm."""
