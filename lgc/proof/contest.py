"""The class in gates: which of some numbers is the largest, the first of them where several are.

A tournament: neighbours meet, the winner takes the place of both. Which of the two it was is a bit
of its index, the lowest in the first round.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from .. import tables
from .counting import AND_NOT, Builder, K

_A, _B, _C = (tables.variable(K, i) for i in range(K))
CHOOSE = (_A & _B) | (~_A & _C)

Number = Sequence[int]
"""Nets, the lowest bit first."""

Player = tuple[Sequence[int], list[int]]
"""A number, and the index it has so far."""


def first_largest(builder: Builder, numbers: Sequence[Number]) -> list[int]:
    """The bits of the index, as many as indices need, at least one."""
    zero = builder.constant(False)
    players: list[Player] = [(number, []) for number in numbers]
    while len(players) > 1:
        alone = players[len(players) // 2 * 2 :]
        players = [_winner(builder, *pair, zero) for pair in zip(players[::2], players[1::2])]
        players += [(number, [*index, zero]) for number, index in alone]
    return players[0][1] or [zero]


def _winner(builder: Builder, one: Player, other: Player, zero: int) -> Player:
    """The larger number, the first if they are equal, with its index."""
    later = builder.compare(other[0], one[0], equal=False)
    number = _choose(builder, later, other[0], one[0], zero)
    return number, [*_choose(builder, later, other[1], one[1], zero), later]


def _choose(builder: Builder, which: int, one: Number, other: Number, zero: int) -> list[int]:
    """One number where a net is 1, else the other."""
    chosen: list[int] = []
    for a, b in zip_longest(one, other, fillvalue=zero):
        table, reads = (AND_NOT, (b, which)) if a == zero else (CHOOSE, (which, a, b))
        chosen.append(a if a == b else int(builder.gates(table, *([net] for net in reads))[0]))
    return chosen
