"""The order in which a circuit adds up bits, recovered from the parities that are left in it.

A sum can be proved equal to another of the same bits when both add in the same order: then all
that lies between is equal too, and each adder is a small question. This finds the order of a
circuit that may have been optimised and covered by tables of any size, from simulated values alone.
Whatever comes out adds up the right bits; a poor order only makes a proof hard.

Column by column, from the lowest. A net whose values are the sum modulo 2 of some bits of the
column is a total on the way; totals that contain one another are a chain, and what lies between
two of them is an adder where it is two bits. Where it is more, totals between are missing, and the
bits may have been added in several orders. Each has other carries, all of which are sums modulo 2
of products of two bits: these stand for the carries in the next column, where totals tell which
order it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..evaluation import Planes
from .orders import Order, Pair, orders
from .parity import span, standard

FEW, MANY = 6, 12
"""Up to so many bits all orders are tried; from so many on, one is taken."""

HALF = 3
"""What a half adder costs, in totals on the way: a column needs one at most."""


@dataclass(frozen=True)
class Adder:
    """A full or half adder: items read, and the items that are their sum and carry."""

    reads: tuple[int, ...]
    total: int
    carry: int


@dataclass
class Gap:
    """Items that were added in an order that is not known yet.

    Attributes:
        vertices: the items; ``total`` is that of their sum modulo 2.
        ways: the orders that come into question.
        seen: sets of vertices, as masks, whose sum modulo 2 is a trace.
    """

    vertices: list[int]
    total: int
    ways: tuple[Order, ...]
    seen: set[int]

    @property
    def pairs(self) -> list[Pair]:
        return list(combinations(range(len(self.vertices)), 2))


@dataclass
class Recovery:
    """The addition of some weighted bits.

    Items are numbered: first the bits, then a 1, then what adders give.

    Attributes:
        bits: uint64 ``(bits, words)``, simulated values.
        weight: of each, above 0.
        constant: added too, not negative.
        traces: uint64 ``(nets, words)``, values of the nets that may be totals.
        adders: what was found, in no order.
        result: for each column the item that is its bit of the sum, None for 0.
        used: bool ``(nets,)``, traces that are part of this sum.
    """

    bits: Planes
    weight: Sequence[int]
    constant: int
    traces: Planes
    adders: list[Adder] = field(default_factory=list[Adder])
    result: list[int | None] = field(default_factory=list[int | None])

    def __post_init__(self) -> None:
        self.used = np.zeros(len(self.traces), np.bool_)
        self.one = len(self.bits)
        self.values = [*self.bits, np.full(self.traces.shape[1], ~np.uint64(0))]
        highest = max([0, self.constant, *self.weight]).bit_length()
        self.carries: list[int] = []
        self.gaps: list[Gap] = []
        while len(self.result) < highest or self.carries or self.gaps:
            place = len(self.result)
            own = [i for i, weight in enumerate(self.weight) if weight >> place & 1]
            bits, gaps = [*own, *self.carries], self.gaps
            self.carries, self.gaps = [], []
            self.result.append(self.column(bits, gaps, bool(self.constant >> place & 1)))

    def column(self, bits: list[int], gaps: list[Gap], one: bool) -> int | None:
        """Add up a column: bits, the carries of gaps, perhaps a 1."""
        products = [
            self.values[gap.vertices[a]] & self.values[gap.vertices[b]]
            for gap in gaps
            for a, b in gap.pairs
        ]
        if not bits and not gaps:
            return self.one if one else None
        generators = np.array(
            [*(self.values[bit] for bit in bits), *products, self.values[self.one]]
        )
        space = span(generators)
        used, found = space.express(self.traces)
        self.used[used] = True
        own_form = standard(space, generators)
        sets = numbers(found[:, : len(bits)])
        known = np.ones(len(sets), np.bool_)
        start = len(bits)
        bits = list(bits)
        for gap in gaps:
            own = slice(start, start + len(gap.pairs))
            start = own.stop
            products_of = dict(zip(gap.pairs, numbers(own_form[own, own])))
            seen = numbers(found[:, own])
            order, sums = best(gap, products_of, seen)
            for row, part in enumerate(seen):
                known[row] &= part in sums
                sets[row] |= sums.get(part, 0) << len(bits)
            bits += self.close(gap, order)
        family = {one for one, fits in zip(sets, known.tolist()) if fits and one.bit_count() > 1}
        return self.chain(bits, (1 << len(bits)) - 1, sorted(family, key=int.bit_count), one)

    def close(self, gap: Gap, order: Order) -> list[int]:
        """Adders for a gap; their carries."""
        items = {1 << place: item for place, item in enumerate(gap.vertices)}
        carries: list[int] = []
        for step in order.steps:
            reads = tuple(items[one] for one in step)
            last = len(carries) == len(order.steps) - 1
            items[sum(step)], carry = self.add(reads, gap.total if last else None)
            carries.append(carry)
        return carries

    def add(self, reads: tuple[int, ...], total: int | None = None) -> tuple[int, int]:
        """An adder: the items of its sum and its carry."""
        values = [self.values[item] for item in reads]
        if total is None:
            total = self.item(np.bitwise_xor.reduce(values))
        a, b, c = values[0], values[1], values[-1]
        carry = self.item(a & b if len(values) == 2 else a & b | (a ^ b) & c)
        self.adders.append(Adder(reads, total, carry))
        return total, carry

    def item(self, values: Planes) -> int:
        self.values.append(values)
        return len(self.values) - 1

    def chain(self, bits: list[int], mask: int, family: list[int], one: bool = False) -> int:
        """The item of the sum of the bits of a mask, along the totals of a family."""
        if mask.bit_count() == 1 and not one:
            return bits[mask.bit_length() - 1]
        inside = [one for one in family if not one & ~mask and one != mask]
        totals = longest([*inside, mask])
        if not begins(totals, inside):
            if mask.bit_count() <= FEW:
                totals = [mask]
            elif totals[0].bit_count() == 2:
                del totals[0]  # a half adder, or the pair that a full adder adds to one
        odd = [
            place
            for place, (low, high) in enumerate(zip([0, *totals], totals))
            if (high.bit_count() - low.bit_count() + (place > 0)) % 2 == 0
        ]
        place_of_one = odd[-1] if len(odd) > mask.bit_count() % 2 else 0
        parts: list[tuple[int, int]] = []
        done = 0
        for place, now in enumerate(totals):
            begun = bool(parts)
            parts += self.parts(bits, now & ~done, family, not begun)
            if one and place == place_of_one:
                parts.append((self.one, 0))
            parts = [(self.join(parts, family, begun), now)]
            done = now
        return parts[0][0]

    def parts(
        self, bits: list[int], mask: int, family: list[int], whole: bool
    ) -> list[tuple[int, int]]:
        """What a mask consists of, items and masks: totals of an odd number of bits, and bits."""
        found: list[tuple[int, int]] = []
        if whole and mask.bit_count() in (4, FEW):  # what contains a pair may follow a half adder
            pairs = [one for one in family if one.bit_count() == 2]
            family = [one for one in family if all(pair & ~one for pair in pairs)]
        for block in reversed(family):
            size = block.bit_count()
            if size > 2 and size % 2 and not block & ~mask and not (whole and block == mask):
                found.append((self.chain(bits, block, family), block))
                mask &= ~block
        return found + [(bit, 1 << place) for place, bit in enumerate(bits) if mask >> place & 1]

    def join(self, parts: list[tuple[int, int]], family: list[int], begun: bool) -> int:
        """The item of the sum of some items; several adders are left as a gap."""
        vertices = [item for item, _ in parts]
        if len(vertices) == 1:
            return vertices[0]
        if len(vertices) <= 3:
            pairs = (parts[:place] + parts[place + 1 :] for place in range(len(parts)))
            seen = [sum(mask for _, mask in pair) in family for pair in pairs]
            alone = seen.index(True) if True in seen and len(parts) == 3 else 0
            total, carry = self.add((vertices.pop(alone), *vertices))
            self.carries.append(carry)
            return total
        if len(vertices) > MANY:
            return self.join(
                [*parts[: MANY // 2], (self.join(parts[MANY // 2 :], family, False), 0)],
                family,
                begun,
            )
        total = self.item(np.bitwise_xor.reduce([self.values[one] for one in vertices]))
        whole = sum(mask for _, mask in parts)
        seen = {
            sum(1 << place for place, (_, mask) in enumerate(parts) if mask and not mask & ~one)
            for one in family
            if not one & ~whole and all(not mask & one or not mask & ~one for _, mask in parts)
        }
        self.gaps.append(Gap(vertices, total, orders(len(vertices), begun), seen))
        return total


def begins(totals: list[int], family: list[int]) -> bool:
    """Whether a chain is sure to begin with a half adder: totals are of 2, 4, 6 … bits, and one of
    3 between the first two shows that the first is not a pair that a full adder reads."""
    sizes = [one.bit_count() for one in totals]
    if sizes != list(range(2, sizes[-1] + 1, 2)):
        return False
    return sizes == [2] or any(
        one.bit_count() == 3 and not totals[0] & ~one and not one & ~totals[1] for one in family
    )


def longest(family: list[int]) -> list[int]:
    """The longest chain of sets, each in the next, up to the last; few half adders in it."""
    score: list[int] = []
    before: list[int] = []
    for place, own in enumerate(family):
        size = own.bit_count()
        best, chosen = 1 - HALF * (size % 2 == 0), -1
        for other in range(place):
            if not family[other] & ~own:
                value = score[other] + 1 - HALF * ((size - family[other].bit_count()) % 2)
                if value > best:
                    best, chosen = value, other
        score.append(best)
        before.append(chosen)
    chain: list[int] = []
    place = len(family) - 1
    while place >= 0:
        chain.append(family[place])
        place = before[place]
    return chain[::-1]


def best(gap: Gap, product: dict[Pair, int], carried: list[int]) -> tuple[Order, dict[int, int]]:
    """The order that explains most of what was seen, and what sums of its carries look like.

    Totals and pairs inside the gap decide between orders that explain the next column equally.
    """
    count = Counter(part for part in carried if part)
    chosen: tuple[tuple[int, int], Order, dict[int, int]] | None = None
    for order in gap.ways:
        sums = {0: 0}
        for place, form in enumerate(order.carries):
            value = 0
            for pair in form:
                value ^= product[pair]
            sums |= {key ^ value: members | 1 << place for key, members in sums.items()}
        inside = sum((sum(step) in gap.seen) + (sum(step[1:]) in gap.seen) for step in order.steps)
        score = sum(times for part, times in count.items() if part in sums), inside
        if chosen is None or score > chosen[0]:
            chosen = score, order, sums
    assert chosen is not None
    return chosen[1:]


def numbers(rows: NDArray[np.bool_]) -> list[int]:
    """Rows of bits as numbers, the first bit the lowest."""
    packed = np.packbits(rows, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]
