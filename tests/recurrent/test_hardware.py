"""Clocked Verilog of recurrent models: golden sequences in both simulators, proofs, wrong designs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.errors import UsageError
from lgc.model import Model
from tests.hdl.tools import NEEDS
from tests.recurrent.cases import Machine, random_machine, sequences

INTERFACES: list[dict[str, Any]] = [
    {"interface": "plain"},
    {"interface": "valid"},
    {"interface": "axi", "bus": 16},
]


def golden(machine: Machine, tmp_path: Path, simulator: Any, **options: Any) -> None:
    project = lgc.hdl.generate(Model(machine.module), tmp_path / "p", samples=240, **options)
    assert project.simulate(simulator=simulator).message == "PASS 240 samples"
    x = sequences(machine, 3, 25, seed=1)
    bits, _ = machine.golden(x)
    found = project.simulate(x, simulator=simulator)
    assert found.message == "PASS 75 samples"
    if machine.sums is None or options.get("outputs") == "bits":
        assert found.bits is not None
        assert np.array_equal(found.bits, bits.reshape(75, -1))
        return
    counts = machine.counts(bits).reshape(75, -1)
    assert found.classes is not None
    assert np.array_equal(found.classes, counts.argmax(axis=1))
    if found.scores is not None:
        assert np.array_equal(found.scores, counts)


@NEEDS["icarus"]
@pytest.mark.parametrize("interface", INTERFACES, ids=str)
@pytest.mark.parametrize(
    ("features", "state", "classes", "options"),
    [
        (8, 5, 3, {}),
        (8, 5, 3, {"outputs": "both", "separate": True, "family": "ice40"}),
        (8, 5, 3, {"outputs": "scores", "input_format": "u4"}),
        (40, 130, 0, {"style": "primitives"}),
        (40, 130, 2, {"outputs": "bits"}),
        (0, 9, 2, {}),
    ],
    ids=str,
)
def test_icarus_plays_the_golden_sequence(
    features: int, state: int, classes: int, options: dict[str, Any], interface: dict[str, Any],
    tmp_path: Path,
) -> None:  # fmt: skip
    machine = random_machine(state, features, state, classes=classes)
    if not features and interface["interface"] == "axi":
        with pytest.raises(
            UsageError,
            match="^--interface axi: the model reads nothing but its state, so there are no samples"
            " for a bus\n  hint: plain has an enable, valid a handshake$",
        ):
            lgc.hdl.generate(Model(machine.module), tmp_path / "p", **interface)
        return
    golden(machine, tmp_path, "icarus", **options, **interface)


@NEEDS["verilator"]
@pytest.mark.parametrize("interface", INTERFACES[:2], ids=str)
def test_verilator_plays_the_golden_sequence(interface: dict[str, Any], tmp_path: Path) -> None:
    golden(random_machine(4, 8, 70, classes=3), tmp_path, "verilator", **interface)


@NEEDS["icarus"]
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("if (rst)", "if (1'b0)", "FAIL"),
        ("else if (enable)", "else", "FAIL the state moves without enable"),
        ("{5'b", "~{5'b", "FAIL sample 0"),
        ("state <= next_state", "state <= {next_state, next_state[4]}", "FAIL sample"),
    ],
)
def test_wrong_registers_are_found(old: str, new: str, message: str, tmp_path: Path) -> None:
    machine = random_machine(5, 8, 5, classes=3)
    project = lgc.hdl.generate(Model(machine.module), tmp_path / "p")
    top = tmp_path / "p" / "rtl" / "p.v"
    text = top.read_text()
    assert text.count(old) == 1
    top.write_text(text.replace(old, new))
    found = project.simulate()
    assert not found
    assert found.message.startswith(message)


@NEEDS["icarus"]
def test_a_state_that_moves_without_a_handshake_is_found(tmp_path: Path) -> None:
    machine = random_machine(5, 8, 5, classes=3)
    project = lgc.hdl.generate(Model(machine.module), tmp_path / "p", interface="valid")
    top = tmp_path / "p" / "rtl" / "p.v"
    text = top.read_text()
    top.write_text(text.replace("(in_valid & out_ready)", "(in_valid)"))
    assert top.read_text() != text
    assert project.simulate().message.startswith("FAIL")


@NEEDS["yosys"]
@pytest.mark.parametrize("classes", [0, 3])
def test_what_is_written_is_read_again_and_proved(classes: int, tmp_path: Path) -> None:
    machine = random_machine(6, 8, 5, classes=classes)
    model = Model(machine.module)
    for name, options in {
        "a.v": {}, "b.v": {"interface": "valid", "family": "ecp5"}, "c.v": {"input_format": "u8"},
    }.items():  # fmt: skip
        backend = lgc.registry.find("backends", "verilog")()
        (version,) = lgc.driver.ready(model, backend, options, None)
        backend.write(version.module, tmp_path / name, options)
        result = lgc.check(model, tmp_path / name, mode="proof")
        assert result, str(result)
        assert "next state: proved" in result.how
    text = (tmp_path / "a.v").read_text()
    start = text.index('"initial":"') + len('"initial":"')
    flipped = "10"[int(text[start])]
    (tmp_path / "a.v").write_text(text[:start] + flipped + text[start + 1 :])
    assert str(lgc.check(model, tmp_path / "a.v")) == "different (bit 0 of the initial state)"


@NEEDS["yosys"]
def test_the_whole_design_is_the_machine_again(tmp_path: Path) -> None:
    """Registers, enable and reset as Yosys reads them, without what lgc says of its own file."""
    machine = random_machine(7, 6, 5)
    backend = lgc.registry.find("backends", "verilog")()
    backend.write(machine.module, tmp_path / "m.v", {"name": "m"})
    text = (tmp_path / "m.v").read_text()
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("// lgc: "))
    (tmp_path / "plain.v").write_text(plain)
    read = lgc.load(tmp_path / "plain.v", initial="0")
    assert (read.features, read.step_chain.state) == (8, 5)  # rst, enable and x
    random = np.random.default_rng(0)
    x = sequences(machine, 9, 30)
    steps = random.random((9, 30)) < 0.6
    signals = np.concatenate([np.zeros((9, 30, 1)), steps[:, :, None], x], axis=2)
    signals = np.concatenate([np.ones((9, 1, 8)), signals], axis=1)  # a reset, then steps
    found = read.run_sequence(signals)[0][:, 1:]
    for row in range(9):
        bits, _ = machine.golden(x[row : row + 1, steps[row]])
        assert np.array_equal(found[row, steps[row]], bits[0])


@pytest.mark.parametrize(
    ("option", "flag"), [("stages", "--stages"), ("max_logic_depth", "--max-logic-depth")]
)
def test_pipelines_are_refused(option: str, flag: str, tmp_path: Path) -> None:
    machine = random_machine(8, 6, 5)
    with pytest.raises(
        UsageError,
        match=f"^{flag}: the model is recurrent: a step needs the state that the one before it "
        "leaves, so that no two can be under way\n  hint: leave it out: a step takes one clock cycle$",
    ):
        lgc.hdl.generate(Model(machine.module), tmp_path / "p", **{option: 2})
