"""Input formats: numbers on wires, and the smallest one above a level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.errors import InputError, UsageError
from lgc.hardware.formats import InputFormat, parse_format

FORMATS = ["u1", "u8", "s1", "s6", "q4.12", "q1.7", "uq0.8", "uq3.2", "u32", "s32"]


def parsed(text: str) -> InputFormat:
    found = parse_format(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "bits", "fraction", "least", "most"),
    [
        ("u8", 8, 0, 0, 255),
        ("S8", 8, 0, -128, 127),
        ("q4.12", 16, 12, -32768, 32767),
        ("uq0.8", 8, 8, 0, 255),
        ("s1", 1, 0, -1, 0),
    ],
)
def test_what_a_format_holds(text: str, bits: int, fraction: int, least: int, most: int) -> None:
    one = parsed(text)
    assert (one.bits, one.fraction, one.least, one.most) == (bits, fraction, least, most)


def test_bits_are_no_numbers() -> None:
    assert parse_format("bits") is None


@pytest.mark.parametrize("text", ["", "u", "8", "q4", "f32", "u-1", "uq.8", "int8"])
def test_no_format(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_format(text)
    assert str(caught.value) == (
        f"--input-format: {text!r} is no input format\n  hint: one of bits, u8, s16, q4.12, uq0.8"
    )


@pytest.mark.parametrize(("text", "bits"), [("u0", 0), ("s33", 33), ("q20.20", 40)])
def test_too_many_bits_or_none(text: str, bits: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse_format(text)
    assert str(caught.value) == f"--input-format {text}: a number has 1 to 32 bits, not {bits}"


@given(st.sampled_from(FORMATS), st.floats(width=32, allow_nan=False), st.integers())
def test_at_or_above_the_cut_is_above_the_level(text: str, level: float, number: int) -> None:
    one = parsed(text)
    number = one.least + number % (one.most - one.least + 1)
    cut = one.cuts(np.array([level], np.float32))[0]
    assert (number >= cut) == (number * 2.0**-one.fraction > level)


@given(st.sampled_from(FORMATS), st.lists(st.integers(), min_size=1, max_size=5))
def test_wires_spell_the_number(text: str, numbers: list[int]) -> None:
    one = parsed(text)
    row = np.array([[one.least + number % (one.most - one.least + 1) for number in numbers]])
    bits = one.unpack(row).reshape(len(numbers), one.bits)
    weight = 1 << np.arange(one.bits)
    weight[-1] *= -1 if one.signed else 1
    assert (bits @ weight == row[0]).all()
    assert (one.quantise(row * 2.0**-one.fraction) == row).all()


@pytest.mark.parametrize("number", [-1.0, 256.0, 0.5, float("nan")])
def test_numbers_that_do_not_fit(number: float) -> None:
    with pytest.raises(InputError) as caught:
        parsed("u8").quantise(np.array([[3.0, number]]))
    assert str(caught.value) == (
        f"{number:g} is no number of the format u8, which reaches from 0 to 255 in steps of 1\n"
        "  hint: round the data, or choose a format that holds it"
    )
