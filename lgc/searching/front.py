"""Front: the trials that no other beats (V. Pareto, *Manuale di economia politica*, 1906)."""

from __future__ import annotations

from collections.abc import Iterable

from .objectives import ACCURACY
from .settings import Settings
from .trials import Record


def front(records: Iterable[Record], settings: Settings) -> tuple[Record, ...]:
    """The complete trials of which no other is as good in everything and better in something.

    Of several that are equal in everything the first stands for all. The best in the first
    objective comes first. What is less accurate than the floor does not count.
    """
    goals = settings.goals
    complete = [one for one in records if one.state == "complete"]
    complete = [one for one in complete if one.outcome.values[ACCURACY] >= settings.floor]
    worth = {
        one.number: tuple(goal.worth(one.outcome.values[goal.name]) for goal in goals)
        for one in complete
    }
    found: dict[tuple[float, ...], Record] = {}
    for one in complete:
        mine = worth[one.number]
        beaten = any(
            theirs != mine and all(a >= b for a, b in zip(theirs, mine))
            for theirs in worth.values()
        )
        if not beaten:
            found.setdefault(mine, one)
    return tuple(found[mine] for mine in sorted(found, reverse=True))
