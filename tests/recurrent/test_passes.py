"""Passes, checks and proofs see the next state as a result that counts."""

from __future__ import annotations

import numpy as np
import pytest

import lgc
from lgc.chain import build_module, read_chain
from lgc.dialect import CircuitOp
from lgc.dialect.attributes import NetlistAttr
from lgc.equivalence import Mode
from lgc.errors import UnsupportedError
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.proving import certified
from tests.recurrent.cases import Machine, random_machine, sequences

PIPELINES = (
    "O0", "O1", "O2", "O3", "O3,lower-sums", "O2,lower-sums{apart=true}", "O3,lower-sums{to=class}",
    "O2,sum-dedupe,map-lut{k=4}", "to-basis{basis=nand}", "unpack,canonicalize,pack",
)  # fmt: skip


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("classes", [0, 3])
def test_every_pipeline_keeps_the_golden_sequence(classes: int, pipeline: str) -> None:
    machine = random_machine(5, 9, 8, classes=classes)
    made = lgc.optimize(Model(machine.module), pipeline, check="proof")
    x = sequences(machine, 40, 6)
    bits, state = machine.golden(x)
    expected = machine.counts(bits).argmax(axis=2) if classes else bits
    found, after = made.run_sequence(x)
    if made.step_chain.index:
        found = made.run_sequence(x, what="predict")[0]
    assert np.array_equal(found, expected)
    assert np.array_equal(after, state)
    assert lgc.check(Model(machine.module), made, mode="proof")


def test_sums_are_deduplicated_beside_a_state() -> None:
    machine = random_machine(6, 10, 6, classes=2, each=40)
    start = lgc.optimize(Model(machine.module), "O2")
    made = lgc.optimize(start, "sum-dedupe", check="proof")
    assert made.step_chain.outputs < start.step_chain.outputs
    assert made.step_chain.state == 6
    again = lgc.optimize(made, "sum-dedupe")
    assert not again.stats[-1].changed


def changed(machine: Machine, place: int) -> Model:
    """Output ``place`` complemented."""
    module = machine.module.clone()
    for op in module.walk():
        if isinstance(op, CircuitOp):
            net = op.net.data
            outputs = net.outputs.copy()
            fanin = np.concatenate([net.fanin, np.full((1, net.k), outputs[place])])
            outputs[place] = net.nets
            table = np.append(net.table, np.uint64(12))
            op.net = NetlistAttr(Netlist(net.inputs, table, fanin, outputs))
    return Model(module)


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("mode", ["fast", "exhaustive", "proof"])
def test_a_fault_in_the_state_is_found(classes: int, mode: Mode) -> None:
    machine = random_machine(7, 6, 5, classes=classes)
    wrong = changed(machine, machine.outputs + 3)
    for right in (Model(machine.module), lgc.compile(Model(machine.module))):
        result = lgc.check(wrong, right, mode=mode)
        assert not result
        example = result.counterexample
        assert example is not None
        assert example.what == "state bit"
        assert example.output == 3
        x, state = example.bits[None, :6], example.bits[None, 6:]
        values = [one.step(x, state)[1][0, 3] for one in (wrong, right)]
        assert values == [example.left, example.right]


def test_models_with_other_states_differ() -> None:
    machine, other = random_machine(8, 6, 5), random_machine(8, 6, 5)
    other = build_module(6, [other.net], None, initial=~other.initial, dtype="uint8")
    result = lgc.check(Model(machine.module), Model(other))
    assert str(result) == "different (bit 0 of the initial state)"
    more = random_machine(8, 5, 6)
    result = lgc.check(Model(machine.module), Model(more.module))
    assert str(result) == "different (bits of state: 5 against 6)"


def test_a_certificate_is_refused() -> None:
    chain = read_chain(random_machine(9, 6, 5).module, recurrent=True)
    with pytest.raises(
        UnsupportedError,
        match="^certificate: a certificate says nothing of the next state of a recurrent model\n"
        "  hint: --proof without --drat compares that too$",
    ):
        certified(chain, chain)


def test_who_knows_no_state_refuses_by_name() -> None:
    machine = random_machine(10, 6, 5)
    with pytest.raises(
        UnsupportedError,
        match="^the model is recurrent, with a state of 5 bits, and this takes models without one\n"
        "  hint: docs/recurrent.md says what runs step by step$",
    ):
        Model(machine.module).evaluate(np.zeros((1, 6)))
