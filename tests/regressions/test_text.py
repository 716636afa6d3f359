"""Texts that once led to something else than an `InputError`."""

from __future__ import annotations

import pytest

from lgc.errors import InputError
from lgc.netlist_text import parse_netlist
from lgc.text import parse_module


def test_a_superscript_digit() -> None:
    """xDSL's lexer takes ² for a number, which int() does not."""
    with pytest.raises(InputError) as caught:
        parse_module("func.func @main(%x: !logic.bits<²>) -> !logic.bits<1> {}", "t.mlir")
    assert str(caught.value) == (
        "t.mlir: the text cannot be parsed: invalid literal for int() with base 10: '²'\n"
        "  hint: the text form is described in docs/ir.md"
    )


def test_digits_of_other_scripts() -> None:
    with pytest.raises(InputError, match="a netlist starts with its inputs"):
        parse_netlist("in ٣; out %٠")


def test_a_string_that_is_not_closed() -> None:
    """xDSL's lexer takes time exponential in the rest of the text to find that out."""
    with pytest.raises(InputError) as caught:
        parse_module('// "quoted\nfunc.func @main(%x: !logic.b"' + "its<2>) %0 " * 50, "t.mlir")
    assert str(caught.value) == "t.mlir, line 2, column 29: a string is not closed"
