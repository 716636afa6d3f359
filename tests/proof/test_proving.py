"""Models are proved, whatever their stages, thresholds and sums; so is every pass of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc import tables
from lgc.chain import Chain, Sums, build_module, read_chain
from lgc.dialect import CircuitOp, MapOp, NetlistAttr
from lgc.equivalence import subject
from lgc.errors import CheckError, UndecidedError
from lgc.evaluation import unpack_planes
from lgc.flattening import flatten
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist
from lgc.pipeline import Pipeline, parse_pipeline
from lgc.proof.sweeping import Limits
from lgc.proving import compare_proved, numbers_of, prove_chains
from lgc.reference import stages
from lgc.sums.arithmetic import Gates, Number, argmax
from lgc.text import parse_module
from tests.proof.test_sweeping import sums_of_products
from tests.support import ROOT, random_layers, random_planes, shared_model

LAYERS = random_layers([60, 50, 40], 12, 0)


def model(layers: list[Netlist], sums: Sums | None = None, **more: object) -> lgc.Model:
    return lgc.Model(build_module(layers[0].inputs, layers, sums, **more))  # type: ignore[arg-type]


def test_pipelines_are_proved_pass_by_pass() -> None:
    done = lgc.optimize(model(LAYERS, Sums(4, 3.0)), "O2,dedupe,map-lut", check="proof")
    assert all(
        one.checked.startswith(("proved by SAT sweeping, ", "unchanged")) for one in done.stats
    )
    assert "proved by SAT sweeping" in str(done)
    assert lgc.check(model(LAYERS, Sums(4, 3.0)), done, mode="proof")


@dataclass(frozen=True)
class Break(NetlistPass):
    """Gives another function."""

    name = "break"

    def rewrite(self, net: Netlist) -> Netlist:
        table = net.table.copy()
        table[-1] ^= np.uint64(15)
        return Netlist(net.inputs, table, net.fanin, net.outputs)


@dataclass(frozen=True)
class Swap(NetlistPass):
    """Gives the other half of the outputs, which are equal but hard to prove so."""

    name = "swap"

    def rewrite(self, net: Netlist) -> Netlist:
        other = sums_of_products(5).outputs
        return Netlist(net.inputs, net.table, net.fanin, other[len(other) // 2 :])


def test_a_pass_that_changes_the_function_is_caught() -> None:
    with pytest.raises(CheckError, match=r"^pass break: the function changed: score of class 3 is"):
        Pipeline((Break(),)).run(model(LAYERS[:1], Sums(4, 1.0)).module, check="proof")


def test_a_pass_that_cannot_be_proved_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lgc.pipeline.LIMITS", Limits(conflicts=1))
    monkeypatch.setattr("lgc.proof.equality.LAST", 1)
    net = sums_of_products(5)
    half = Netlist(net.inputs, net.table, net.fanin, net.outputs[: len(net.outputs) // 2])
    with pytest.raises(
        UndecidedError,
        match=r"^pass swap: neither equal nor different so far: \d+ of \d+ output bits are open after \d+ s, [\d,]+ nets by their tables, [\d,]+ questions to Glucose 4, [\d,]+ conflicts\n  hint: --check=fast tries random vectors; `lgc check --proof` has limits to raise$",
    ):
        Pipeline((Swap(),)).run(model([half]).module, check="proof")


def test_limits_that_were_reached_name_their_option(monkeypatch: pytest.MonkeyPatch) -> None:
    net = sums_of_products(5)
    parts = [Netlist(net.inputs, net.table, net.fanin, part) for part in np.split(net.outputs, 2)]
    one, other = (model([part]).chain for part in parts)
    with pytest.raises(
        UndecidedError, match=r"hint: --seconds=1e-08 gives it more time than 1e-09 s$"
    ):
        prove_chains(one, other, Limits(seconds=1e-9))
    monkeypatch.setattr("lgc.proof.equality.LAST", 1)
    with pytest.raises(
        UndecidedError,
        match=r"hint: --conflicts=10 gives every question more than 1 conflicts, and the last ones 100 times that$",
    ):
        prove_chains(one, other, Limits(conflicts=1, seconds=0))
    monkeypatch.undo()
    assert prove_chains(one, other)


def test_models_with_other_thresholds_are_compared_over_all_of_them() -> None:
    """x > 1.5 is x > 1 for bytes, and for nothing else."""
    net = parse_netlist("in 2; %2 = a&b %0 %1; out %2")
    for dtype, equal in (("uint8", True), ("float32", False)):
        one = model([net], dtype=dtype, feature=[0, 1], level=[1.0, 3.0]).chain
        other = model([net], dtype=dtype, feature=[0, 1], level=[1.5, 3.0]).chain
        result = prove_chains(one, other)
        assert bool(result) is equal
        if not equal:
            assert result.counterexample is not None
            x = result.counterexample.numbers
            assert x is not None
            assert 1.0 < x[0] <= 1.5
            assert x[1] > 3


def test_unused_thresholds_may_be_missing() -> None:
    one = parse_netlist("in 3; %3 = a&b %0 %2; out %3")
    other = parse_netlist("in 2; %2 = a&b %0 %1; out %2")
    left = model([one], dtype="uint8", feature=[0, 1, 2], level=[1.0, 2.0, 3.0]).chain
    right = lgc.Model(
        build_module(3, [other], None, dtype="uint8", feature=[0, 2], level=[1.0, 3.0])
    ).chain
    assert prove_chains(left, right)


def test_shapes_that_differ_need_no_proof() -> None:
    result = prove_chains(model(LAYERS, Sums(4, 1.0)).chain, model(LAYERS, Sums(5, 1.0)).chain)
    assert (bool(result), result.how) == (False, "classes: 4 against 5")


@pytest.mark.parametrize("file", ["map_group_sum_argmax.mlir", "gates.mlir", "circuit.mlir"])
def test_flat_models_agree_with_their_stages(file: str) -> None:
    """Maps unrolled, gate operations packed, circuits in a row."""
    text = (ROOT / "tests" / "filecheck" / file).read_text()
    checked = 0
    for part in text.split("// -----"):
        try:
            chain = read_chain(parse_module(part, file))
        except lgc.LgcError:
            continue
        planes = random_planes(chain.bits, 2, 0)
        assert (flatten(chain).evaluate(planes) == stages(chain, planes)).all()
        checked += 1
    assert checked


def test_a_map_reads_zeros_beyond_the_edge() -> None:
    net = parse_netlist("in 2; %2 = a|b %0 %1; %3 = a&b %2 %0; out %3 %1 %2")
    entry = build_module(3, [random_layers([3], 3, 0)[0]], None)
    chain = read_chain(entry)
    at = MapOp(chain.stages[0].bits, net, [[0, 1], [2, -1], [-1, 0]])
    planes = random_planes(3, 1, 0)
    mapped = replace(chain, stages=(at,))
    assert (flatten(mapped).evaluate(planes) == stages(mapped, planes)).all()


@given(st.data())
def test_numbers_stand_for_bits(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(["uint8", "float32", "bool"]))
    levels = [-0.5, 0.0] if dtype == "bool" else [-1.0, 0.0, 0.5, 1.0, 17.0, 254.0]
    feature = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=8))
    level = np.array([data.draw(st.sampled_from(levels)) for _ in feature], np.float32)
    net = Netlist(len(feature), np.zeros(0, np.uint64), np.zeros((0, 1), np.int32), [0])
    chain: Chain = read_chain(
        build_module(3, [net], None, dtype=dtype, feature=feature, level=level)
    )
    bits = unpack_planes(
        chain.facts.planes(1, np.random.default_rng(data.draw(st.integers(0, 9)))), 64
    )
    for row in bits[:4]:
        x = numbers_of(chain, chain.encoding, row)
        assert ((x[chain.feature] > chain.level) == row).all()
        if dtype != "float32":
            assert (x == np.floor(x)).all()
            assert x.min() >= 0
            assert x.max() <= (255 if dtype == "uint8" else 1)


def test_a_class_made_by_gates_is_proved() -> None:
    module = build_module(12, random_layers([60, 50, 40], 12, 0), Sums(4, 3.0), dtype="bool")
    lowered = module.clone()
    parse_pipeline("O2,lower-sums{to=class},map-lut{k=6}").run(lowered)
    result = compare_proved(subject(module), subject(lowered))
    assert result
    assert "proved by SAT sweeping" in result.how
    wrong = lowered.clone()
    (circuit,) = [op for op in wrong.walk() if isinstance(op, CircuitOp)]
    net = circuit.net.data
    table = net.table.copy()
    table[-1] ^= np.uint64(tables.ones(net.k))
    circuit.net = NetlistAttr(Netlist(net.inputs, table, net.fanin, net.outputs))
    result = compare_proved(subject(module), subject(wrong))
    assert not result
    assert result.counterexample is not None
    assert result.counterexample.what == "class"


def test_a_comparison_that_is_wrong_in_the_pass_is_not_wrong_in_the_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proof has adders and comparators of its own: here the last maximum wins in the pass."""
    module = build_module(12, random_layers([60, 50, 40], 12, 0), Sums(4, 3.0), dtype="bool")
    lowered = module.clone()

    def last(gates: Gates, numbers: list[Number]) -> Number:
        index = argmax(gates, numbers[::-1])
        return [None if bit is None else bit ^ 1 for bit in index]  # 3 - index

    monkeypatch.setattr("lgc.sums.classifier.argmax", last)
    parse_pipeline("lower-sums{to=class}").run(lowered, check="off")
    result = compare_proved(subject(module), subject(lowered))
    assert not result
    example = result.counterexample
    assert example is not None
    assert (example.what, example.left < example.right) == ("class", True)


@pytest.mark.parametrize(("change", "wrong"), [("XOR2", 0x0F), ("_MUX", np.full(8, 0x0F))])
def test_an_adder_that_is_wrong_in_the_pass_is_found(
    monkeypatch: pytest.MonkeyPatch, change: str, wrong: object
) -> None:
    module = build_module(12, random_layers([60, 50, 40], 12, 0), Sums(4, 3.0), dtype="bool")
    lowered = module.clone()
    monkeypatch.setattr(f"lgc.sums.adders.{change}", wrong)
    parse_pipeline("lower-sums{to=class}").run(lowered, check="off")
    assert not compare_proved(subject(module), subject(lowered))


@pytest.mark.parametrize("k", [3, 4])
def test_the_class_of_a_trained_model_is_proved_in_one_step(k: int) -> None:
    """Adders for 2,000 bits, shared and covered: against the checkpoint, not stage by stage."""
    folder = shared_model("digits_4x2000")
    checkpoint = lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=10, inputs=192
    )
    text = f"O3,lower-sums{{to=class}},map-lut{{k={k}}}"
    made = lgc.optimize(checkpoint, text, check="off")
    assert lgc.check(checkpoint, made, mode="proof")
