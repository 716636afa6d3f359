"""Post's criterion against the closure itself, and what is said of gates that do not suffice."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.errors import UsageError
from lgc.synthesis.bases import GATES, NAMED, Basis, Gate, parse_basis
from lgc.synthesis.post import CLASSES, obstacles

A, B = 0b0011, 0b0101


def closure(gates: tuple[int, ...]) -> set[int]:
    """All functions of two nets that two-input gates make, by composing until nothing is new."""
    made = {A, B}
    while True:
        new = {
            sum((gate >> (3 - 2 * (x >> i & 1) - (y >> i & 1)) & 1) << i for i in range(4))
            for gate in gates
            for x, y in product(made, repeat=2)
        }
        if new <= made:
            return made
        made |= new


def is_complete(gates: tuple[int, ...]) -> bool:
    return not obstacles((gate, 2) for gate in gates)


def test_all_pairs_of_gates() -> None:
    few = [(gate,) for gate in range(16)] + list(combinations(range(16), 2))
    complete = [gates for gates in few if is_complete(gates)]
    assert complete == [gates for gates in few if len(closure(gates)) == 16]
    assert complete[:2] == [(8,), (14,)]  # the two that suffice alone
    assert len(complete) == 55


@given(st.sets(st.integers(0, 15), min_size=3, max_size=7))
def test_larger_sets(gates: set[int]) -> None:
    assert is_complete(tuple(gates)) == (len(closure(tuple(gates))) == 16)


@pytest.mark.parametrize(
    ("gates", "lacks"),
    [
        ("and,or,0,1", "NOT and XOR"),
        ("xor,not,1", "AND and OR"),
        ("maj,not", "AND, OR and the constants"),
        ("and,xor", "NOT and the constant 1"),
        ("imply,or", "NOT and the constant 0"),
    ],
)
def test_each_class_alone(gates: str, lacks: str) -> None:
    chosen = [GATES[name] for name in gates.split(",")]
    assert [one.lacks for one in obstacles((gate.table, gate.k) for gate in chosen)] == [lacks]


def test_counts_of_three_input_functions() -> None:
    """Of 256: half keep 0, half keep 1; 16 self-dual, 20 monotone, 16 affine ones."""
    counts = [sum(one.holds(table, 3) for table in range(256)) for one in CLASSES]
    assert counts == [128, 128, 16, 20, 16]


@pytest.mark.parametrize("name", NAMED)
def test_named_bases(name: str) -> None:
    basis = parse_basis(name)
    assert set(basis.gates) == {GATES[gate] for gate in NAMED[name]}
    assert basis == parse_basis(" , ".join(reversed(NAMED[name])))


def test_gates_by_table_and_expression() -> None:
    assert parse_basis("~(a&b)") == parse_basis("0xe") == parse_basis("nand")
    assert parse_basis("0x17,not,0") == parse_basis("mig")
    assert parse_basis("a&~b,1") == Basis((Gate(1, 0), Gate(2, 2)))
    assert parse_basis("0xE8,1").k == 3
    assert parse_basis("nimply,1").k == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "and,or",
            "pass to-basis: and, or: not every function can be made of this: "
            "all give 0 where all they read is 0, so NOT and the constant 1 cannot be made; "
            "all give 1 where all they read is 1, so NOT and the constant 0 cannot be made; "
            "all are monotone, so NOT and XOR cannot be made\n"
            "  hint: bases that make everything: nand, nor, and-not, or-not, xag, mig, mux",
        ),
        (
            "maj,not",
            "pass to-basis: maj, not: not every function can be made of this: "
            "all are self-dual, f(¬x) = ¬f(x), so AND, OR and the constants cannot be made\n"
            "  hint: bases that make everything: nand, nor, and-not, or-not, xag, mig, mux",
        ),
        (
            "nand,wand",
            "pass to-basis: 'wand' is neither a basis nor a gate\n"
            "  hint: bases: nand, nor, and-not, or-not, xag, mig, mux; gates, as in "
            'basis="nimply,1": 0, 1, not, and, or, xor, nand, nor, xnor, andn, nimply, orn, '
            "imply, and3, or3, nand3, nor3, xor3, maj, mux, or a table such as 0xe or 0x17",
        ),
        ("0x123", "pass to-basis: '0x123' is neither a basis nor a gate\n  hint: bases: *"),
        ("", "pass to-basis: '' is neither a basis nor a gate\n  hint: bases: *"),
    ],
)
def test_refusals(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_basis(text)
    told = str(caught.value)
    assert told.startswith(said[:-1]) if said.endswith("*") else told == said
