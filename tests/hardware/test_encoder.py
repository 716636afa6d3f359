"""Comparators with constants are the thresholds, and small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.errors import InputError
from lgc.evaluation import pack_planes, unpack_planes
from lgc.hardware.encoder import encoder, needed
from lgc.netlist_text import parse_netlist
from tests.hardware.test_formats import parsed


@given(st.data())
def test_every_number_of_a_small_format(data: st.DataObject) -> None:
    given_format = parsed(data.draw(st.sampled_from(["u4", "s4", "q2.3", "uq1.3", "s1", "u1"])))
    low, high = given_format.least, given_format.most
    cuts = data.draw(st.lists(st.integers(low + 1, high), min_size=1, max_size=6))
    level = (np.array(cuts) - 1) * 2.0**-given_format.fraction
    feature = np.array([data.draw(st.integers(0, 1)) for _ in cuts], np.int32)
    net = encoder(feature, level.astype(np.float32), 2, given_format)
    every = np.arange(low, high + 1)
    numbers = np.stack([np.repeat(every, len(every)), np.tile(every, len(every))], axis=1)
    out = unpack_planes(net.evaluate(pack_planes(given_format.unpack(numbers))), len(numbers))
    assert (out == (numbers[:, feature] * 2.0**-given_format.fraction > level)).all()


def test_only_bits_that_matter_and_shared() -> None:
    """x ≥ 8 of eight bits is an OR of five; x ≥ 24 shares nothing but reads bit 3 as it is."""
    eight, both = (
        encoder(np.zeros(n, np.int32), np.array([7, 23][:n], np.float32), 1, parsed("u8"))
        for n in (1, 2)
    )
    assert eight.gates == 4
    assert set(eight.fanin.ravel().tolist()) & {0, 1, 2} == set()
    assert both.gates == 4 + 4
    same = encoder(np.zeros(2, np.int32), np.array([100, 100], np.float32), 1, parsed("u8"))
    assert len(set(same.outputs.tolist())) == 1


def test_ends_that_are_alike_are_shared() -> None:
    """100 and 228 differ in the highest bit alone."""
    levels = np.array([99, 227], np.float32)
    one, other = (
        encoder(np.zeros(1, np.int32), levels[i : i + 1], 1, parsed("u8")) for i in (0, 1)
    )
    both = encoder(np.zeros(2, np.int32), levels, 1, parsed("u8"))
    assert both.gates == one.gates + 1
    assert other.gates == one.gates


def test_infinite_levels_are_constants() -> None:
    net = encoder(np.zeros(2, np.int32), np.array([-np.inf, np.inf], np.float32), 1, parsed("u2"))
    out = unpack_planes(net.evaluate(pack_planes(np.zeros((4, 2), np.bool_))), 4)
    assert (out == [True, False]).all()


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("u8", 255.0, "reaches from 0 to 255, so none is above the threshold 255 of number 0"),
        ("u8", -0.5, "reaches from 0 to 255, so none is below or equal to the threshold -0.5 of number 0"),
        ("q1.7", 1.0, "reaches from -1 to 0.992188, so none is above the threshold 1 of number 0"),
    ],
)  # fmt: skip
def test_thresholds_outside(text: str, level: float, message: str) -> None:
    with pytest.raises(InputError) as caught:
        encoder(np.zeros(1, np.int32), np.array([level], np.float32), 1, parsed(text))
    assert str(caught.value) == (
        f"--input-format: a number of the format {text} {message}\n"
        "  hint: choose a format that holds the thresholds, or bits to leave the encoder out"
    )


def test_thresholds_that_fall_together() -> None:
    """As where a model was trained on numbers up to 1 and gets bytes."""
    level = np.array([0.25, 0.75], np.float32)
    with pytest.raises(InputError) as caught:
        encoder(np.zeros(2, np.int32), level, 1, parsed("u8"))
    assert str(caught.value) == (
        "--input-format: no number of the format u8 lies between the thresholds 0.25 and 0.75 "
        "of number 0\n  hint: were the data scaled? a format with more bits after the point holds "
        "the difference"
    )
    assert encoder(np.zeros(2, np.int32), level, 1, parsed("uq0.8")).gates
    encoder(np.zeros(2, np.int32), level, 1, parsed("u8"), np.array([True, False]))


def test_what_outputs_need() -> None:
    first = parse_netlist("in 3; %3 = a&b %0 %1; %4 = a|b %1 %2; out %3 %4")
    assert needed([first, parse_netlist("in 2; out %0")]).tolist() == [True, True, False]
