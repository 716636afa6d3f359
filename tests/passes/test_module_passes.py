"""Passes that change operations rather than netlists."""

from __future__ import annotations

import pytest
from hypothesis import given

from lgc.chain import Sums, build_module, read_chain
from lgc.dialect import CircuitOp, MapOp, OpenOp
from lgc.dialect.unpacking import pack, unpack
from lgc.equivalence import compare, compare_netlists, subject
from lgc.errors import UnsupportedError
from lgc.netlist import Netlist
from lgc.pipeline import parse_pipeline
from lgc.text import parse_module, print_module
from tests.strategies import netlists
from tests.support import random_layers


def test_fuse_layers_joins_a_row() -> None:
    module = build_module(16, random_layers([20, 30, 40], 16, 0), Sums(4), dtype="bool")
    before = module.clone()
    parse_pipeline("fuse-layers").run(module)
    stages = read_chain(module).stages
    assert len(stages) == 1
    assert isinstance(stages[0], CircuitOp)
    assert stages[0].net.data.gates == 90
    assert compare(subject(before), subject(module))


def test_fuse_layers_leaves_a_map_alone() -> None:
    text = """
    func.func @main(%x: !logic.bits<4>) -> !logic.bits<1> {
      %0 = logic.map %x at dense<[[0, 1], [2, -1]]> : tensor<2x2xi32>
        net <"in 2; %2 = a&b %0 %1; out %2"> : !logic.bits<4> -> !logic.bits<2>
      %1 = logic.circuit %0 : !logic.bits<2> -> !logic.bits<1> ["in 2", "%2 = a|b %0 %1", "out %2"]
      func.return %1 : !logic.bits<1>
    }"""
    module = parse_module(text)
    parse_pipeline("fuse-layers,fold,strash,dce").run(module)
    assert [type(stage) for stage in read_chain(module).stages] == [MapOp, CircuitOp]


@given(netlists(k=None))
def test_unpack_and_pack_are_inverse(net: Netlist) -> None:
    circuit = read_chain(build_module(net.inputs, [net], None, dtype="bool")).stages[0]
    assert isinstance(circuit, CircuitOp)
    opened = unpack(circuit)
    opened.verify()
    assert compare_netlists(net, pack(opened).net.data)


def test_opened_circuit_as_text_and_back() -> None:
    net = random_layers([40], 8, 1)[0]
    module = build_module(8, [net], Sums(4), dtype="bool")
    parse_pipeline("unpack").run(module)
    text = print_module(module)
    again = parse_module(text)
    assert print_module(again) == text
    assert isinstance(read_chain(again).stages[0], OpenOp)
    parse_pipeline("pack").run(again)
    packed = read_chain(again).stages[0]
    assert isinstance(packed, CircuitOp)
    assert compare_netlists(net, packed.net.data)


def test_unpack_refuses_what_would_take_minutes() -> None:
    module = build_module(8, random_layers([40], 8, 1), None, dtype="bool")
    with pytest.raises(UnsupportedError) as caught:
        parse_pipeline("unpack{limit=30}").run(module)
    assert str(caught.value) == (
        "pass unpack: 40 gates are many for one operation a gate\n"
        "  hint: unpack{limit=40} does it all the same"
    )


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ("%r = logic.not %a\n %s = logic.not %r", "yield %a"),  # ¬¬a = a
        ("%k = logic.constant 0 : i1\n %s = logic.and %a, %k", "constant false"),  # a∧0 = 0
        ("%k = logic.constant 1 : i1\n %s = logic.and %a, %k", "yield %a"),  # a∧1 = a
        ("%s = logic.xor %a, %a", "constant false"),  # a⊕a = 0
        ("%s = logic.or %a, %a", "yield %a"),  # a∨a = a
        ("%n = logic.not %a\n %s = logic.and %a, %n", "constant false"),  # a∧¬a = 0
        (
            "%n = logic.not %a\n %m = logic.not %b\n %s = logic.and %n, %m",
            "logic.nor %a, %b",
        ),  # ¬a∧¬b = ¬(a∨b)
        ("%n = logic.not %b\n %s = logic.and %a, %n", "logic.andn %a, %b"),
        ("%s = logic.lut 15 : ui64 (%a, %b)", "constant true"),
        ("%s = logic.lut 12 : ui64 (%a, %b)", "logic.not %a"),
        ("%s = logic.lut 6 : ui64 (%a, %b)", "logic.xor %a, %b"),
        ("%s = logic.lut 4 : ui64 (%a, %b)", "logic.andn %b, %a"),
        ("%s = logic.lut 204 : ui64 (%a, %b, %a)", "logic.not %b"),
    ],
)
def test_canonicalize_fires(gates: str, expected: str) -> None:
    assert expected in canonical(gates)


@pytest.mark.parametrize(
    "gates", ["%s = logic.and %a, %b", "%s = logic.not %a", "%s = logic.orn %b, %a"]
)
def test_canonicalize_does_not_fire(gates: str) -> None:
    assert gates.removeprefix("%s = ") in canonical(gates)


def canonical(gates: str) -> str:
    """The text after `canonicalize`, with the block's arguments called %a and %b."""
    module = parse_module(f"""
    func.func @main(%x: !logic.bits<2>) -> !logic.bits<1> {{
      %0 = logic.open %x : !logic.bits<2> -> !logic.bits<1> {{
      ^bb0(%a: i1, %b: i1):
        {gates}
        logic.yield %s
      }}
      func.return %0 : !logic.bits<1>
    }}""")
    before = module.clone()
    parse_pipeline("canonicalize").run(module)
    assert compare(subject(before), subject(module))
    return print_module(module)
