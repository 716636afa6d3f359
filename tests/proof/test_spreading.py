"""Tables over more variables say what the gate says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lgc import tables
from lgc.proof.spreading import CONSTANT, spread


@given(st.integers(1, 4), st.integers(0, 5), st.data())
def test_spread(k: int, width: int, data: st.DataObject) -> None:
    table = data.draw(st.integers(0, int(tables.ones(k))))
    places = tuple(data.draw(st.integers(CONSTANT, width - 1)) for _ in range(k))
    flips = tuple(data.draw(st.booleans()) for _ in range(k))
    wide = spread(table, k, places, flips, width)
    for index in range(1 << width):
        values = [index >> (width - 1 - i) & 1 for i in range(width)]
        own = [(0 if p == CONSTANT else values[p]) ^ f for p, f in zip(places, flips)]
        place = int("".join(map(str, own)), 2)
        expected = table >> ((1 << k) - 1 - place) & 1
        assert wide >> ((1 << width) - 1 - index) & 1 == expected
