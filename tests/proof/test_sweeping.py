"""A sweep finds all nets that are equal on the vectors that can occur, and no others."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.errors import UnsupportedError
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.facts import Facts, nothing, of_thresholds
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.proof.patterns import Example, Patterns
from lgc.proof.solver import Solver
from lgc.proof.sweeping import Equal, Limits, equal_nets
from lgc.surgery import compose, live_gates
from tests.strategies import netlists
from tests.support import random_layers

FEW = Limits(vectors=64)


@st.composite
def facts_of(draw: st.DrawFn, inputs: int) -> Facts:
    """Facts about so many bits: thermometers, constants, one-hot groups."""
    feature = draw(st.lists(st.integers(0, 3), min_size=inputs, max_size=inputs))
    level = draw(st.lists(st.sampled_from([-1, 0, 0, 1, 2, 300]), min_size=inputs, max_size=inputs))
    one_hot = draw(st.sampled_from([None, [0, 0, 0, -1], [0, 0, 1, 1]]))
    return of_thresholds("uint8", feature, np.array(level, np.float32), one_hot)


def every_net(net: Netlist, facts: Facts) -> np.ndarray:
    """Values of all nets on all vectors that can occur, bool ``(vectors, nets)``."""
    whole = Netlist(net.inputs, net.table, net.fanin, range(net.nets))
    bits = unpack_planes(exhaustive_planes(net.inputs), 1 << net.inputs)
    values = unpack_planes(whole.evaluate(exhaustive_planes(net.inputs)), len(bits))
    return values[facts.hold(bits)]


def check(net: Netlist, facts: Facts, found: Equal) -> None:
    """Exactly what holds is found, each net with the first of its class."""
    values = every_net(net, facts)
    if not len(values):
        return
    rows = values ^ values[0]
    classes: dict[bytes, list[int]] = {bytes(len(rows)): [-1]}
    live = np.concatenate([np.ones(net.inputs, np.bool_), live_gates(net)])
    for number in range(net.nets):
        first = int(found.first[number])
        if not live[number]:
            assert first == number
            continue
        stands = values[:, first] if first >= 0 else np.zeros(len(values), np.bool_)
        assert (values[:, number] == (stands ^ found.complement[number])).all()
        classes.setdefault(rows[:, number].tobytes(), []).append(number)
    for members in classes.values():
        assert len({int(found.first[m]) if m >= 0 else -1 for m in members}) == 1


@given(net=netlists(k=None), data=st.data())
def test_finds_what_is_equal_and_nothing_else(net: Netlist, data: st.DataObject) -> None:
    facts = nothing(net.inputs)
    if data.draw(st.booleans()):
        facts = data.draw(facts_of(net.inputs))
    check(net, facts, equal_nets(net, facts, FEW))


def test_counterexamples_split_what_random_vectors_do_not() -> None:
    """Conjunctions of many inputs look constant, and are not."""
    gates = "; ".join(f"%{16 + i} = a&b %{15 + i if i else 0} %{i + 1}" for i in range(15))
    net = parse_netlist(f"in 16; {gates}; out %30 %29 %28")
    found = equal_nets(net, nothing(16), FEW)
    assert (found.first == np.arange(net.nets)).all()
    assert found.told.shape[1] > 0
    check(net, nothing(16), found)


def test_twins_of_another_depth_stand_for_the_deeper() -> None:
    text = "in 3; %3 = a&b %0 %1; %4 = a|b %0 %1; %5 = a&b %3 %4; %6 = a^b %5 %2; out %6 %5"
    found = equal_nets(parse_netlist(text), nothing(3), FEW)
    assert found.first.tolist() == [0, 1, 2, 3, 4, 3, 6]
    assert found.counts == (1, 0, 0)


def test_limits_are_told() -> None:
    net = sums_of_products(5)
    limits = Limits(conflicts=1, vectors=64)
    found = equal_nets(net, nothing(10), limits)
    assert found.effort.undecided > 0
    assert "undecided after 1 conflicts (option conflicts)" in found.effort.limits(limits)
    short = Limits(seconds=1e-9)
    late = equal_nets(net, nothing(10), short)
    assert late.effort.questions == 0
    assert f"{late.effort.untried} pairs not tried within 1e-09 s" in late.effort.limits(short)


def sums_of_products(width: int) -> Netlist:
    """x·y and y·x with the partial products added in other orders."""
    lines: list[str] = []
    nets = 2 * width

    def gate(what: str, a: int, b: int) -> int:
        nonlocal nets
        lines.append(f"%{nets} = {what} %{a} %{b}")
        nets += 1
        return nets - 1

    outputs: list[int] = []
    for swap in (False, True):
        columns: list[list[int]] = [[] for _ in range(2 * width + 1)]
        for i in range(width):
            for j in range(width):
                a, b = (j, width + i) if swap else (i, width + j)
                columns[i + j].append(gate("a&b", a, b))
        for place in range(2 * width):
            bits = columns[place]
            while len(bits) > 1:
                a, b = bits.pop(0), bits.pop(0 if swap else -1)
                bits.append(gate("a^b", a, b))
                columns[place + 1].append(gate("a&b", a, b))
            outputs += bits
    return parse_netlist(
        f"in {2 * width}; {'; '.join(lines)}; out {' '.join(f'%{o}' for o in outputs)}"
    )


def test_multipliers_are_found_equal() -> None:
    net = sums_of_products(3)
    half = len(net.outputs) // 2
    found = equal_nets(net, nothing(6), FEW)
    stands = found.literals(net.outputs)
    assert (stands[:half] == stands[half:]).all()


def test_same_seed_same_result() -> None:
    net = compose(random_layers([60, 60, 60], 12, 1))
    one, other = (equal_nets(net, nothing(12), FEW) for _ in range(2))
    assert (one.first == other.first).all()
    assert one.effort.questions == other.effort.questions
    check(net, nothing(12), one)


@given(st.integers(1, 12), st.data())
def test_vectors_around_examples_obey_the_facts(inputs: int, data: st.DataObject) -> None:
    facts = data.draw(facts_of(inputs))
    every = unpack_planes(exhaustive_planes(inputs), 1 << inputs)
    possible = every[facts.hold(every)]
    if not len(possible):
        return
    patterns = Patterns(facts, 0)
    example = Example(range(inputs), possible[-1].tolist(), range(inputs))
    planes = patterns.around([example], 2)
    around = unpack_planes(planes, 128)
    assert facts.hold(around).all()
    assert (around[0] == possible[-1]).all()
    assert (patterns.complete(example) == possible[-1]).all()


def test_python_sat_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysat", None)
    monkeypatch.delitem(sys.modules, "pysat.solvers", raising=False)
    with pytest.raises(
        UnsupportedError, match=r"is needed for this and is not installed(.|\n)*lgc\[proof\]"
    ):
        Solver()
