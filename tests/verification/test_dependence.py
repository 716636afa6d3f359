"""Dead inputs, constant outputs and unreachable classes, against all inputs written out."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc.chain import Sums, build_module
from lgc.evaluation import exhaustive_planes, unpack_planes
from lgc.flattening import classifier, flatten
from lgc.inputs import packed
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.proof import dependence
from lgc.proof.dependence import winners
from lgc.proof.questions import Solver
from lgc.text import parse_module
from tests.support import random_layers
from tests.verification.cases import every_input, models


@pytest.fixture(params=["simulation first", "solver only"])
def effort(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without random inputs, everything is left to bounds and the solver."""
    if request.param == "solver only":
        monkeypatch.setattr(dependence, "PATIENCE", 0)
        monkeypatch.setattr(dependence, "VECTORS", 64)
        monkeypatch.setattr(dependence, "STARTS", 0)


@settings(max_examples=80)
@given(
    model=models(), per=st.sampled_from(["feature", "bit"]), target=st.sampled_from(["outputs", "class"])
)  # fmt: skip
@pytest.mark.usefixtures("effort")
def test_dead_inputs(
    model: Model, per: Literal["feature", "bit"], target: Literal["outputs", "class"]
) -> None:
    bits, classes, outputs = every_input(model)
    result = outputs if target == "outputs" else classes[:, None]
    report = lgc.verify(model, "dead-inputs", per=per, target=target)
    count = model.chain.features if per == "feature" else model.chain.bits
    assert [one.index for one in report.findings] == list(range(count))
    for one in report.findings:
        own = np.arange(model.chain.bits) == one.index
        if per == "feature":
            own = model.chain.feature == one.index
        live = any(
            (result[same] != result[same][0]).any()
            for same in (np.flatnonzero((bits[:, ~own] == row[~own]).all(axis=1)) for row in bits)
        )
        assert one.answer == ("refuted" if live else "proved")
        if one.bits is not None:
            same = (bits[:, ~own] == one.bits[~own]).all(axis=1)
            assert len(np.unique(result[same], axis=0)) > 1


@settings(max_examples=80)
@given(model=models())
@pytest.mark.usefixtures("effort")
def test_unreachable_classes(model: Model) -> None:
    _, classes, _ = every_input(model)
    report = lgc.verify(model, "unreachable-classes")
    found = {one.index: one.answer for one in report.findings}
    given = set(classes.tolist())
    expected = {c: "refuted" if c in given else "proved" for c in range(len(found))}
    assert found == expected
    for one in report.findings:
        if one.bits is not None:
            assert model.chain.facts.hold(one.bits[None]).all()
            assert model.evaluate(packed(one.bits[None])).classes[0] == one.index


@settings(max_examples=80)
@given(model=models())
@pytest.mark.usefixtures("effort")
def test_constant_outputs(model: Model) -> None:
    _, _, outputs = every_input(model)
    report = lgc.verify(model, "constant-outputs")
    for one in report.findings:
        column = outputs[:, one.index]
        assert one.answer == ("proved" if (column == column[0]).all() else "refuted")
        if one.answer == "proved":
            assert one.before == column[0]
        else:
            assert one.bits is not None
            assert model.evaluate(packed(one.bits[None])).bits[0, one.index] != one.before


@given(model=models())
def test_a_classifier_in_gates(model: Model) -> None:
    chain = model.chain
    every = exhaustive_planes(chain.bits)
    bits = unpack_planes(every, 1 << chain.bits)
    found = unpack_planes(winners(classifier(chain)).evaluate(every), len(bits))
    assert (found.sum(axis=1) == 1).all()
    assert (found.argmax(axis=1) == model.evaluate(packed(bits)).classes).all()


def test_a_class_between_two_others_is_proved_unreachable_by_the_solver() -> None:
    """Scores 2x, 1, 2¬x: class 1 can be ahead of either, but not of both."""
    net = Netlist(1, [3], [[0, 0]], [0, 1])
    sums = Sums(3, group=[0, 2], weight=[2, -2], offset=[0, 1, 2])
    model = Model(build_module(1, [net], sums, dtype="bool"))
    found = lgc.verify(model, "unreachable-classes").findings[1]
    assert found.answer == "proved"
    assert found.how.startswith("SAT, ")


