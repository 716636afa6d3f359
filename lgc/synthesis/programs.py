"""Programs: the cheapest way to each function of up to three nets in the gates of a basis.

What a program may read is a set of literals, either phase of each net. For every set all programs
are run in order of length, values shared inside, until a given amount of work is spent; constants
of the basis are read for nothing. A function that needs a longer program has none here: it is
covered by several smaller ones. All functions of two nets have one, put together if need be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, permutations, product

import numpy as np
from numpy.typing import NDArray

from .. import tables
from ..loops import Row, loop
from .bases import Basis, Gate
from .post import value

Ints = NDArray[np.int64]

LONGEST = 10
"""Gates of a program that is searched for."""

WORK = 1_000_000
"""Gates tried for one set of literals."""

NETS = 3
"""Leaves of a program."""

CONSTANT = 2 * NETS
"""Operands: 2·i is net i, 2·i + 1 its complement, then come both constants, then the gates."""

FIRST = CONSTANT + 2
"""The operand that is the first gate's result."""

ONES = 0xFF
VARIABLES = (0x0F, 0x33, 0x55)

Step = tuple[int, int, int, int]
"""A gate of a program: its place in `Basis.proper` and three operands, 0 where it has fewer."""


@dataclass(frozen=True, eq=False)
class Programs:
    """Programs by function, those of function f from ``start[f]`` to ``start[f + 1]``.

    No program reads a net that its function does not depend on, save net 0 for the constants, and
    none is listed that needs no fewer gates than one that reads fewer literals.

    Attributes:
        start: int64 ``(257,)``.
        reads: int64 ``(programs,)``, the literals that may be read, bit by operand.
        first: int64 ``(programs + 1,)``, where the gates of each begin.
        steps: int64 ``(gates, 4)``, see `Step`.
    """

    start: Ints
    reads: Ints
    first: Ints
    steps: Ints

    @property
    def price(self) -> Ints:
        """Gates of each program."""
        return np.diff(self.first)

    def cheapest(self, table: int, reads: int) -> int:
        """The shortest program of a function that reads no other literals; the function has one."""
        own = range(int(self.start[table]), int(self.start[table + 1]))
        fit = [one for one in own if int(self.reads[one]) & ~reads == 0]
        return min(fit, key=lambda one: (int(self.price[one]), one))


@cache
def programs(basis: Basis, work: int = WORK) -> Programs:
    """Search all sets of literals.

    Args:
        basis: the gates.
        work: gates tried for each set.
    """
    known: dict[tuple[int, ...], dict[int, tuple[Step, ...]]] = {}
    for phases in combinations_with_replacement((3, 2, 1, 0), NETS):
        found = _search(basis, phases, work)
        for order in set(permutations(range(NETS))):
            known[tuple(phases[i] for i in order)] = {
                _permute(table, order): tuple(_rename(step, basis, order) for step in steps)
                for table, steps in found.items()
            }
    return _listed(known)


def _permute(table: int, order: tuple[int, ...]) -> int:
    """The function g(x) with g's net i in the place of f's net ``order[i]``."""
    new = 0
    for index in range(ONES + 1 >> 5):
        old = 0
        for i, place in enumerate(order):
            old |= (index >> (NETS - 1 - i) & 1) << (NETS - 1 - place)
        new |= (table >> (7 - old) & 1) << (7 - index)
    return new


