"""Programs: each computes its function from the literals it names, none is longer than need be."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from lgc import loops
from lgc.synthesis.bases import GATES, NAMED, Basis, parse_basis
from lgc.synthesis.post import value
from lgc.synthesis.programs import CONSTANT, FIRST, ONES, VARIABLES, Programs, programs

POSITIVE, BOTH = 0b0101, 0b1111
"""Literals of the first two nets."""
LITTLE = 20_000


def run(basis: Basis, found: Programs, which: int) -> int:
    """What a program computes; reads nothing but what it says."""
    reads = int(found.reads[which])
    have = {CONSTANT + c: ONES * c for c in basis.constants}
    for operand in range(CONSTANT):
        if reads >> operand & 1:
            have[operand] = VARIABLES[operand // 2] ^ ONES * (operand % 2)
    if found.price[which] == 0:  # a literal by itself
        return have[reads.bit_length() - 1]
    made = -1
    steps = found.steps[found.first[which] : found.first[which + 1]].tolist()
    for place, (number, *operands) in enumerate(steps):
        gate = basis.proper[number]
        made = 0
        for bit in range(8):
            index = 0
            for operand in operands[: gate.k]:
                index = 2 * index + (have[operand] >> bit & 1)
            made |= value(gate.table, gate.k, index) << bit
        have[FIRST + place] = made
    return made


@pytest.mark.parametrize("name", [*NAMED, "nimply,1", "0xe8,1", "nand3", "mux,not,0x1"])
def test_every_program_computes_its_function(name: str) -> None:
    basis = parse_basis(name)
    found = programs(basis, LITTLE)
    for table in range(ONES + 1):
        for which in range(int(found.start[table]), int(found.start[table + 1])):
            if found.price[which] == 0 and found.reads[which] == 0:
                assert table // ONES in basis.constants
                continue
            assert run(basis, found, which) == table


@pytest.mark.parametrize("name", [*NAMED, "nimply,1", "nor3"])
def test_all_functions_of_two_nets_have_one(name: str) -> None:
    found = programs(parse_basis(name), 200)  # too little to find them: they are put together
    for a, b, c, d in product((0, 1), repeat=4):
        table = 0b11000000 * a | 0b110000 * b | 0b1100 * c | 0b11 * d
        found.cheapest(table, POSITIVE)


@pytest.mark.parametrize(
    ("name", "function", "reads", "gates"),
    [
        ("nand", "not", POSITIVE, 1),
        ("nand", "xor", POSITIVE, 4),
        ("nand", "xor", BOTH, 3),
        ("nand", "or", POSITIVE, 3),
        ("nand", "or", BOTH, 1),
        ("nand", "1", POSITIVE, 2),
        ("nand", "0", POSITIVE, 3),
        ("nor", "xnor", POSITIVE, 4),
        ("and-not", "xor", POSITIVE, 7),
        ("and-not", "or", BOTH, 2),
        ("xag", "xnor", POSITIVE, 2),
        ("mig", "and", POSITIVE, 1),
        ("mux", "xor", POSITIVE, 2),
        ("mux", "xor", BOTH, 1),
        ("mux", "0", POSITIVE, 0),
        ("nimply,1", "nor", POSITIVE, 2),
    ],
)
def test_shortest(name: str, function: str, reads: int, gates: int) -> None:
    gate = GATES[function]
    table = 0
    for index in range(8):
        table |= value(gate.table, gate.k, index >> (3 - gate.k)) << (7 - index)
    found = programs(parse_basis(name), LITTLE)
    assert found.price[found.cheapest(table, reads)] == gates


def brute(basis: Basis, reads: int, most: int) -> dict[int, int]:
    """Fewest gates by breadth-first search over sets of values, with no order of gates."""
    literals = {VARIABLES[x // 2] ^ ONES * (x % 2) for x in range(CONSTANT) if reads >> x & 1}
    best = dict.fromkeys(literals | {ONES * c for c in basis.constants}, 0)
    states = {frozenset(best)}
    for spent in range(1, most + 1):
        after = set()
        for have in states:
            for gate in basis.proper:
                for parts in product(have, repeat=gate.k):
                    made = 0
                    for bit in range(8):
                        index = 0
                        for part in parts:
                            index = 2 * index + (part >> bit & 1)
                        made |= value(gate.table, gate.k, index) << bit
                    if made not in have:
                        best.setdefault(made, spent)
                        after.add(have | {made})
        states = after
    return best


@pytest.mark.parametrize(("name", "most"), [("nand", 3), ("xag", 2), ("mig", 2), ("nimply,1", 3)])
@pytest.mark.parametrize("reads", [0b010101, 0b101101])
def test_none_is_longer_than_a_search_without_tricks_finds(
    name: str, most: int, reads: int
) -> None:
    basis = parse_basis(name)
    found = programs(basis, LITTLE)
    for table, gates in brute(basis, reads, most).items():
        if table not in (0, ONES):  # programs of constants read net 0 only
            assert found.price[found.cheapest(table, reads)] <= gates


def test_plain_and_compiled_search_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    basis = parse_basis("nand")
    results = []
    for enough in (1 << 60, 0):
        monkeypatch.setattr(loops, "ENOUGH", enough)
        results.append(programs.__wrapped__(basis, 2000))
    for one, other in zip(*(vars(result).values() for result in results)):
        assert np.array_equal(one, other)
