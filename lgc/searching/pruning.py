"""When a trial ends early: a median rule that knows what networks cost at most.

Optuna prunes by one objective and refuses to with several. With several, a poor accuracy can
still stand on the front if the network is small. So a trial is only measured against those that
cannot be dearer: at some epochs, the *rungs*, it must be as accurate as the median of the earlier
trials whose networks, before compilation, are no larger than its own. The smallest networks have
nobody to be measured against, and are never pruned.

A hard network can stay at chance for half of a training while the relaxed one is good already, so
it is enough that one of the two clears its bar.

The bars that a trial must clear are fixed when it starts and travel with it: it needs to ask
nobody, wherever it runs.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Curve = tuple[tuple[int, float, float], ...]
"""After so many epochs the accuracy on the held-back rows of the hard network and the relaxed."""

RUNGS = (1 / 8, 1 / 4, 1 / 2)
"""Shares of the epochs after which a trial may end."""

PEERS = 4
"""Trials that a median is taken of, at least."""


@dataclass(frozen=True)
class Bar:
    """What a trial must reach.

    Attributes:
        epoch: when.
        hard, relaxed: accuracies of the median peer, of which it must reach one.
        peers: of how many.
    """

    epoch: int
    hard: float
    relaxed: float
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
        {epoch: accuracies for epoch, *accuracies in one.curve}
        for one in seen
        if all(theirs <= own for theirs, own in zip(one.bounds, mine))
    ]
    found: list[Bar] = []
    for epoch in rungs(epochs):
        reached = [curve[epoch] for curve in smaller if epoch in curve]
        if len(reached) >= PEERS:
            hard, relaxed = (statistics.median(each) for each in zip(*reached))
            found.append(Bar(epoch, hard, relaxed, len(reached)))
    return tuple(found)


def missed(required: Iterable[Bar], epoch: int, hard: float, relaxed: float) -> Bar | None:
    """The bar that a trial has not cleared at an epoch."""
    for bar in required:
        if bar.epoch == epoch and hard < bar.hard and relaxed < bar.relaxed:
            return bar
    return None
