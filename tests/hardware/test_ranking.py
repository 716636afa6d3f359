"""Register ranks of sections: as few as a limit takes, or as many as asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.errors import UsageError
from lgc.hardware.ranking import ranks

DEPTHS = st.lists(st.integers(0, 9), min_size=1, max_size=6)


def longest(depths: list[int], found: list[int]) -> int:
    """Gates on the longest path, each rank at the end of its section."""
    most = before = 0
    for depth, count in zip(depths, found, strict=True):
        if count:
            most = max(most, before + -(-depth // count))
            before = 0
        else:
            before += depth
    return max(most, before)


@given(DEPTHS, st.integers(1, 12))
def test_a_limit_is_kept(depths: list[int], limit: int) -> None:
    found = ranks(depths, count=None, limit=limit)
    assert longest(depths, found) <= limit
    assert all(count <= depth for count, depth in zip(found, depths, strict=True))


@given(DEPTHS, st.data())
def test_as_many_as_asked_for(depths: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, sum(depths)))
    found = ranks(depths, count=count, limit=None)
    assert sum(found) == count
    assert all(own <= depth for own, depth in zip(found, depths, strict=True))
    if count:  # the results are registered
        last = max(one for one, depth in enumerate(depths) if depth)
        assert found[last]


def test_where_they_stand() -> None:
    assert ranks([3, 1, 3, 1, 20], count=1, limit=None) == [0, 0, 0, 0, 1]
    assert ranks([3, 1, 3, 1, 20], count=3, limit=None) == [0, 0, 0, 1, 2]
    assert ranks([3, 1, 3, 1, 20], count=5, limit=None) == [0, 0, 1, 1, 3]
    assert ranks([3, 1, 3, 1, 20], count=None, limit=5) == [0, 1, 0, 1, 4]


def test_more_than_there_are_gates() -> None:
    with pytest.raises(UsageError) as caught:
        ranks([2, 0, 1], count=4, limit=None)
    assert str(caught.value) == (
        "--stages: 4 stages are more than the logic is deep: 3 gates\n  hint: 3 is the most"
    )
