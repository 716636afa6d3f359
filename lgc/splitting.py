"""Splitting: wide gates as gates of two or three fan-ins, as few as are found.

A function of more variables than a gate may read is taken apart in the way that costs least:

    below    f = F(g(x, y, …), rest), where the rest sees only two kinds of values of x, y, …
             (Ashenhurst, "The decomposition of switching functions", 1957): one gate, g
    kept     f = F(g(x, y, z), z, rest), where it does for each value of z: one gate, g
    above    f = g(x, y, h), where h does not read x and y: one gate, g
    mixed    f = x ? f₁ : f₀ = f₀ ⊕ x ∧ d = f₁ ⊕ ¬x ∧ d with d = f₀ ⊕ f₁ (Shannon, Davio): one gate
             of three fan-ins, or three and two of two fan-ins, and two functions without x
    coded    f = F(g(x, y, z), h(x, y, z), rest), where the rest sees three or four kinds of values
             (Curtis, "A new approach to the design of switching circuits", 1962): two gates
    overlap  f = F(q(…), g(…), h(…)) for five variables, three in each: four gates (`lgc.overlaps`)

Functions of few variables are tried in every way, of more in those that leave the fewest variables
or, where all leave as many, the most overlaps.
What parts have in common is built once. Each table is split once, whatever the number of gates
that have it.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from . import tables
from .netlist import Netlist
from .overlaps import halves, overlap
from .peeling import peels
from .surgery import tidy, widen
from .words import WIDE

Signal = tuple[int, bool]
"""An operand, a fan-in or after these a gate, and whether it is complemented."""

Slots = tuple[Signal, ...]
"""What stands for each variable of a table."""

Way = tuple[str, tuple[int, ...], tuple[int, ...]]
"""How a function is taken apart: the way, the variables, and the tables that are left."""

FEW = 4
"""Variables of a function that is tried in every way."""

TRIED = 6
"""Mixed ways that are tried for a function of more."""

MANY = 20_000
"""Tables from which on a function of more is mixed at once, in the way that leaves the fewest
variables: a search takes some milliseconds a table that has no structure."""


def split(net: Netlist, k: int) -> Netlist:
    """The same function in gates of ``k``, two or three, fan-ins; what has no more stays a gate."""
    if net.k <= k:
        return widen(net, k)
    net = tidy(net)
    distinct, which = np.unique(net.table, return_inverse=True)
    ways = _Ways(net.k, k, hasty=len(distinct) >= MANY)
    parts = [_Split(int(table), ways).gates for table in distinct]
    length = np.array([len(one) for one in parts], np.int64)
    rows = np.array([gate for one in parts for gate in one], np.int64).reshape(-1, 1 + k)
    first = np.cumsum(length) - length

    count = length[which]
    begin = net.inputs + np.cumsum(count) - count
    gate = np.repeat(np.arange(net.gates), count)
    step = rows[first[which][gate] + np.arange(len(gate)) - (begin - net.inputs)[gate]]
    number = np.concatenate([np.arange(net.inputs), begin + count - 1])
    fanin = np.zeros((len(gate), k), np.int64)
    for i in range(k):
        operand = step[:, 1 + i]
        outside = number[net.fanin[gate, np.minimum(operand, net.k - 1)]]
        fanin[:, i] = np.where(operand < net.k, outside, begin[gate] + operand - net.k)
    return Netlist(net.inputs, step[:, 0], fanin, number[net.outputs])


class _Ways:
    """The best way found for each function of ``wide`` variables, and its gates of ``k``.

    A function that is 1 where all variables are 0 is its complement, which costs the same.
    """

    def __init__(self, wide: int, k: int, *, hasty: bool) -> None:
        self.wide, self.k, self.hasty, self.ones = wide, k, hasty, int(tables.ones(wide))
        self.variable = [int(tables.variable(wide, i)) for i in range(wide)]
        self.known: dict[int, tuple[int, Way]] = {}

    def cofactor(self, table: int, x: int, value: int) -> int:
        mask, stride = self.variable[x], 1 << (self.wide - 1 - x)
        half = table & mask if value else table >> stride & mask
        return half | half << stride

    def support(self, table: int) -> tuple[int, ...]:
        return tuple(
            x
            for x, mask in enumerate(self.variable)
            if (table ^ table >> (1 << (self.wide - 1 - x))) & mask
        )

    def cofactors(self, table: int, chosen: tuple[int, ...]) -> list[int]:
        """By the values of some variables, the first the most significant."""
        found = [table]
        for x in chosen:
            found = [self.cofactor(one, x, value) for one in found for value in (0, 1)]
        return found

    def select(self, x: int, one: int, zero: int) -> int:
        """``x ? one : zero``."""
        return one & self.variable[x] | zero & ~self.variable[x] & self.ones

    def cost(self, table: int) -> int:
        """Gates of a function; nothing for a variable, its complement or a constant."""
        return self.best(table)[0]

    def best(self, table: int) -> tuple[int, Way]:
        """Gates of a function, and the way to them."""
        if table >> ((1 << self.wide) - 1):
            table ^= self.ones
        found = self.known.get(table)
        if found is None:
            found = self.known[table] = self._search(table)
        return found

    def _search(self, table: int) -> tuple[int, Way]:
        support = self.support(table)
        if len(support) <= self.k:
            return int(len(support) > 1), ("gate", support, ())
        if self.hasty and len(support) > FEW:
            way = min(self._mixed(table, support), key=self._size)
            return self._gates(way), way
        if peels(self.whole(table), support, self.k):
            peeled = self._peeled(table, support)
            assert peeled is not None
            return peeled
        if self.k == 3 and len(support) == 4:  # no two gates, and any way takes three
            return 3, self._mixed(table, support)[0]
        found = self._coded(table, support) if self.k == 3 else []
        if self.k == 3 and len(support) == 5 and (made := overlap(self.whole(table), support)):
            chosen = sum(made.chosen, ())
            parts = tuple(self.part(one) for one in made.parts)
            return 4, ("overlap", chosen, parts)
        mixed = self._mixed(table, support)
        if len(support) > FEW:
            mixed = self._promising(table, support, mixed)
        return min([*found, *((self._gates(way), way) for way in mixed)], key=lambda one: one[0])

    def _peeled(self, table: int, support: tuple[int, ...]) -> tuple[int, Way] | None:
        """The first way to take off a single gate."""
        for count in range(self.k, 1, -1):
            for chosen in combinations(support, count):
                rest = self.below(table, chosen)
                if rest is not None:
                    return 1 + self.cost(rest), ("below", chosen, (rest,))
            if count == 3 and (way := self._above(table, support, 2) or self._kept(table, support)):
                return way
        return self._above(table, support, 1)

    def whole(self, table: int) -> int:
        """The table over six variables."""
        copies = 1 << (WIDE - self.wide)
        return int("".join(bit * copies for bit in f"{table:0{1 << self.wide}b}"), 2)

    def part(self, table: int) -> int:
        """A table over six variables that reads none that is not there."""
        return int(f"{table:064b}"[:: 1 << (WIDE - self.wide)], 2)

    def _promising(self, table: int, support: tuple[int, ...], mixed: list[Way]) -> list[Way]:
        """The mixed ways that are tried: those that leave the fewest variables, or where all leave
        as many, the one that seems to take the fewest gates."""
        least = min(map(self._size, mixed))
        if self.k == 2 or least < 2 * (len(support) - 1):
            return sorted(mixed, key=self._size)[:TRIED]
        gates = halves(self.whole(table), support)
        uses = {"choose": (0, 1), "flip": (0, 2), "keep": (1, 2)}  # halves that each is made of
        return [min(mixed, key=lambda way: sum(gates[way[1][0]][i] for i in uses[way[0]]))]

    def _gates(self, way: Way) -> int:
        """What a mixed way costs."""
        own = 1 if self.k == 3 else 3 if way[0] == "choose" else 2
        return own + sum(map(self.cost, way[2]))

    def _size(self, way: Way) -> int:
        """Variables that a way leaves."""
        return sum(len(self.support(part)) for part in way[2])

    def below(self, table: int, chosen: tuple[int, ...]) -> int | None:
        """F with the first chosen variable in the place of g, if there is such an F."""
        found = self.cofactors(table, chosen)
        other = next((one for one in found if one != found[0]), found[0])
        if any(one not in (found[0], other) for one in found):
            return None
        return self.select(chosen[0], other, found[0])

    def kept(self, table: int, chosen: tuple[int, ...]) -> tuple[int, list[int]] | None:
        """F, with x in the place of g, and the values of g for each of x, y and z."""
        found = self.cofactors(table, chosen)
        sides = [list(dict.fromkeys(found[z::2])) for z in (0, 1)]
        if any(len(kinds) > 2 for kinds in sides):
            return None
        low, high = (self.select(chosen[0], kinds[-1], kinds[0]) for kinds in sides)
        values = [sides[i & 1].index(one) for i, one in enumerate(found)]
        return self.select(chosen[2], high, low), values

    def _kept(self, table: int, support: tuple[int, ...]) -> tuple[int, Way] | None:
        for pair in combinations(support, 2):
            for z in support:
                if z not in pair and (found := self.kept(table, (*pair, z))):
                    return 1 + self.cost(found[0]), ("kept", (*pair, z), (found[0],))
        return None

    def _above(self, table: int, support: tuple[int, ...], count: int) -> tuple[int, Way] | None:
        for chosen in combinations(support, count):
            found = self.cofactors(table, chosen)
            proper = [one for one in found if one not in (0, self.ones)]
            if all(one in (proper[0], proper[0] ^ self.ones) for one in proper):
                return 1 + self.cost(proper[0]), ("above", chosen, (proper[0],))
        return None

    def _coded(self, table: int, support: tuple[int, ...]) -> list[tuple[int, Way]]:
        ways: list[tuple[int, Way]] = []
        for chosen in combinations(support, 3):
            kinds = list(dict.fromkeys(self.cofactors(table, chosen)))
            if len(kinds) <= 4:
                kinds += kinds[:1] * (4 - len(kinds))
                rest = self.select(
                    chosen[0],
                    self.select(chosen[1], kinds[3], kinds[2]),
                    self.select(chosen[1], kinds[1], kinds[0]),
                )
                ways.append((2 + self.cost(rest), ("coded", chosen, (rest,))))
        return ways

    def _mixed(self, table: int, support: tuple[int, ...]) -> list[Way]:
        ways: list[Way] = []
        for x in support:
            low, high = self.cofactors(table, (x,))
            ways.append(("choose", (x,), (low, high)))
            ways.append(("flip", (x,), (low, low ^ high)))  # f₀ ⊕ x ∧ d
            ways.append(("keep", (x,), (high, low ^ high)))  # f₁ ⊕ ¬x ∧ d
        return ways


class _Split:
    """The gates of a table: rows of a table of k fan-ins and its operands; the last is the result.

    Fan-ins that a gate does not need repeat its first.
    """

    def __init__(self, table: int, ways: _Ways) -> None:
        self.ways, self.gates = ways, list[tuple[int, ...]]()
        self.known: dict[tuple[int, Slots], Signal] = {}
        self.same: dict[tuple[int, ...], int] = {}
        slots = tuple((i, False) for i in range(ways.wide))
        support = ways.support(table)
        if len(support) > 1:
            last, negated = self._build(table, slots)
            del self.gates[last - ways.wide + 1 :]
            if negated:
                row = self.gates[-1]
                self.gates[-1] = (row[0] ^ int(tables.ones(ways.k)), *row[1:])
        else:  # after `tidy` the first fan-in
            small = int(tables.narrow(np.uint64(table), ways.wide, ways.k))
            self.gates.append((small, *[0] * ways.k))

    def _build(self, table: int, slots: Slots) -> Signal:
        """The signal that computes a table that is not constant."""
        ways = self.ways
        if table >> ((1 << ways.wide) - 1):
            signal, negated = self._build(table ^ ways.ones, slots)
            return signal, not negated
        key = (table, slots)
        if key not in self.known:
            self.known[key] = self._built(table, slots)
        return self.known[key]

    def _built(self, table: int, slots: Slots) -> Signal:
        ways = self.ways
        kind, chosen, parts = ways.best(table)[1]
        if kind == "gate":
            if len(chosen) == 1:
                return slots[chosen[0]]
            return self._gate(
                [one & 1 for one in ways.cofactors(table, chosen)], [slots[x] for x in chosen]
            )
        if kind in ("below", "coded"):
            found = ways.cofactors(table, chosen)
            kinds = list(dict.fromkeys(found))
            reads, inside = [slots[x] for x in chosen], list(slots)
            for place in range(2 if kind == "coded" else 1):
                shift = 1 - place if kind == "coded" else 0
                values = [kinds.index(one) >> shift & 1 for one in found]
                inside[chosen[place]] = self._gate(values, reads)
            return self._build(parts[0], tuple(inside))
        if kind == "kept":
            made = ways.kept(table, chosen)
            assert made is not None
            inside = list(slots)
            inside[chosen[0]] = self._gate(made[1], [slots[x] for x in chosen])
            return self._build(parts[0], tuple(inside))
        if kind == "above":
            found, h = ways.cofactors(table, chosen), parts[0]
            values = [v for one in found for v in self._over(one, h)]
            return self._gate(values, [*(slots[x] for x in chosen), self._build(h, slots)])
        if kind == "overlap":
            return self._overlap(table, chosen, parts, slots)
        return self._mixed(kind, slots[chosen[0]], *(self._build(part, slots) for part in parts))

    def _mixed(self, kind: str, x: Signal, one: Signal, other: Signal) -> Signal:
        """From x and the two parts; see `_Ways._mixed`."""
        entries = [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
        if self.ways.k == 3:
            if kind == "choose":
                values = [c if a else b for a, b, c in entries]
            else:
                values = [b ^ (c & (a if kind == "flip" else 1 - a)) for a, b, c in entries]
            return self._gate(values, [x, one, other])
        if kind == "choose":
            low = self._gate([0, 1, 0, 0], [x, one])
            high = self._gate([0, 0, 0, 1], [x, other])
            return self._gate([0, 1, 1, 1], [low, high])
        part = self._gate([0, 0, 0, 1] if kind == "flip" else [0, 1, 0, 0], [x, other])
        return self._gate([0, 1, 1, 0], [part, one])

    def _overlap(
        self, table: int, chosen: tuple[int, ...], parts: tuple[int, ...], slots: Slots
    ) -> Signal:
        """F of the three parts, by what the table is where they have their eight values."""
        ways, reads = self.ways, [chosen[3 * i : 3 * i + 3] for i in range(3)]
        values = [0] * 8
        for entry in range(8):
            rows = table
            for i, part in enumerate(parts):
                rows &= part if entry >> (2 - i) & 1 else ~part & ways.ones
            values[entry] = int(rows != 0)
        operands = [
            self._gate([one & 1 for one in ways.cofactors(part, own)], [slots[x] for x in own])
            for part, own in zip(parts, reads)
        ]
        return self._gate(values, operands)

    def _over(self, table: int, h: int) -> tuple[int, int]:
        """A constant, h or its complement, by the values of h."""
        if table in (0, self.ways.ones):
            return (table & 1, table & 1)
        return (0, 1) if table == h else (1, 0)

    def _gate(self, values: list[int], reads: list[Signal]) -> Signal:
        """A gate of some fan-ins by its values, complements absorbed; one that is there if it is.

        It is stored so that it is 0 where all it reads is 0.
        """
        turned = 0
        for _, negated in reads:
            turned = turned << 1 | negated
        values = [values[index ^ turned] for index in range(len(values))]
        negated = bool(values[0])
        table = int("".join(str(value ^ negated) for value in values), 2)
        wide = int(tables.widen(np.uint64(table), len(reads), self.ways.k))
        operands = [operand for operand, _ in reads]
        row = (wide, *operands, *operands[:1] * (self.ways.k - len(operands)))
        if row not in self.same:
            self.same[row] = self.ways.wide + len(self.gates)
            self.gates.append(row)
        return self.same[row], negated
