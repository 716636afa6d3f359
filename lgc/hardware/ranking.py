"""Ranking: how many register ranks each section of a design gets.

A section is a circuit, or a kernel at many places: no rank of one can be moved into another. So a
rank ends a section, or stands inside of one that is deeper than a stage may be.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UsageError


def ranks(depths: Sequence[int], *, count: int | None, limit: int | None) -> list[int]:
    """The ranks of each section.

    Args:
        depths: gates on the longest path of each section.
        count: of ranks in all, with paths as short as that allows.
        limit: most gates on a path; the ranks are as few as that takes.

    Raises:
        UsageError: more ranks than the sections are deep.
    """
    assert (count is None) != (limit is None), "either count or limit"
    if limit is not None:
        return _limited(depths, limit)
    assert count is not None
    if count > sum(depths):
        raise UsageError(
            f"{count} stages are more than the logic is deep: {sum(depths)} gates",
            where="--stages",
            hint=f"{sum(depths)} is the most",
        )
    if not count:
        return [0] * len(depths)
    found = next(
        found
        for limit in range(1, sum(depths) + 1)
        if sum(found := _limited(depths, limit)) <= count
    )
    while sum(found) < count:  # where paths are longest
        open_ = [one for one in range(len(depths)) if found[one] < depths[one]]
        found[max(open_, key=lambda one: depths[one] / max(found[one], 1))] += 1
    return found


def _limited(depths: Sequence[int], limit: int) -> list[int]:
    """As few ranks as keep paths within a limit; the last ends the last section with gates."""
    found = [0] * len(depths)
    before, last = 0, -1  # gates since the last rank, and the section that has them
    for section, depth in enumerate(depths):
        if not depth:
            continue
        if before + depth > limit and before:
            found[last] = max(found[last], 1)
            before = 0
        if depth > limit:
            found[section] = -(-depth // limit)
        else:
            before += depth
        last = section
    if before:
        found[last] = max(found[last], 1)
    return found