def test_a_rare_class_is_found() -> None:
    """Class 1 wins only where all of 24 bits are 1: random inputs miss it."""
    inputs = 24
    table, fanin = [1] * (inputs - 1), [[0, 1]]
    fanin += [[i, inputs + i - 2] for i in range(2, inputs)]
    net = Netlist(inputs, table, fanin, [inputs + inputs - 2, *range(inputs)])
    # class 0 has 1; class 1 gains a point only where all are set, and hints of 1/100 before
    sums = Sums(2, group=[1] * (inputs + 1), weight=[1000] + [1] * inputs, offset=[500, 0])
    model = Model(build_module(inputs, [net], sums, dtype="bool"))
    found = lgc.verify(model, "unreachable-classes").findings[1]
    assert (found.answer, found.how) == ("refuted", "search")
    assert found.bits is not None
    assert found.bits.all()


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependence, "PATIENCE", 0)
    module = build_module(16, random_layers([40, 40, 30], 16, 2), Sums(3), dtype="bool")
    report = lgc.verify(Model(module), "dead-inputs", target="class", conflicts=0)
    how = {one.how for one in report.findings if one.answer == "undecided"}
    assert how == {"stopped after 0 conflicts"}
    monkeypatch.setattr(Solver, "ask", lambda *_: None)
    net = Netlist(2, [2, 4, 1], [[0, 1], [0, 1], [2, 3]], [4, 0])
    report = lgc.verify(Model(build_module(2, [net], None, dtype="bool")), "constant-outputs")
    assert [one.answer for one in report.findings] == ["undecided", "refuted"]


def test_a_model_without_sums_has_no_classes() -> None:
    model = Model(build_module(4, random_layers([6], 4, 0), None, dtype="bool"))
    for options in (
        {"property": "unreachable-classes"},
        {"property": "robust", "x": np.zeros((1, 4), bool), "flips": 1},
        {"property": "dead-inputs", "target": "class"},
    ):
        with pytest.raises(lgc.LgcError) as error:
            lgc.verify(model, **options)
        assert str(error.value) == (
            "the model has no class sums, so it gives no class\n"
            "  hint: --classes, where the file lacks them"
        )


CONVOLUTION = """
func.func @main(%x: tensor<4xui8>) -> tensor<2xi32> {
  %0 = logic.threshold %x feature dense<[0, 1, 2, 3]> : tensor<4xi32> level <[127.0, 127.0, 127.0, 127.0]> : tensor<4xui8> -> !logic.bits<4>
  %1 = logic.map %0 at dense<[[0, 1], [2, 3], [3, -1]]> : tensor<3x2xi32> net <"in 2; %2 = ~a %0 %0; %3 = a&b %2 %1; out %3 %0"> : !logic.bits<4> -> !logic.bits<6>
  %2 = logic.circuit %1 : !logic.bits<6> -> !logic.bits<4> ["in 6", "%6 = a^b %0 %5", "%7 = a|b %6 %1", "out %6 %7 %2 %3"]
  %3 = logic.group_sum %2 {tau = 1.0 : f64} : !logic.bits<4> -> tensor<2xi32>
  func.return %3 : tensor<2xi32>
}
"""


@pytest.mark.parametrize("pipeline", ["", "unpack"])
def test_convolutions_are_unrolled(pipeline: str) -> None:
    model = Model(parse_module(CONVOLUTION))
    if pipeline:
        model = lgc.optimize(model, pipeline)
    every = exhaustive_planes(4)
    found = unpack_planes(flatten(model.chain).evaluate(every), 16)
    assert (found == model.evaluate(packed(unpack_planes(every, 16))).bits).all()


def test_a_model_without_stages_is_flat() -> None:
    model = Model(build_module(3, [], Sums(3), dtype="bool"))
    assert flatten(model.chain).gates == 0
    assert lgc.verify(model, "unreachable-classes").count("refuted") == 3
