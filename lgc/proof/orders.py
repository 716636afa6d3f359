"""In which order bits may have been added: all ways from a few bits to their sum and carries.

Bits of one column are *vertices*. A full adder takes three of them and leaves their parity and a
carry, a half adder two. Parities of vertices are sets, as bit masks; a carry is the parity of
products of two vertices, since maj(A, B, C) = AB ⊕ AC ⊕ BC and AND(A, B) = AB, so it is a set of
pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

Pair = tuple[int, int]
Form = frozenset[Pair]

MOST = 3000
"""Orders that are tried."""


@dataclass(frozen=True)
class Order:
    """One way to add.

    Attributes:
        steps: what each adder reads, two or three sets of vertices.
        carries: the form of the carry of each.
    """

    steps: tuple[tuple[int, ...], ...]
    carries: tuple[Form, ...]


@cache
def orders(vertices: int, begun: bool) -> tuple[Order, ...]:
    """Ways to add some vertices, in a chain: each adder reads what the one before has left.

    A half adder, which an even number needs, comes first or last.

    Args:
        begun: whether the chain begins at vertex 0.
    """
    found: dict[Form | frozenset[Form], Order] = {}
    for count, steps in enumerate(_chains(vertices, begun)):
        if count > 4 * MOST or len(found) >= MOST:
            break
        carries = tuple(_carry(step) for step in steps)
        found.setdefault(frozenset(carries), Order(steps, carries))
    return tuple(found.values())


def _chains(vertices: int, begun: bool) -> Iterator[tuple[tuple[int, ...], ...]]:
    every = [1 << place for place in range(vertices)]
    for first in every[:1] if begun else every:
        rest = [one for one in every if one != first]
        if vertices % 2:
            yield from _pairs(first, rest)
            continue
        for half in rest:
            left = [one for one in rest if one != half]
            for steps in _pairs(first | half, left):
                yield ((first, half), *steps)
            for steps in _pairs(first, left) if left else ():
                yield (*steps, (first | sum(left), half))


def _pairs(total: int, rest: list[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Full adders alone."""
    if not rest:
        yield ()
    for one, other in combinations(rest, 2):
        left = [x for x in rest if x not in (one, other)]
        for steps in _pairs(total | one | other, left):
            yield ((total, one, other), *steps)


def _carry(reads: tuple[int, ...]) -> Form:
    """The carry of an adder as products of two vertices, of which equal ones cancel."""
    found: set[Pair] = set()
    for left, right in combinations(reads, 2):
        for a in range(left.bit_length()):
            for b in range(right.bit_length()):
                if left >> a & 1 and right >> b & 1:
                    found ^= {(min(a, b), max(a, b))}
    return frozenset(found)
