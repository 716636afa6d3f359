"""When a trial ends early: a median rule that knows what networks cost at most.

Optuna prunes by one objective and refuses to with several. With several, a poor accuracy can
still stand on the front if the network is small. So a trial is only measured against those that
cannot be dearer: at some epochs, the *rungs*, it must be at least as accurate as the median of
the earlier trials whose networks, before compilation, are no larger than its own. The smallest
networks have nobody to be measured against, and are never pruned.

The bars that a trial must clear are fixed when it starts and travel with it: it needs to ask
nobody, wherever it runs.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Curve = tuple[tuple[int, float], ...]
"""Hard accuracy on the held-back rows after so many epochs."""

RUNGS = (1 / 8, 1 / 4, 1 / 2)
"""Shares of the epochs after which a trial may end."""

PEERS = 4
"""Trials that a median is taken of, at least."""


@dataclass(frozen=True)
class Bar:
    """What a trial must reach.

    Attributes:
        epoch: when.
        accuracy: that of the median peer.
        peers: of how many.
    """

    epoch: int
    accuracy: float
    peers: int


@dataclass(frozen=True)
class Seen:
    """An earlier trial.

    Attributes:
        bounds: what it may cost at most; see `bounds`.
    """

    bounds: tuple[int, ...]
    curve: Curve


def bounds(widths: Sequence[int], costs: Iterable[str]) -> tuple[int, ...]:
    """What a network may cost at most, known before it is trained: gates, and for depth layers."""
    return (sum(widths), *((len(widths),) if "depth" in costs else ()))


def rungs(epochs: int) -> tuple[int, ...]:
    """Epochs after which a trial may end; never the last one."""
    found = sorted({max(1, round(share * epochs)) for share in RUNGS})
    return tuple(epoch for epoch in found if epoch < epochs)


def bars(mine: tuple[int, ...], seen: Iterable[Seen], epochs: int) -> tuple[Bar, ...]:
    """What a trial must reach, given the trials before it."""
    smaller = [
        dict(one.curve)
        for one in seen
        if all(theirs <= own for theirs, own in zip(one.bounds, mine))
    ]
    found: list[Bar] = []
    for epoch in rungs(epochs):
        reached = [curve[epoch] for curve in smaller if epoch in curve]
        if len(reached) >= PEERS:
            found.append(Bar(epoch, statistics.median(reached), len(reached)))
    return tuple(found)


def missed(required: Iterable[Bar], epoch: int, accuracy: float) -> Bar | None:
    """The bar that a trial has not cleared at an epoch."""
    return next((bar for bar in required if bar.epoch == epoch and accuracy < bar.accuracy), None)