def _rename(step: Step, basis: Basis, order: tuple[int, ...]) -> Step:
    """The step with operands of net ``order[i]`` now of net i."""
    new = {place: i for i, place in enumerate(order)}
    k = basis.proper[step[0]].k
    moved = [
        2 * new[one // 2] + one % 2 if one < CONSTANT and at < k else one
        for at, one in enumerate(step[1:])
    ]
    return (step[0], moved[0], moved[1], moved[2])


def _listed(known: dict[tuple[int, ...], dict[int, tuple[Step, ...]]]) -> Programs:
    """The programs worth having, in order of function, then of length."""
    start, reads, first, steps = [0], list[int](), [0], list[Step]()
    for table in range(ONES + 1):
        support = set(_support(table))
        kept: list[tuple[int, int, tuple[Step, ...]]] = []
        given = sorted(
            (len(found[table]), phases, found[table])
            for phases, found in known.items()
            if table in found and not any(phases[i] for i in range(NETS) if i not in support)
        )
        for price, phases, program in sorted(given, key=lambda one: (one[0], sum(one[1]))):
            mask = sum(phase << 2 * i for i, phase in enumerate(phases))
            if not any(other & ~mask == 0 for _, other, _ in kept):
                kept.append((price, mask, program))
        for _, mask, program in kept:
            reads.append(mask)
            steps += program
            first.append(len(steps))
        start.append(len(reads))
    rows = np.array(steps, np.int64).reshape(-1, 4)
    return Programs(np.array(start), np.array(reads), np.array(first), rows)


def _support(table: int) -> list[int]:
    """The nets that a program of the function may read: those it depends on, net 0 for none."""
    word = np.uint64(table)
    return [i for i in range(NETS) if tables.depends(word, NETS, i)] or [0]


def _search(basis: Basis, phases: tuple[int, ...], work: int) -> dict[int, tuple[Step, ...]]:
    """Programs that read the given phases, 1 a net itself, 2 its complement, 3 both."""
    literal: dict[int, int] = {}  # operand by table
    for i, phase in enumerate(phases):
        for negative in range(2):
            if phase >> negative & 1:
                literal[VARIABLES[i] ^ ONES * negative] = 2 * i + negative
    for constant in basis.constants:
        literal[ONES * constant] = CONSTANT + constant
    given = list(literal)
    found = np.full(ONES + 1, -1, np.int64)
    found[given] = 0
    program = np.zeros((ONES + 1) * LONGEST * 4, np.int64)
    proper = basis.proper
    if given:
        _enumerate(
            work * 20, np.array([gate.k for gate in proper]), _polynomials(proper),
            np.array([_is_symmetric(gate) for gate in proper], np.int64), np.array(given), work,
            found, program, np.zeros(LONGEST * 4, np.int64),
            np.zeros(LONGEST + len(given), np.int64), np.zeros(LONGEST + len(given), np.int64),
        )  # fmt: skip
    names = np.array([*literal.values(), *range(FIRST, FIRST + LONGEST)])
    result: dict[int, tuple[Step, ...]] = {}
    for table in np.flatnonzero(found >= 0).tolist():
        rows = program.reshape(-1, LONGEST, 4)[table, : found[table]]
        gates: list[int] = rows[:, 0].tolist()
        operands: list[list[int]] = names[rows[:, 1:]].tolist()
        result[table] = tuple(
            _step(gate, read[: proper[gate].k]) for gate, read in zip(gates, operands)
        )
    nets = sum(phase > 0 for phase in phases)
    if 0 < nets < NETS:
        _complete(basis, result, literal, 1 << (1 << nets))
    return result


def _step(gate: int, operands: list[int]) -> Step:
    a, b, c = (*operands, 0, 0, 0)[:3]
    return (gate, a, b, c)


def _complete(
    basis: Basis, found: dict[int, tuple[Step, ...]], literal: dict[int, int], functions: int
) -> None:
    """Programs put together for the functions that the search did not reach."""
    while len(found) < functions:
        before = len(found)
        for number, gate in enumerate(basis.proper):
            for parts in product(list(found), repeat=gate.k):
                table = _apply(gate, parts)
                if table not in found:
                    steps: list[Step] = []
                    operands: list[int] = []
                    for part in parts:
                        shift = len(steps)
                        for one in found[part]:
                            k = basis.proper[one[0]].k
                            moved = [x + shift * (x >= FIRST) for x in one[1 : 1 + k]]
                            steps.append(_step(one[0], moved))
                        last = FIRST + len(steps) - 1
                        operands.append(literal.get(part, last))
                    found[table] = (*steps, _step(number, operands))
        assert len(found) > before, "the gates do not make every function"


def _apply(gate: Gate, parts: tuple[int, ...]) -> int:
    """The gate's result where its operands have these tables."""
    made = 0
    for index in range(1 << gate.k):
        if value(gate.table, gate.k, index):
            term = ONES
            for at, part in enumerate(parts):
                term &= part if index >> (gate.k - 1 - at) & 1 else ~part
            made |= term
    return made


def _is_symmetric(gate: Gate) -> bool:
    """Whether any order of fan-ins gives the same."""
    weight: dict[int, int] = {}
    return all(
        weight.setdefault(index.bit_count(), value(gate.table, gate.k, index))
        == value(gate.table, gate.k, index)
        for index in range(1 << gate.k)
    )


def _polynomials(gates: tuple[Gate, ...]) -> Ints:
    """Eight masks a gate, for 1, c, b, bc, a, ac, ab, abc: their sum modulo 2 is the function."""
    masks: list[int] = []
    for gate in gates:
        for term in range(8):  # Möbius: the sum over all that the term holds
            within = [x for x in range(8) if x & ~term == 0 and x % (1 << (3 - gate.k)) == 0]
            odd = sum(value(gate.table, gate.k, x >> (3 - gate.k)) for x in within) % 2
            masks.append(ONES * odd if term % (1 << (3 - gate.k)) == 0 else 0)
    return np.array(masks, np.int64)


@loop()
def _enumerate(
    arity: Row, polynomial: Row, symmetric: Row, literals: Row, work: int,
    found: Row, program: Row, step: Row, have: Row, reads: Row,
) -> None:  # fmt: skip
    """All programs by rising length, each new value unlike all before; ``found`` is the length of
    each function's, ``program`` its gates; ``reads`` counts the readers of each value.

    Of programs that differ in the order of independent gates one is run: a gate either reads the
    one before or comes after it in the order of (gate, operands).
    """
    given = len(literals)
    for i in range(given):
        have[i] = literals[i]
    widest = 1
    for g in range(len(arity)):
        widest = max(widest, arity[g])
    spent = 0
    for length in range(1, LONGEST + 1):
        depth, loose = 0, 0  # loose: gates that nothing reads yet
        for i in range(4):
            step[i] = 0
        while depth >= 0:
            at = depth * 4
            gate, a, b, c = step[at], step[at + 1], step[at + 2], step[at + 3]
            if gate == len(arity):
                depth -= 1
                if depth >= 0:
                    # take back the gate before, go on with the next in its place
                    at -= 4
                    gate, a, b, c = step[at], step[at + 1], step[at + 2], step[at + 3]
                    loose -= 1
                    for i in range(arity[gate]):
                        operand = step[at + 1 + i]
                        reads[operand] -= 1
                        if operand >= given and reads[operand] == 0:
                            loose += 1
            else:
                spent += 1
                if spent > work:
                    return
                top = given + depth
                fits = True
                if depth > 0 and a != top - 1 and b != top - 1 and c != top - 1:
                    # compare with the gate before
                    old = at - 4
                    fits = gate > step[old]
                    if gate == step[old]:
                        if a != step[old + 1]:
                            fits = a > step[old + 1]
                        elif b != step[old + 2]:
                            fits = b > step[old + 2]
                        else:
                            fits = c > step[old + 3]
                made = 0
                if fits:
                    x, y, z, base = have[a], have[b], have[c], gate * 8
                    made = polynomial[base]
                    made ^= polynomial[base + 1] & z
                    made ^= polynomial[base + 2] & y
                    made ^= polynomial[base + 3] & y & z
                    made ^= polynomial[base + 4] & x
                    made ^= polynomial[base + 5] & x & z
                    made ^= polynomial[base + 6] & x & y
                    made ^= polynomial[base + 7] & x & y & z
                    for i in range(top):
                        if have[i] == made:
                            fits = False
                            break
                if fits:
                    after = loose + 1
                    for i in range(arity[gate]):
                        operand = step[at + 1 + i]
                        reads[operand] += 1
                        if operand >= given and reads[operand] == 1:
                            after -= 1
                    left = length - 1 - depth
                    if left > 0 and after <= 1 + left * (widest - 1):
                        have[top] = made
                        reads[top] = 0
                        loose = after
                        depth += 1
                        for i in range(4):
                            step[at + 4 + i] = 0
                        continue
                    if left == 0 and after == 1 and found[made] < 0:
                        found[made] = length
                        for i in range(length * 4):
                            program[made * LONGEST * 4 + i] = step[i]
                    for i in range(arity[gate]):
                        reads[step[at + 1 + i]] -= 1
            if depth < 0:
                break
            # the next gate in the order of (gate, operands)
            at = depth * 4
            gate, a, b, c = step[at], step[at + 1], step[at + 2], step[at + 3]
            last = given + depth - 1
            if arity[gate] > 2 and c < (b if symmetric[gate] else last):
                step[at + 3] = c + 1
            elif arity[gate] > 1 and b < (a if symmetric[gate] else last):
                step[at + 2], step[at + 3] = b + 1, 0
            elif a < last:
                step[at + 1], step[at + 2], step[at + 3] = a + 1, 0, 0
            else:
                step[at] = gate + 1
                step[at + 1], step[at + 2], step[at + 3] = 0, 0, 0
