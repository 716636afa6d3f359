"""Minimum cuts against all cuts there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.hardware import minimum_cut
from lgc.hardware.minimum_cut import UNCUT, source_side

SOURCE, SINK = 0, 1

Edges = list[tuple[int, int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Edges]:
    nodes = draw(st.integers(2, 7))
    node = st.integers(0, nodes - 1)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, 4)), max_size=20))
    inner = st.integers(2, nodes - 1) if nodes > 2 else st.nothing()
    uncut = draw(st.lists(st.tuples(inner, inner, st.just(UNCUT)), max_size=6 if nodes > 2 else 0))
    return nodes, edges + uncut


def cost(edges: Edges, before: set[int]) -> int:
    return sum(c for tail, head, c in edges if tail in before and head not in before)


def cheapest(nodes: int, edges: Edges) -> set[int]:
    """The largest source side of the cheapest cuts, by trying all."""
    inner = range(2, nodes)
    sides = [
        {SOURCE, *some} for size in range(nodes - 1) for some in itertools.combinations(inner, size)
    ]
    return min(sides, key=lambda side: (cost(edges, side), -len(side)))


def cut(nodes: int, edges: Edges) -> set[int]:
    rows = np.array(edges, np.int64).reshape(-1, 3).T.copy()
    return set(np.flatnonzero(source_side(nodes, *rows, SOURCE, SINK)).tolist())


@given(graphs())
def test_is_the_cheapest_cut_nearest_the_sink(graph: tuple[int, Edges]) -> None:
    assert cut(*graph) == cheapest(*graph)


def test_compiled_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    edges = [tuple(row) for row in random.integers((2, 2, 0), (60, 60, 9), (120, 3)).tolist()]
    edges += [(SOURCE, node, 30) for node in range(2, 12)]
    edges += [(node, SINK, 30) for node in range(50, 60)]
    plain = cut(60, edges)
    monkeypatch.setattr(minimum_cut, "STEPS", 1 << 20)
    assert cut(60, edges) == plain
    assert 12 < len(plain) < 50
    assert cost(edges, plain) > 0
