"""Designs are the function of their model, cut into blocks without cycles."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgc.chain import Sums, build_module, read_chain
from lgc.errors import CheckError, InputError, UsageError
from lgc.hardware.checking import check
from lgc.hardware.datapath import Word, datapath, written
from lgc.hardware.design import Design, check_size, design
from lgc.hardware.finishing import finish
from lgc.hardware.formats import parse_format
from lgc.hardware.options import HardwareOptions
from lgc.netlist import Netlist
from lgc.sums.terms import Weights
from tests.backends import corpus
from tests.support import random_layers


def made(name: str, **options: object) -> Design:
    wanted = HardwareOptions(**options)  # type: ignore[arg-type]
    path = datapath(
        read_chain(corpus.model(name)), wanted.outputs, wanted.given, finish(wanted),
        separate=wanted.separate,
    )  # fmt: skip
    limit = wanted.max_logic_depth
    return design(path, count=None if limit else wanted.stages, limit=limit)


@pytest.mark.parametrize("name", list(corpus.MODELS))
@pytest.mark.parametrize("outputs", ["auto", "scores", "both", "bits"])
def test_the_same_function(name: str, outputs: str) -> None:
    chain = read_chain(corpus.model(name))
    if outputs in ("scores", "both") and chain.group_sum is None:
        return
    if outputs == "bits" and chain.index:
        return
    kind = "lut" if chain.gates < 300 else "assign"
    assert "vectors" in check(chain, made(name, outputs=outputs, style=kind))


@pytest.mark.parametrize("text", ["u8", "s12", "q10.4"])
def test_with_an_encoder(text: str) -> None:
    module = corpus.thermometer(9, [0.5, 3.0, 100.0, 126.0], True, 3)
    wanted = HardwareOptions(input_format=text, outputs="both")
    chain = read_chain(module)
    path = datapath(chain, wanted.outputs, wanted.given, finish(wanted))
    result = design(path, count=0, limit=None)
    assert "encoder" in result.names
    assert "vectors" in check(chain, result)


def test_a_model_that_gives_a_class_gives_nothing_else() -> None:
    message = (
        "--outputs: the model gives the class alone, as a binary number, not bits\n"
        "  hint: start from the model before lower-sums{to=class}, or without --head index"
    )
    with pytest.raises(UsageError, match=re.escape(message) + r"\Z"):
        made("bits of bytes, the class as a number", outputs="bits")


def test_a_wrong_design_is_found() -> None:
    """One entry of one table."""
    chain = read_chain(corpus.model("one layer"))
    right = made("one layer", outputs="scores")
    table = right.net.table.copy()
    table[0] ^= np.uint64(1 << (1 << right.net.k) - 1)
    net = Netlist(right.net.inputs, table, right.net.fanin, right.net.outputs)
    wrong = Design(
        net, right.names, right.part, right.stages, right.results, right.given, right.initial
    )
    with pytest.raises(CheckError, match="verilog: the hardware gives other scores than the model"):
        check(chain, wrong)


@given(st.integers(0, 3), st.integers(1, 9), st.booleans())
def test_blocks_read_what_is_before_them(stages: int, most: int, encoded: bool) -> None:
    layers = random_layers([30, 20], 12, 5)
    chain = read_chain(build_module(12, layers, Sums(4), dtype="uint8"))
    given_format = parse_format("u3" if encoded else "bits")
    path = datapath(chain, "both", given_format, finish(HardwareOptions(style="lut")))
    result = design(path, count=stages, limit=None)
    blocks = list(result.blocks(most))
    assert [block.first for block in blocks[1:]] == [block.last for block in blocks[:-1]]
    assert blocks[0].first == 0
    assert blocks[-1].last == result.net.gates
    available = set(range(result.net.inputs))
    for block in blocks:
        own = range(result.net.inputs + block.first, result.net.inputs + block.last)
        assert block.last - block.first <= most
        assert set(block.inputs.tolist()) <= available
        assert set(block.outputs.tolist()) <= set(own)
        assert len({int(result.stages.stage[gate]) for gate in range(block.first, block.last)}) == 1
        available |= set(block.outputs.tolist())
    for rank in result.ranks:
        assert set(rank.tolist()) <= available


def test_numbers_that_are_written_already() -> None:
    group = np.repeat([0, 1], 3)
    plain, signed = np.tile([1, 2, 4], 2), np.tile([1, 2, -4], 2)
    zero = np.zeros(2, np.int64)
    assert written(Weights(group, plain, zero)) == Word("scores", 3, 2)
    assert written(Weights(group, signed, zero)) == Word("scores", 3, 2, True)
    assert written(Weights(group, plain, zero + 1)) is None
    assert written(Weights(group[::-1], plain, zero)) is None
    assert written(Weights(group, np.tile([1, 2, 3], 2), zero)) is None


def test_words() -> None:
    bits = np.array([[1, 0, 1, 0, 1, 1]], np.bool_)
    assert Word("scores", 3, 2).read(bits).tolist() == [[5, 6]]
    assert Word("scores", 3, 2, True).read(bits).tolist() == [[-3, -2]]


def test_too_large() -> None:
    with pytest.raises(InputError) as caught:
        check_size(made("one layer"), 3)
    assert str(caught.value).startswith("--max-luts: the design takes ")
    assert "LUTs, more than 3\n  hint: `lgc approximate`" in str(caught.value)
    check_size(made("one layer"), 10_000)


def test_results_the_model_does_not_give() -> None:
    with pytest.raises(UsageError) as caught:
        made("no sums", outputs="class")
    assert str(caught.value) == (
        "--outputs: the model has no class sums\n  hint: bits is what it gives"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"family": "asic"}, "--family: 'asic' is none of generic, ice40, ecp5, xilinx"),
        ({"style": "rtl"}, "--style: 'rtl' is none of auto, assign, primitives, lut"),
        ({"outputs": "x"}, "--outputs: 'x' is none of auto, class, scores, both, bits"),
        ({"interface": "spi"}, "--interface: 'spi' is none of plain, valid, axi"),
        ({"stages": -1}, "--stages: is -1, 0 at least"),
        ({"max_logic_depth": 0}, "--max-logic-depth: is 0, 1 at least"),
        ({"max_lines": 5}, "--max-lines: is 5, 100 at least"),
        ({"max_luts": 0}, "--max-luts: is 0, 1 at least"),
        ({"bus": 12}, "--bus: is 12, a multiple of 8 up to 4096"),
        ({"stages": 2, "max_logic_depth": 4}, "--max-logic-depth: --stages says it already: one of the two"),
    ],
)  # fmt: skip
def test_options_that_are_wrong(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        HardwareOptions(**options)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_an_incomplete_basis_is_refused() -> None:
    with pytest.raises(UsageError, match="and, or: not every function can be made of this"):
        HardwareOptions(style="primitives", basis="and,or")
