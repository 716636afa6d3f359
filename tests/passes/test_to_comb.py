"""to-comb: the printed module is read again, by xDSL and by CIRCT, and computes the same."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.comb import AndOp, Comb, OrOp, XorOp
from xdsl.dialects.hw import HW, ConstantOp, HWModuleOp, OutputOp
from xdsl.ir import SSAValue
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

import lgc
from lgc import demo
from lgc.chain import Sums, build_module
from lgc.dialect.comb import to_hw
from lgc.dialect.gates import OpenOp
from lgc.dialect.unpacking import unpack
from lgc.errors import UnsupportedError
from lgc.evaluation import exhaustive_planes
from lgc.interchange import keep_names
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.pipeline import parse_pipeline
from lgc.text import print_module
from tests.exchange.cases import convolution, random_net
from tests.strategies import netlists
from tests.support import random_layers, random_planes


def converted(layers: list[Netlist], pipeline: str = "to-comb", sums: Sums | None = None) -> str:
    module = build_module(layers[0].inputs, layers, sums, dtype="bool")
    parse_pipeline(pipeline).run(module)
    return print_module(module)


def parse(text: str) -> HWModuleOp:
    context = Context()
    for dialect in (Builtin, HW, Comb):
        context.load_dialect(dialect)
    module = Parser(context, text).parse_module()
    module.verify()
    assert isinstance(module, ModuleOp)
    (only,) = module.ops
    assert isinstance(only, HWModuleOp)
    return only


def run(text: str, planes: np.ndarray) -> np.ndarray:
    """An interpreter of the printed operations."""
    block = parse(text).body.block
    value: dict[SSAValue, np.ndarray] = dict(zip(block.args, planes, strict=True))
    for op in block.ops:
        if isinstance(op, OutputOp):
            return np.stack([value[bit] for bit in op.inputs])
        if isinstance(op, ConstantOp):
            value[op.result] = np.full_like(planes[0], -(op.value.value.data & 1) & (2**64 - 1))
            continue
        joins = {AndOp: np.bitwise_and, OrOp: np.bitwise_or, XorOp: np.bitwise_xor}
        value[op.results[0]] = joins[type(op)].reduce([value[bit] for bit in op.operands])
    raise AssertionError("no output")


@settings(max_examples=40)
@given(netlists(k=None, max_inputs=5, max_gates=12))
def test_computes_the_same(net: Netlist) -> None:
    planes = exhaustive_planes(net.inputs)
    assert (run(converted([net]), planes) == net.evaluate(planes)).all()


@pytest.mark.parametrize(
    "pipeline", ["to-comb", "unpack,to-comb", "fuse-layers,strash,unpack,canonicalize,to-comb"]
)
def test_layers_are_joined(pipeline: str) -> None:
    layers = random_layers([30, 20, 10], 8, 1)
    planes = random_planes(8, 4, 0)
    wanted = planes
    for net in layers:
        wanted = net.evaluate(wanted)
    assert (run(converted(layers, pipeline, Sums(5)), planes) == wanted).all()


def test_what_is_printed() -> None:
    text = "in 3; %3 = a&~b %0 %1; %4 = ~(a^b) %3 %2; %5 = ~(a&b) %3 %1; out %4 %5"
    assert (
        converted([parse_netlist(text)])
        == """builtin.module {
  hw.module @main(in %x0: i1, in %x1: i1, in %x2: i1, out y0: i1, out y1: i1) {
    %0 = hw.constant true
    %1 = comb.xor %x1, %0 : i1
    %2 = comb.and %x0, %1 : i1
    %3 = comb.xor %2, %x2 : i1
    %4 = comb.xor %3, %0 : i1
    %5 = comb.and %2, %x1 : i1
    %6 = comb.xor %5, %0 : i1
    hw.output %4, %6 : i1, i1
  }
}
"""
    )


def test_ports_have_the_names_of_the_circuit() -> None:
    module = build_module(2, [parse_netlist("in 2; %2 = a&b %0 %1; out %2")], None)
    keep_names(module, ("left", "right"), ("both",))
    parse_pipeline("to-comb").run(module)
    assert "@main(in %left: i1, in %right: i1, out both: i1)" in print_module(module)


def test_many_gates_are_refused_by_name() -> None:
    module = build_module(12, [random_net(2, 20_001, 0)], None)
    message = (
        "pass to-comb: 20001 gates are many for one operation a gate\n"
        "  hint: to-comb{limit=20001} does it all the same"
    )
    with pytest.raises(UnsupportedError, match=re.escape(message) + r"\Z"):
        parse_pipeline("to-comb").run(module)


def test_convolutions_are_refused_by_name() -> None:
    with pytest.raises(
        UnsupportedError, match=r"pass to-comb: logic.map, a convolution, is no plain circuit\n"
    ):
        parse_pipeline("to-comb").run(convolution(), check="off")


def test_foreign_operations_in_an_opened_circuit() -> None:
    from xdsl.dialects.builtin import i1
    from xdsl.dialects.test import TestOp

    opened = unpack_of("in 1; %1 = ~a %0 %0; out %1")
    first = opened.body.block.first_op
    assert first is not None
    opened.body.block.insert_op_before(TestOp(result_types=[i1]), first)
    with pytest.raises(VerifyException, match="test.op is not a gate of the logic dialect"):
        to_hw([opened], "main", ["a"], ["b"])


def unpack_of(text: str) -> OpenOp:
    from lgc.dialect import CircuitOp

    module = build_module(1, [parse_netlist(text)], None)
    circuit = next(op for op in module.walk() if isinstance(op, CircuitOp))
    return unpack(circuit)


def test_circt_reads_it() -> None:
    """CIRCT's own parser and verifier, on a real network."""
    circt = pytest.importorskip("circt", reason="CIRCT's bindings are not made for this Python")
    from circt import ir  # type: ignore[import-not-found]

    model = lgc.optimize(lgc.load(demo.model_path()), "O2")
    parse_pipeline("to-comb").run(model.module)
    with ir.Context() as context:
        circt.register_dialects(context)
        module = ir.Module.parse(print_module(model.module))
        assert module.operation.verify()
        assert "comb.xor" in str(module)
