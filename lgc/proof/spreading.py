"""Tables of gates over more variables than their own, so that gates can be compared."""

from __future__ import annotations

from functools import cache

CONSTANT = -1
"""The place of what is always 0."""


@cache
def spread(table: int, k: int, places: tuple[int, ...], flips: tuple[bool, ...], width: int) -> int:
    """The table, over ``width`` variables, of a gate of k fan-ins.

    Args:
        places: which variable each fan-in is, `CONSTANT` for none; one may stand twice.
        flips: whether a fan-in reads its complement.
    """
    result = 0
    for index in range(1 << width):
        own = 0
        for place, flip in zip(places, flips):
            bit = 0 if place == CONSTANT else index >> (width - 1 - place) & 1
            own = own << 1 | (bit ^ flip)
        result = result << 1 | (table >> ((1 << k) - 1 - own) & 1)
    return result
