"""Every rule an operation checks, with its text, and the round trip of every operation."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.printer import Printer

from lgc.chain import Sums, build_module, read_chain
from lgc.dialect import GroupSumOp, ThresholdOp
from lgc.errors import InputError
from lgc.text import parse_module, print_module
from tests.support import random_layers

HEAD = "func.func @main(%x: {source}) -> {target} {{\n  %0 = {op}\n  func.return %0 : {target}\n}}"


def one(op: str, source: str, target: str) -> str:
    """A function of one operation."""
    return HEAD.format(op=op, source=source, target=target)


BITS = "!logic.bits<{}>".format

GOOD = {
    "threshold": one(
        "logic.threshold %x feature dense<[0, 2, 0]> : tensor<3xi32> "
        "level <[0.5, -1.0, 2.5]> : tensor<3xf32> -> !logic.bits<3>",
        "tensor<3xf32>",
        BITS(3),
    ),
    "threshold of a one-hot group": one(
        "logic.threshold %x feature dense<[2, 0, 3]> : tensor<3xi32> "
        "level <[0.5, 0.0, 0.0]> one_hot dense<[0, -1, 0, -1]> : tensor<4xi32> "
        ": tensor<4xf32> -> !logic.bits<3>",
        "tensor<4xf32>",
        BITS(3),
    ),
    "circuit": one(
        "logic.circuit %x : !logic.bits<2> -> !logic.bits<2> "
        '["in 2", "%2 = a&~b %0 %1", "out %2 %0"]',
        BITS(2),
        BITS(2),
    ),
    "circuit as arrays": one(
        "logic.circuit %x : !logic.bits<2> -> !logic.bits<1> #logic.netlist<2, "
        "dense<6> : tensor<1xui64>, dense<[[0, 1]]> : tensor<1x2xi32>, dense<2> : tensor<1xi32>>",
        BITS(2),
        BITS(1),
    ),
    "map": one(
        'logic.map %x at dense<[[0, 1], [2, -1]]> : tensor<2x2xi32> net <"in 2; out %0">'
        " : !logic.bits<3> -> !logic.bits<2>",
        BITS(3),
        BITS(2),
    ),
    "map that keeps bits": one(
        "logic.map %x at dense<[[0, 1]]> : tensor<1x2xi32> "
        'net <"in 2; out %0"> keep dense<[2, 0]> : tensor<2xi32>'
        " : !logic.bits<3> -> !logic.bits<3>",
        BITS(3),
        BITS(3),
    ),
    "read_state": one(
        'logic.read_state %x : !logic.bits<2> initial "011" -> !logic.bits<5>', BITS(2), BITS(5)
    ),
    "read_state of nothing else": one(
        'logic.read_state initial "10" -> !logic.bits<2>', "tensor<0xi1>", BITS(2)
    ),
    "write_state": one("logic.write_state %x : !logic.bits<5> -> !logic.bits<3>", BITS(5), BITS(3)),
    "group_sum": one(
        "logic.group_sum %x {tau = 2.5 : f64} : !logic.bits<6> -> tensor<3xi32>",
        BITS(6),
        "tensor<3xi32>",
    ),
    "group_sum with beta": one(
        "logic.group_sum %x {tau = 2.5 : f64, beta = -1.25 : f64} : !logic.bits<6> -> tensor<3xi32>",
        BITS(6),
        "tensor<3xi32>",
    ),
    "weighted group_sum": one(
        "logic.group_sum %x {tau = 1.0 : f64, group = dense<[0, 1]> : tensor<2xi32>, "
        "weight = dense<[-3, 2]> : tensor<2xi32>, offset = dense<[1, 0]> : tensor<2xi32>}"
        " : !logic.bits<2> -> tensor<2xi32>",
        BITS(2),
        "tensor<2xi32>",
    ),
    "argmax": one("logic.argmax %x : tensor<3xi32> -> tensor<i64>", "tensor<3xi32>", "tensor<i64>"),
    "open": one(
        "logic.open %x : !logic.bits<2> -> !logic.bits<2> {\n"
        "^bb0(%a: i1, %b: i1):\n"
        "%1 = logic.and %a, %b\n%2 = logic.andn %a, %1\n%3 = logic.or %1, %2\n"
        "%4 = logic.orn %3, %a\n%5 = logic.xor %4, %b\n%6 = logic.nand %5, %a\n"
        "%7 = logic.nor %6, %5\n%8 = logic.xnor %7, %6\n%9 = logic.not %8\n"
        "%10 = logic.constant 1 : i1\n%11 = logic.lut 232 : ui64 (%8, %9, %10)\n"
        "logic.yield %11, %9\n}",
        BITS(2),
        BITS(2),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_text_round_trip(name: str) -> None:
    module = parse_module(GOOD[name])
    text = print_module(module)
    assert print_module(parse_module(text)) == text
    assert module.is_structurally_equivalent(parse_module(text))


@pytest.mark.parametrize("name", GOOD)
def test_generic_form_parses_to_the_same(name: str) -> None:
    from io import StringIO

    module, stream = parse_module(GOOD[name]), StringIO()
    Printer(stream, print_generic_format=True).print_op(module)
    assert module.is_structurally_equivalent(parse_module(stream.getvalue()))


def test_large_netlists_are_printed_as_arrays() -> None:
    module = build_module(32, random_layers([500], 32, 0), Sums(10))
    text = print_module(module)
    assert 'dense<"0x' in text
    assert module.is_structurally_equivalent(parse_module(text))


@pytest.mark.parametrize(
    "level", [0.1, 1 / 3, 1e-45, 3.4e38, -0.0, np.inf, -np.inf, 1234567.0, 16777217.0, 0.30000001]
)
def test_levels_and_tau_survive_the_text_bit_by_bit(level: float) -> None:
    tau = float(abs(level)) if 0 < abs(level) < np.inf else 1 / 3
    layer = random_layers([4], 1, 0)
    module = build_module(1, layer, Sums(2, tau), feature=[0], level=[level])
    again = parse_module(print_module(module))
    chain = read_chain(again)
    assert chain.level.tobytes() == np.array([level], np.float32).tobytes()
    assert chain.group_sum is not None
    assert chain.group_sum.tau.value.data == tau


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            GOOD["threshold"].replace("[0, 2, 0]", "[0, 3, 0]"),
            "bit 1 reads feature 3, operand has 3",
        ),
        (
            GOOD["threshold"].replace("dense<[0, 2, 0]> : tensor<3xi32>", "dense<1> : tensor<2xi32>"),
            "feature has 2 entries, 3 are needed",
        ),
        (
            GOOD["threshold"].replace("[0.5, -1.0, 2.5]", '"0x0000003F0000C07F00002040"'),
            "level 1 is not a number",
        ),
        (
            GOOD["threshold"].replace("[0.5, -1.0, 2.5]", "[0.5]"),
            "level has 1 entries, 3 are needed",
        ),
        (
            GOOD["threshold of a one-hot group"].replace("dense<[0, -1, 0, -1]>", "dense<[0, -1, 4, -1]>"),
            "feature 2 is in one-hot group 4; groups are -1 to 3",
        ),
        (
            GOOD["threshold of a one-hot group"].replace("dense<[0, -1, 0, -1]>", "dense<[0, 0, -1, -1]>"),
            "feature 1 of one-hot group 0 makes 0 bits, not 1",
        ),
        (
            GOOD["threshold of a one-hot group"].replace("-1]> : tensor<4xi32>", "-1, 0]> : tensor<5xi32>"),
            "one_hot has 5 entries, 4 are needed",
        ),
        (
            GOOD["threshold"].replace("dense<[0, 2, 0]> : tensor<3xi32>", "dense<1> : tensor<3x1xi32>"),
            "feature must be a row of int32 numbers",
        ),
        (
            GOOD["threshold"].replace("dense<[0, 2, 0]> : tensor<3xi32>", "dense<1> : tensor<3xi8>"),
            "feature: elements of type i8; known are ui64, i32",
        ),
        (
            GOOD["circuit"].replace("bits<2> -> !logic.bits<2> [", "bits<2> -> !logic.bits<3> [")
            .replace("-> !logic.bits<2> {\n", "-> !logic.bits<3> {\n")
            .replace("return %0 : !logic.bits<2>", "return %0 : !logic.bits<3>"),
            "netlist gives 2 bits, result has 3",
        ),
        (GOOD["circuit"].replace('"in 2", "%2 = a&~b %0 %1", "out %2 %0"', '"in 3", "out %0 %1"'),
         "netlist reads 3 bits, operand has 2"),
        (GOOD["map"].replace("[2, -1]", "[3, -1]"), "row 1 of index leaves the 3 bits"),
        (GOOD["map that keeps bits"].replace("[2, 0]", "[2, 3]"), "entry 1 of keep leaves the 3 bits"),
        (
            GOOD["map that keeps bits"].replace("[2, 0]> : tensor<2x", "2> : tensor<1x"),
            "1 kept bits and 1 places of 1 bits do not make 3 bits",
        ),
        (
            GOOD["map"].replace("dense<[[0, 1], [2, -1]]> : tensor<2x2xi32>", "dense<0> : tensor<2x3xi32>"),
            "index must be int32 rows of 2 bits, the inputs of the netlist",
        ),
        (
            GOOD["map"].replace("dense<[[0, 1], [2, -1]]> : tensor<2x2xi32>", "dense<0> : tensor<3x2xi32>"),
            "3 places of 1 bits do not make 2 bits",
        ),
        (
            GOOD["read_state"].replace('"011"', '"01"'),
            "2 bits and 2 of the state do not make 5 bits",
        ),
        (
            GOOD["read_state of nothing else"].replace('"10"', '"1x"'),
            "initial is a 0 or 1 for each bit of the state, of which one is",
        ),
        (
            GOOD["write_state"].replace("bits<3>", "bits<5>"),
            "of 5 bits 5 are left, so none is a state",
        ),
        (GOOD["group_sum"].replace("bits<6>", "bits<7>"), "7 bits do not fall into 3 equal groups"),
        (GOOD["group_sum"].replace("2.5", "0.0"), "tau must be a positive number, not 0.0"),
        (
            GOOD["group_sum with beta"].replace("-1.25", "0x7FF0000000000000"),
            "beta must be a finite number, not inf",
        ),
        (
            GOOD["weighted group_sum"].replace("[0, 1]> : tensor<2xi32>, weight", "[0, 2]> : tensor<2xi32>, weight"),
            "group names a class outside the 2 there are",
        ),
        (
            GOOD["weighted group_sum"].replace("dense<[-3, 2]> : tensor<2xi32>", "dense<1> : tensor<3xi32>"),
            "weight has 3 entries, 2 are needed",
        ),
        (
            GOOD["weighted group_sum"].replace("dense<[1, 0]> : tensor<2xi32>", "dense<1> : tensor<3xi32>"),
            "offset has 3 entries, 2 are needed",
        ),
        (
            GOOD["weighted group_sum"].replace("[-3, 2]", "[2147483647, 2]"),
            "scores do not fit into 32 bits",
        ),
        (
            GOOD["group_sum"].replace("tensor<3xi32>", "tensor<3xi64>"),
            "scores are a row of i32, not tensor<3xi64>",
        ),
        (
            GOOD["argmax"].replace("tensor<i64>", "tensor<i32>"),
            "a class is a tensor<i64>, not tensor<i32>",
        ),
        (GOOD["open"].replace("(%a: i1, %b: i1)", "(%a: i1, %b: i1, %c: i1)"),
         "the block has 3 arguments for 2 bits"),
        (GOOD["open"].replace("yield %11, %9", "yield %11"), "1 bits are yielded, the result has 2"),
        (GOOD["open"].replace("logic.lut 232", "logic.lut 256"), "table 0x100 is too large for 3 fan-ins"),
        (
            GOOD["open"].replace("(%8, %9, %10)", "(%8, %9, %10, %8, %9, %8, %9)"),
            "a lut has 1 to 6 fan-ins, not 7",
        ),
    ],
)  # fmt: skip
def test_verifiers_say_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_module(text, "t.mlir")
    assert str(caught.value) == f"t.mlir: this IR breaks a rule: {reason}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("func.func @main(", "t.mlir, line 1, column 17: %<number> or ^<name> expected"),
        ("hello", None),
        (GOOD["circuit"].replace("%2 = a&~b %0 %1", "%2 = a&~b %2 %1"), None),
        ('"test.op"() : () -> ()', None),
        (GOOD["threshold"].replace("[0.5, -1.0, 2.5]", '"0x00"'), None),
        (GOOD["threshold"].replace("[0.5, -1.0, 2.5]", '"hello"'), None),
    ],
)
def test_parse_errors_name_the_place(text: str, message: str | None) -> None:
    with pytest.raises(InputError) as caught:
        parse_module(text, "t.mlir")
    assert caught.value.where is not None
    assert caught.value.where.startswith("t.mlir, line ")
    if message is None:
        return
    assert caught.value.where == message.partition(":")[0]


def test_deep_nesting_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"nested too deeply|line 1"):
        parse_module("builtin.module {" * 3000, "t.mlir")


def test_builders_fill_in_what_is_left_out() -> None:
    module = build_module(4, random_layers([6], 4, 0), Sums(3, 2.0))
    ops = {type(op): op for op in module.walk()}
    threshold, sums = ops[ThresholdOp], ops[GroupSumOp]
    assert isinstance(threshold, ThresholdOp)
    assert isinstance(sums, GroupSumOp)
    assert isinstance(module, ModuleOp)
    assert sums.groups().tolist() == [0, 0, 1, 1, 2, 2]
    assert sums.weights().tolist() == [1] * 6
    assert sums.offsets().tolist() == [0, 0, 0]
