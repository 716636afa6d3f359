"""The class in gates is that of the sums, whatever circuit it follows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.evaluation import exhaustive_planes, pack_planes, unpack_planes
from lgc.facts import nothing, of_thresholds
from lgc.netlist import Netlist
from lgc.proof.contest import first_largest
from lgc.proof.counting import Builder
from lgc.proof.extremes import extremes
from lgc.proof.following import follow
from lgc.proof.patterns import Patterns
from lgc.proof.sweeping import Limits
from lgc.reference import binary
from lgc.sums.terms import Weights
from lgc.surgery import compose
from tests.strategies import netlists
from tests.support import random_layers


def bits_of(net: Netlist) -> np.ndarray:
    """Outputs for all inputs, bool ``(samples, outputs)``."""
    return unpack_planes(net.evaluate(exhaustive_planes(net.inputs)), 1 << net.inputs)


@pytest.mark.parametrize("numbers", [1, 2, 3, 4, 5])
def test_the_first_of_the_largest_wins(numbers: int) -> None:
    """Numbers of two bits, one more bit for every second: all there are."""
    sizes = [2 + (place % 2) for place in range(numbers)]
    sizes = sizes if numbers < 5 else [2] * numbers
    ends = np.cumsum([0, *sizes])
    net = Netlist(int(ends[-1]), np.zeros(0, np.uint64), np.zeros((0, 1), np.int32), [0])
    builder = Builder(net)
    index = first_largest(builder, [list(range(*pair)) for pair in pairwise(ends)])
    assert len(index) == max(1, (numbers - 1).bit_length())
    every = unpack_planes(exhaustive_planes(net.inputs), 1 << net.inputs)
    values = [every[:, low:high] @ (1 << np.arange(high - low)) for low, high in pairwise(ends)]
    given = binary(bits_of(builder.finish(index)))
    assert (given == np.array(values).argmax(axis=0)).all()


@given(one=netlists(max_outputs=8), other=netlists(), data=st.data())
def test_the_class_is_right_whatever_is_followed(
    one: Netlist, other: Netlist, data: st.DataObject
) -> None:
    count, classes = len(one.outputs), data.draw(st.integers(1, 4))
    group = data.draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count))
    weight = data.draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count))
    offset = data.draw(st.lists(st.integers(-4, 4), min_size=classes, max_size=classes))
    sums = Weights(*(np.array(values, np.int64) for values in (group, weight, offset)))
    inputs = max(one.inputs, other.inputs)
    one, other = (widened(net, inputs) for net in (one, other))
    made, vectors = follow(one, sums, other, nothing(inputs), Limits(vectors=64))
    assert vectors.shape[0] == inputs
    assert (binary(bits_of(made)) == sums.values(bits_of(one)).argmax(axis=1)).all()


def widened(net: Netlist, inputs: int) -> Netlist:
    move = inputs - net.inputs
    fanin, nets = (np.where(x < net.inputs, x, x + move) for x in (net.fanin, net.outputs))
    return Netlist(inputs, net.table, fanin.astype(np.int32), nets.astype(np.int32))


def test_bred_inputs_can_occur_and_reach_farther() -> None:
    levels = np.tile([1, 2, 3, 4], 20)
    facts = of_thresholds("uint8", np.repeat(np.arange(20), 4), levels)
    net = random_layers([200, 200], 80, 0)
    circuit = compose(net)
    sums = Weights(np.arange(200) % 2, np.ones(200, int), np.zeros(2, int))

    def scores(bits: np.ndarray) -> np.ndarray:
        return sums.values(unpack_planes(circuit.evaluate(pack_planes(bits)), len(bits)))

    patterns = Patterns(facts, 0)
    bred = extremes(patterns, scores)
    bits = unpack_planes(bred, 64 * bred.shape[1])
    assert facts.hold(bits).all()
    plain = patterns.plain(bred.shape[1])
    ordinary = scores(unpack_planes(plain, 64 * plain.shape[1]))
    found = scores(bits)
    assert (found.max(axis=0) > ordinary.max(axis=0)).all()
    assert (found.min(axis=0) < ordinary.min(axis=0)).all()
