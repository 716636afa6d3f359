"""Proofs by way of the passes that a file says it was made by: a way to try, nothing more."""

from __future__ import annotations

import numpy as np
import pytest

import lgc
from lgc import demo
from lgc.chain import Sums, annotate, build_module
from lgc.checking import prove
from lgc.dialect import CircuitOp
from lgc.errors import UnsupportedError
from lgc.hardware.formats import parse_format
from lgc.hardware.reading import encoded
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.proof.sweeping import Limits
from tests.support import random_layers

FEW = Limits(conflicts=1000, seconds=20)
"""Too few for a class made by gates of six inputs in one step."""


def small(**sums: object) -> Model:
    layers = random_layers([60, 40], 14, 3)
    return Model(build_module(14, layers, Sums(4, **sums), dtype="uint8"))  # type: ignore[arg-type]


def changed(model: Model) -> Model:
    """Another class on some inputs: an entry of one table, near the outputs."""
    module = model.module.clone()
    (circuit,) = [op for op in module.walk() if isinstance(op, CircuitOp)]
    net = circuit.net.data
    table = net.table.copy()
    table[int(net.outputs.max()) - net.inputs] ^= np.uint64(1)
    circuit.properties["net"] = type(circuit.net)(
        Netlist(net.inputs, table, net.fanin, net.outputs)
    )
    return Model(module)


def test_what_the_passes_give_is_compared() -> None:
    model = small()
    made = lgc.optimize(model, "O3,lower-sums,lower-sums{to=class},map-lut{k=6}")
    for pair in ((model, made), (made, model)):
        result = prove(*pair, FEW)
        assert result
        assert " passes proved one by one, what they give proved by " in result.how


def test_a_lie_is_no_proof() -> None:
    """The passes lead elsewhere: the models differ all the same."""
    model = small()
    wrong = changed(lgc.optimize(model, "O3,lower-sums{to=class},map-lut{k=4}"))
    assert not prove(model, wrong, FEW)
    other = lgc.optimize(Model(build_module(14, random_layers([60, 40], 14, 4), Sums(4))), "O2")
    annotate(other.module, "pipeline", "O3,lower-sums")
    assert not prove(model, other, FEW)


@pytest.mark.parametrize(
    "text", ["approximate{budget=1},lower-sums", "nonsense,lower-sums", "lower-sums{", "O3"]
)
def test_ways_that_are_not_gone(text: str) -> None:
    """Passes that may change the function, or that there are not: compared as they are."""
    model = small()
    made = lgc.optimize(model, "O3")
    annotate(made.module, "pipeline", text)
    result = prove(model, made, FEW)
    assert result
    assert "one by one" not in result.how


def test_scores_in_twos_complement() -> None:
    """Signs that no input sets, and numbers that wrap round on the way."""
    model = lgc.optimize(demo.model_path(), "O3,lower-sums{to=scores}", check="proof")
    sums = model.chain.group_sum
    assert sums is not None
    assert sums.weighted().weight.min() == -128
    assert "proved" in model.stats[-1].checked
    weights = np.arange(40) % 7 - 3
    signed = lgc.optimize(
        small(weight=weights, offset=[-5, 0, 3, -80]), "lower-sums", check="proof"
    )
    assert signed.chain.group_sum.weighted().offset.tolist() == [0] * 4  # type: ignore[union-attr]


def test_a_wrong_sign_is_found() -> None:
    weights = np.arange(40) % 7 - 3
    model = small(weight=weights)
    made = lgc.optimize(model, "fuse-layers,lower-sums")
    sums = made.chain.group_sum
    assert sums is not None
    weight = sums.weights().copy()
    weight[weight < 0] *= -1
    wrong = build_module(
        14,
        [made.chain.stages[0].net.data],
        Sums(4, group=sums.groups(), weight=weight),
        dtype="uint8",
    )
    assert not prove(model, Model(wrong), FEW)


def test_an_encoder_in_front() -> None:
    model = small()
    given = parse_format("u8")
    assert given is not None
    wires = Model(encoded(model.module, given))
    assert lgc.check(model, wires)
    assert lgc.check(model, wires, mode="proof")
    assert not lgc.check(changed(lgc.optimize(model, "fuse-layers")), wires, mode="proof")


def test_a_kernel_reads_no_wires() -> None:
    model = small()
    given = parse_format("u4")
    assert given is not None
    with pytest.raises(UnsupportedError) as caught:
        lgc.check(lgc.compile(model, engine="table"), Model(encoded(model.module, given)))
    assert str(caught.value) == (
        "a kernel reads numbers, not the wires of u4\n"
        "  hint: compare with the model that it was made from"
    )
