"""Front: the trials that no other beats (V. Pareto, *Manuale di economia politica*, 1906)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .objectives import Objective
from .trials import Record


def front(records: Iterable[Record], goals: Sequence[Objective]) -> tuple[Record, ...]:
    """The complete trials of which no other is as good in everything and better in something.

    Of several that are equal in everything the first stands for all. The best in the first
    objective comes first.
    """
    complete = [one for one in records if one.state == "complete"]
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
