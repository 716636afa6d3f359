"""extraction: divisors are what two cubes differ in, and what is written once is the same."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lgc.equivalence import compare_netlists
from lgc.loops import Loop
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.synthesis.cube_divisors import LENGTH, MARK, WIDTH, compare
from lgc.synthesis.cubes import cubes_of, gates_of
from lgc.synthesis.extraction import extract
from lgc.synthesis.gates import assemble
from tests.strategies import netlists

COST = st.sampled_from(["gates", "aig"])


def divisor(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, list[int]]:
    """Literals saved, and the key, of two cubes."""
    literal, key = [0] * (2 * WIDTH), [0] * LENGTH
    for place, cube in enumerate((one, other)):
        literal[place * WIDTH : place * WIDTH + len(cube)] = sorted(cube)
    saved = compare(0, 1, literal, [len(one), len(other)], [0] * 4, key)
    return saved, key


def value(literal: int, sample: int) -> int:
    """A literal of nets 1 to 4, or of the constant, where the sample's bits are the nets."""
    return (sample >> (literal >> 1) & 1) ^ (literal & 1)


def meaning(key: list[int], sample: int) -> int:
    """What the docstrings say that a key stands for."""
    a, b, c, d = (value(part, sample) for part in key[:4])
    if key[2] == 0:
        plain = a ^ b if key[3] == MARK else a & b
    elif key[3] == 0:
        plain = a | b & c
    else:
        plain = (b if a else c) if key[3] == MARK else a & b | c & d
    return plain ^ key[4]


def cubes(most: int) -> list[tuple[int, ...]]:
    """All cubes of nets 1 to 4."""
    return [
        tuple(2 * net + phase for net, phase in zip(nets, phases))
        for size in range(1, most + 1)
        for nets in combinations(range(1, 5), size)
        for phases in product((0, 1), repeat=size)
    ]


def test_every_divisor_means_what_the_cubes_differ_in() -> None:
    kinds = set[tuple[bool, bool, bool]]()
    for one, other in combinations(cubes(3), 2):
        saved, key = divisor(one, other)
        mine, yours = set(one) - set(other), set(other) - set(one)
        if saved == 0:
            opposite = {literal ^ 1 for literal in mine} & yours
            assert not mine or not yours or max(len(mine), len(yours)) > 2 or opposite
            continue
        assert saved == len(one) + len(other) - len(set(one) & set(other)) - 1
        kinds.add((key[2] == 0, key[3] == 0, key[3] == MARK))
        for sample in range(0, 32, 2):
            whole = any(all(value(x, sample) for x in part) for part in (mine, yours))
            assert meaning(key, sample) == whole, (one, other, key)
    assert len(kinds) == 5  # and, xor, a ∨ bc, multiplexer, ab ∨ cd


def test_complements_are_one_divisor() -> None:
    # a ? b : c and a ? ¬b : ¬c; a ⊕ b and its complement; a ∨ b and ¬a ∧ ¬b
    (_, plain), (_, flipped) = divisor((2, 4), (3, 6)), divisor((2, 5), (3, 7))
    assert plain[:4] == flipped[:4]
    assert plain[4] != flipped[4]
    (_, plain), (_, flipped) = divisor((2, 5), (3, 4)), divisor((2, 4), (3, 5))
    assert plain[:4] == flipped[:4]
    assert plain[4] != flipped[4]
    assert divisor((2,), (4,)) == (1, [3, 5, 0, 0, 1])


@settings(max_examples=60, deadline=None)
@given(netlists(k=None, max_gates=12), COST)
def test_cubes_and_back(net: Netlist, cost: str) -> None:
    assert compare_netlists(net, assemble(gates_of(cubes_of(net), aig=cost == "aig")))


@settings(max_examples=100, deadline=None)
@given(netlists(k=None, max_gates=12), COST, st.integers(0, 99))
def test_the_function_stays(net: Netlist, cost: str, seed: int) -> None:
    after = extract(net, cost, seed)
    assert compare_netlists(net, after)
    assert after.gates <= assemble(gates_of(cubes_of(net), aig=cost == "aig")).gates
    if cost == "aig":
        assert not np.isin(after.table, (6, 9)).any()


@pytest.mark.parametrize(
    ("text", "gates"),
    [
        # abc and abd share ab
        ("in 4; %4 = 0x01 %0 %1 %2; %5 = 0x01 %0 %1 %3; out %4 %5", 3),
        # ac ∨ bc = c(a ∨ b), and ad ∨ bd = d(a ∨ b)
        ("in 4; %4 = 0x15 %0 %1 %2; %5 = 0x15 %0 %1 %3; out %4 %5", 3),
        # a ⊕ b ⊕ c and a ⊕ b ⊕ d
        ("in 4; %4 = 0x69 %0 %1 %2; %5 = 0x96 %0 %1 %3; out %4 %5", 3),
        # nothing in common: three products of three
        ("in 6; %6 = 0x01 %0 %1 %2; %7 = 0x01 %3 %4 %5; out %6 %7", 4),
    ],
)
def test_what_is_shared_is_written_once(text: str, gates: int) -> None:
    net = parse_netlist(text)
    after = extract(net)
    assert compare_netlists(net, after)
    assert after.gates == gates


def test_both_ways_of_running_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    fanin = np.array([random.choice(8, 4, replace=False) for _ in range(60)])
    net = Netlist(8, random.integers(0, 1 << 16, 60), fanin, np.arange(8, 68))
    compiled = extract(net)
    monkeypatch.setattr(Loop, "__call__", lambda loop, _, *args: loop.plain(*args))
    assert extract(net) == compiled
