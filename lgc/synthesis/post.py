"""Post's criterion: a set of gates makes every function unless one of five classes holds them all.

The five maximal classes: functions that keep 0, that keep 1, that are self-dual, monotone, affine
(E. L. Post, "The two-valued iterative systems of mathematical logic", 1941). A table may have no
fan-in at all: the constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


def value(table: int, k: int, index: int) -> int:
    """What a table gives at an index, see `lgc.tables`."""
    return table >> ((1 << k) - 1 - index) & 1


def _keeps_zero(table: int, k: int) -> bool:
    return value(table, k, 0) == 0


def _keeps_one(table: int, k: int) -> bool:
    return value(table, k, (1 << k) - 1) == 1


def _is_self_dual(table: int, k: int) -> bool:
    size = 1 << k
    return all(value(table, k, i) != value(table, k, size - 1 - i) for i in range(size))


def _is_monotone(table: int, k: int) -> bool:
    return all(
        value(table, k, i) <= value(table, k, i | 1 << place)
        for i in range(1 << k)
        for place in range(k)
    )


def _is_affine(table: int, k: int) -> bool:
    """f(x) = f(0) ⊕ the sum of f(0) ⊕ f(e) over the unit vectors e in x."""
    zero = value(table, k, 0)
    slope = [value(table, k, 1 << place) ^ zero for place in range(k)]
    return all(
        value(table, k, i) == zero ^ sum(slope[p] for p in range(k) if i >> p & 1) % 2
        for i in range(1 << k)
    )


@dataclass(frozen=True)
class PostClass:
    """One of the five.

    Attributes:
        holds: whether a table of k fan-ins is in it.
        says: what all its members have in common, after "all its gates".
        lacks: what is in none of them, and so cannot be made.
    """

    holds: Callable[[int, int], bool]
    says: str
    lacks: str


CLASSES = (
    PostClass(_keeps_zero, "give 0 where all they read is 0", "NOT and the constant 1"),
    PostClass(_keeps_one, "give 1 where all they read is 1", "NOT and the constant 0"),
    PostClass(_is_self_dual, "are self-dual, f(¬x) = ¬f(x)", "AND, OR and the constants"),
    PostClass(_is_monotone, "are monotone", "NOT and XOR"),
    PostClass(_is_affine, "are affine, sums modulo 2", "AND and OR"),
)


def obstacles(gates: Iterable[tuple[int, int]]) -> list[PostClass]:
    """The classes that hold all gates, given as (table, fan-ins); none: they make everything."""
    all_gates = list(gates)
    return [one for one in CLASSES if all(one.holds(*gate) for gate in all_gates)]
