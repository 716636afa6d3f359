"""Counterexamples made small: as few bits set as keep the difference.

Parts of the input are emptied by halves, quarters and so on while the difference stays (Zeller and
Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), then bit by bit until no
single one can go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes, pack_planes
from ..facts import Facts

Bits = NDArray[np.bool_]
Differs = Callable[[Planes], Bits]
"""From planes to one truth a sample, padding included."""


def shrink(bits: Bits, facts: Facts, differs: Differs) -> Bits:
    """A vector that can occur, still differs, and has no bit set that may simply be cleared.

    Args:
        bits: bool ``(inputs,)``, a vector that can occur and differs.
        differs: which samples of some planes differ.
    """
    current = bits.copy()
    size = max(1, int(current.sum()) // 2)
    while True:
        chosen = _order(current, facts)
        if not len(chosen):
            return current
        pieces = [chosen[start : start + size] for start in range(0, len(chosen), size)]
        kept = _tried(current, pieces, facts, differs)
        if kept:
            # of those that can go alone, as many as can go together; the first can
            alone = [pieces[i] for i in kept]
            together = [np.concatenate(alone[: n + 1]) for n in range(len(alone))]
            most = _tried(current, together, facts, differs)[-1]
            current[together[most]] = False
        elif size == 1:
            return current
        else:
            size //= 2
        size = max(1, min(size, int(current.sum())))


def _tried(
    current: Bits, pieces: list[NDArray[np.int64]], facts: Facts, differs: Differs
) -> list[int]:
    """Which pieces can be cleared, each for itself."""
    tries = np.repeat(current[None], len(pieces), axis=0)
    for row, piece in zip(tries, pieces):
        row[piece] = False
    good = facts.hold(tries) & differs(pack_planes(tries))[: len(tries)]
    return np.flatnonzero(good).tolist()


def _order(current: Bits, facts: Facts) -> NDArray[np.int64]:
    """Bits that are set, those of one feature together and the highest threshold first."""
    chosen = np.flatnonzero(current)
    return chosen[np.lexsort((-facts.rank[chosen], facts.group[chosen]))]
