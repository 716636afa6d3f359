"""Classes and their circuits: what the data file holds is what the search finds, and right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.synthesis.classes import TABLES, classes
from lgc.synthesis.depth_rewriting import circuits_of as stored
from lgc.synthesis.search import PRICES, Circuit, chains, circuits, main

KNUTH = [2, 2, 5, 20, 34, 75, 72, 12]
"""Classes of four inputs by gates: The Art of Computer Programming, volume 4A, 7.1.2, table 1."""


def cost_of(circuit: Circuit, cost: str) -> int:
    price, deep = PRICES[cost]
    return sum(price if xor else 1 for xor, _, _ in circuit.gates) + deep * circuit.depth


def next_level(below: set[int]) -> set[int]:
    """All that one more gate makes, complements left out."""
    found = set(below)
    known = np.array(sorted(below))
    for one in known:
        for sign in (0, 0xFFFF):
            for made in ((one ^ sign) & known, (one ^ sign) & (known ^ 0xFFFF), one ^ known):
                found.update(np.minimum(made, made ^ 0xFFFF).tolist())
    return found


def test_stored_circuits_are_as_shallow_as_any() -> None:
    levels = [{0, 0x00FF, 0x0F0F, 0x3333, 0x5555}]
    for _ in range(3):
        levels.append(next_level(levels[-1]))
    for table, options in zip(classes().smallest.tolist(), stored("depth")):
        plain = min(table, table ^ 0xFFFF)
        least = next((depth for depth, made in enumerate(levels) if plain in made), 4)
        assert {circuit.depth for circuit in options} <= {least}
    depths = [options[0].depth if options else 0 for options in stored("depth")]
    assert np.bincount(depths).tolist() == [2, 2, 17, 179, 22]


def test_there_are_222_classes() -> None:
    known = classes()
    assert len(known.smallest) == 222
    assert np.bincount(known.number).sum() == TABLES
    assert (known.smallest[known.number] <= np.arange(TABLES)).all()


@given(st.integers(0, TABLES - 1), st.integers(0, 767), st.integers(0, 15))
def test_a_transform_does_what_it_says(table: int, other: int, index: int) -> None:
    known = classes()
    row, smallest = known.transform[table], int(known.smallest[known.number[table]])
    x = [index >> (3 - i) & 1 for i in range(4)]
    y = [x[known.order[row, i]] ^ known.phase[row, i] for i in range(4)]
    read = sum(bit << (3 - i) for i, bit in enumerate(y))
    assert table >> (15 - index) & 1 == (smallest >> (15 - read) & 1) ^ known.sign[row]
    # a function and its images are of one class
    assert known.number[known.images(table)[other]] == known.number[table]


@pytest.mark.parametrize("cost", PRICES)
def test_every_stored_circuit_computes_its_class(cost: str) -> None:
    for table, options in zip(classes().smallest.tolist(), stored(cost)):
        assert bool(options) == (table != 0)
        assert all(circuit.table == table for circuit in options)
        assert len({circuit.gates for circuit in options}) == len(options)
        assert len({cost_of(circuit, cost) for circuit in options}) <= 1


def test_stored_circuits_are_as_small_as_knuths() -> None:
    sizes = [len(options[0].gates) if options else 0 for options in stored("gates")]
    assert np.bincount(sizes).tolist() == KNUTH


@pytest.mark.parametrize("cost", PRICES)
def test_the_search_finds_what_is_stored(cost: str) -> None:
    best, found = chains(*PRICES[cost], most=5)
    for number, options in enumerate(stored(cost)):
        least = cost_of(options[0], cost) if options else 0
        assert best[number] in (-1, least) or best[number] > max(5, least)
        few = best[number] <= 4 or (cost == "depth" and 0 < best[number] < 2 * 16 + 4)
        if best[number] >= 0 and few:  # more gates cannot cost less
            assert circuits(number, found[number]) == options


def test_a_quick_look(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["search", "--most", "4"])
    main()
    assert capsys.readouterr().out == (
        "gates: classes by cost 0: 2, 1: 2, 2: 5, 3: 20, 4: 34\n"
        "aig: classes by cost 0: 2, 1: 1, 2: 2, 3: 7, 4: 9, 5: 7, 6: 17, 7: 5, 8: 10, 9: 1, 10: 2\n"
        "depth: classes by cost 0: 2, 17: 2, 34: 5, 35: 12, 51: 8, 52: 32, 68: 2\n"
    )
