"""Models that are no chain, and the rest of what a module may get wrong."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerAttr, TensorType, f32, i32
from xdsl.dialects.func import ReturnOp
from xdsl.utils.exceptions import VerifyException

import lgc
from lgc.chain import Sums, build_module, read_chain
from lgc.data import read_data
from lgc.dialect import ArgmaxOp, BitsType, MapOp
from lgc.dialect.gates import ConstantOp, OpenOp
from lgc.dialect.operations import width
from lgc.errors import InputError, LgcError, UsageError
from lgc.files import atomic_write, check_writable
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.pipeline import parse_pipeline
from lgc.reference import run
from lgc.text import parse_module
from tests.support import random_layers

CIRCUIT = 'logic.circuit {} : !logic.bits<2> -> !logic.bits<2> ["in 2", "out %1 %0"]'
BITS = "!logic.bits<2>"


def function(body: str, argument: str = BITS, result: str = BITS, name: str = "main") -> str:
    return f"func.func @{name}(%x: {argument}) -> {result} {{\n{body}\n}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            function(f"func.return %x : {BITS}", name="a")
            + function(f"func.return %x : {BITS}", name="b"),
            "the module has 2 functions and none is called main\n  hint: a model is one func.func @main",
        ),
        (
            f"func.func @main(%x: {BITS}, %y: {BITS}) -> {BITS} {{ func.return %x : {BITS} }}",
            "func.func @main: a model is one block with one argument",
        ),
        (
            function(
                f'%0 = logic.read_state %x : {BITS} initial "1" -> !logic.bits<3>\n'
                "func.return %0 : !logic.bits<3>",
                result="!logic.bits<3>",
            ),
            "func.func @main: a state of 1 bits is read and one of 0 written",
        ),
        (
            function(
                f"%0 = {CIRCUIT.format('%x')}\n%1 = {CIRCUIT.format('%x')}\nfunc.return %1 : {BITS}"
            ),
            "func.func @main: logic.circuit does not read the operation before it",
        ),
        (
            function(f"%0 = {CIRCUIT.format('%x')}\nfunc.return %x : {BITS}"),
            "func.func @main: func.return stands where the chain threshold or places, read_state, "
            "circuits, write_state, group_sum, argmax or index should go on",
        ),
        (
            function("func.return %x : tensor<2xf32>", "tensor<2xf32>", "tensor<2xf32>"),
            "func.func @main: the model returns its own input",
        ),
        (
            function("func.return %x : tensor<2xf64>", "tensor<2xf64>", "tensor<2xf64>"),
            "func.func @main: a model reads !logic.bits or a tensor of i1, ui8 or f32, not tensor<2xf64>",
        ),
    ],
)
def test_no_chain(text: str, message: str) -> None:
    with pytest.raises(LgcError) as caught:
        read_chain(parse_module(text))
    assert str(caught.value) == message


def test_a_module_that_is_no_chain_still_goes_through_passes() -> None:
    both = f"%0 = {CIRCUIT.format('%x')}\n%1 = {CIRCUIT.format('%x')}\nfunc.return %1 : {BITS}"
    module = parse_module(function(both))
    assert [one.checked for one in parse_pipeline("fold").run(module)] == ["unchanged"]


def test_the_map_reads_zeros_beyond_the_edge() -> None:
    net = parse_netlist("in 2; %2 = a|b %0 %1; %3 = a&b %0 %1; out %2 %3")
    module = build_module(3, [], None)
    threshold = read_chain(module)
    assert threshold.outputs == 3
    text = """
    func.func @main(%x: tensor<3xui8>) -> !logic.bits<4> {
      %0 = logic.threshold %x feature dense<[0, 1, 2]> : tensor<3xi32> level <[0.0, 0.0, 0.0]> : tensor<3xui8> -> !logic.bits<3>
      %1 = logic.map %0 at dense<[[0, 1], [2, -1]]> : tensor<2x2xi32> net <"in 2; %2 = a|b %0 %1; %3 = a&b %0 %1; out %2 %3"> : !logic.bits<3> -> !logic.bits<4>
      func.return %1 : !logic.bits<4>
    }"""
    x = np.array([[s >> 2 & 1, s >> 1 & 1, s & 1] for s in range(8)], np.uint8)
    expected = np.stack([x[:, 0] | x[:, 1], x[:, 0] & x[:, 1], x[:, 2], 0 * x[:, 2]], axis=1)
    parsed = parse_module(text)
    assert np.array_equal(run(parsed, x).bits, expected)
    built = MapOp(read_chain(parsed).stages[0].bits, net, [[0, 1], [2, -1]])  # type: ignore[union-attr]
    assert built.is_structurally_equivalent(read_chain(parsed).stages[0])
    assert lgc.Model(parsed).summary().splitlines()[1].startswith("map            2 gates")


def test_types_and_operations_built_wrongly() -> None:
    with pytest.raises(VerifyException, match="bits have a width of at least 1, not 0"):
        BitsType(0)
    scores = read_chain(build_module(4, random_layers([4], 4, 0), Sums(2))).group_sum
    assert scores is not None
    ArgmaxOp(scores.result).verify()
    with pytest.raises(
        VerifyException, match="expected bits or a tensor of rank 1, got tensor<2x2xf32>"
    ):
        from xdsl.utils.test_value import create_ssa_value

        width(create_ssa_value(TensorType(f32, [2, 2])))
    wrong = ConstantOp(True)
    wrong.properties["value"] = IntegerAttr(1, i32)
    with pytest.raises(VerifyException, match="a constant bit is an i1, not i32"):
        wrong.verify()


def test_an_opened_circuit_without_an_end() -> None:
    opened = parse_module(
        function(
            f"%0 = logic.open %x : {BITS} -> {BITS} {{\n^bb0(%a: i1, %b: i1):\nlogic.yield %a, %b\n}}\n"
            f"func.return %0 : {BITS}"
        )
    )
    (op,) = (one for one in opened.walk() if isinstance(one, OpenOp))
    block = op.body.block
    last = block.last_op
    assert last is not None
    last.detach()
    block.add_op(ReturnOp())
    with pytest.raises(VerifyException, match="the block must end in logic.yield"):
        op.verify_()  # xDSL's own checks come before it


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (
            "<2, 7, dense<[[0, 1]]> : tensor<1x2xi32>, dense<2> : tensor<1xi32>>",
            "a dense array is due here",
        ),
        (
            "<2, dense<6> : tensor<1xui64>, dense<[[0, 7]]> : tensor<1x2xi32>, dense<2> : tensor<1xi32>>",
            "gate %2 reads net %7, but there are 3 nets",
        ),
    ],
)
def test_arrays_that_are_no_netlist(net: str, message: str) -> None:
    body = f"%0 = logic.circuit %x : {BITS} -> !logic.bits<1> #logic.netlist{net}\nfunc.return %0 : !logic.bits<1>"
    with pytest.raises(InputError, match=message):
        parse_module(function(body, result="!logic.bits<1>"), "t")


def test_more_nets_than_numbers() -> None:
    empty = np.zeros((0, 2), np.int32)
    with pytest.raises(LgcError) as caught:
        Netlist(1 << 31, empty[:, 0], empty, [0])
    assert str(caught.value) == "2147483648 nets are more than 32-bit net numbers can name"


def test_options_that_do_not_parse() -> None:
    with pytest.raises(UsageError, match="'fold{=}' is not a pass"):
        parse_pipeline("fold{=}")


def test_data_files_that_are_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "b.npz", x=np.zeros(3))
    for wrong in (b"nonsense", b"", (tmp_path / "b.npz").read_bytes()):
        (tmp_path / "a.npy").write_bytes(wrong)
        with pytest.raises(InputError) as caught:
            read_data(tmp_path / "a.npy")
        assert str(caught.value) == f"{tmp_path}/a.npy: this is not an array (.npy)"
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.save([1, 2], tmp_path / "a.pt")
    with pytest.raises(InputError) as caught:
        read_data(tmp_path / "a.pt")
    assert str(caught.value) == f"{tmp_path}/a.pt: this is not a file of arrays"


def test_text_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "m.mlir").write_bytes(b"func.func \xff\xfe")
    with pytest.raises(InputError) as caught:
        lgc.load(tmp_path / "m.mlir")
    assert str(caught.value) == f"{tmp_path}/m.mlir: this is not text"


def test_descriptions_that_cannot_be_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", **{"0.weights": np.eye(4, 16), "0.indices": np.zeros((2, 4), int)})
    with pytest.raises(InputError) as caught:
        lgc.load(tmp_path / "m.npz", description=tmp_path / "none.json")
    assert str(caught.value) == f"{tmp_path}/none.json: cannot be read: No such file or directory"


def test_a_folder_that_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError) as caught:
        check_writable(tmp_path / "m.lgk")
    assert str(caught.value) == f"{tmp_path}/m.lgk: cannot be written: permission denied"
    monkeypatch.undo()
    (tmp_path / "taken").mkdir()
    with pytest.raises(InputError) as caught, atomic_write(tmp_path / "taken") as temporary:
        temporary.write_text("")
    assert str(caught.value) == f"{tmp_path}/taken: cannot be written: Is a directory"
    assert os.listdir(tmp_path) == ["taken"]
