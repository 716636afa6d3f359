"""Recurrent models in files of other tools: registers with what they start with, and their order."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.chain import build_module
from lgc.errors import InputError, LgcError, UsageError
from lgc.exchange.aiger import read_aiger
from lgc.exchange.blif import read_blif
from lgc.model import Model
from lgc.registry import find
from tests.recurrent.cases import random_machine, sequences

needs_yosys = pytest.mark.skipif(find_spec("pyosys") is None, reason="Yosys is not installed")

COUNTER = b"""\
aag 6 1 2 2 3
2
4 11
6 13 1
4
7
8 4 2
10 9 %d
12 6 8
"""


def written(model: Model, path: Path) -> Path:
    for name in ("aiger", "blif"):
        backend = find("backends", name)()
        if path.suffix in backend.SUFFIXES:
            backend.write(model.module, path, {})
    return path


@pytest.mark.parametrize("suffix", [".aig", ".aag", ".blif"])
@pytest.mark.parametrize(("features", "state"), [(7, 5), (0, 9), (40, 70)])
def test_a_round_trip_keeps_the_golden_sequence(
    features: int, state: int, suffix: str, tmp_path: Path
) -> None:
    machine = random_machine(features, features, state)
    path = written(Model(machine.module), tmp_path / f"m{suffix}")
    read = lgc.load(path)
    assert np.array_equal(read.initial, machine.initial)
    x = sequences(machine, 12, 8)
    bits, after = machine.golden(x)
    found, last = read.run_sequence(x)
    assert np.array_equal(found, bits)
    assert np.array_equal(last, after)
    assert written(read, tmp_path / f"again{suffix}").read_bytes().splitlines()[0] == (
        path.read_bytes().splitlines()[0] if suffix != ".blif" else b"# written by lgc 0.1.0"
    )
    assert lgc.check(Model(machine.module), read, mode="proof")


def test_names_of_registers_are_kept(tmp_path: Path) -> None:
    text = (
        ".model m\n.inputs clk go\n.outputs y\n.latch n q re clk 1\n.latch q late re clk 0\n"
        ".names go q n\n10 1\n01 1\n.names late y\n1 1\n.end\n"
    )
    (tmp_path / "m.blif").write_text(text)
    model = lgc.load(tmp_path / "m.blif")
    assert model.features == 1  # the clock is none
    assert model.initial.tolist() == [True, False]
    found, _ = model.run_sequence(np.array([[[1], [0], [1], [1]]]))
    assert found[0, :, 0].tolist() == [0, 1, 0, 0]
    for suffix in (".aag", ".blif"):
        again = written(model, tmp_path / f"n{suffix}")
        assert lgc.load(again).run_sequence(np.ones((1, 9, 1)))[0].tolist() == (
            model.run_sequence(np.ones((1, 9, 1)))[0].tolist()
        )
        assert "q" in again.read_text()
        assert "late" in again.read_text()


def test_a_clock_that_gates_read_is_an_input_too(tmp_path: Path) -> None:
    text = ".model m\n.inputs c\n.outputs c2\n.latch c q re c 0\n.names c q c2\n11 1\n.end\n"
    (tmp_path / "m.blif").write_text(text)
    assert lgc.load(tmp_path / "m.blif").features == 1


def test_what_is_unknown_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "m.aag").write_bytes(b"aag 2 0 2 1 0\n2 4 2\n4 2 1\n2\n")
    with pytest.raises(
        UsageError,
        match="^m.aag: 1 of 2 registers start with a value that the file does not say\n"
        "  hint: --initial 0 or 1, or a digit for each register$",
    ):
        lgc.load(tmp_path / "m.aag")
    assert lgc.load(tmp_path / "m.aag", initial="0").initial.tolist() == [False, True]
    assert lgc.load(tmp_path / "m.aag", initial="10").initial.tolist() == [True, True]
    with pytest.raises(
        UsageError,
        match="^--initial: '012' is not what 2 bits start with\n"
        "  hint: 0 or 1 for all of them, or 2 digits$",
    ):
        lgc.load(tmp_path / "m.aag", initial="012")
    with pytest.raises(
        UsageError,
        match="^--state: the file has 2 registers of its own\n  hint: leave it out: the file says it$",
    ):
        lgc.load(tmp_path / "m.aag", state=1)


@pytest.mark.parametrize("suffix", [".aag", ".blif", ".bench", ".csv"])
def test_any_circuit_is_a_step_with_a_flag(suffix: str, tmp_path: Path) -> None:
    machine = random_machine(11, 6, 4)
    plain = build_module(10, [machine.net], None)
    name = {".aag": "aiger", ".csv": "gate-list"}.get(suffix, suffix[1:])
    find("backends", name)().write(plain, tmp_path / f"m{suffix}", {})
    text = "".join(map(str, machine.initial.astype(int).tolist()))
    read = lgc.load(tmp_path / f"m{suffix}", state=4, initial=text)
    assert read.features == 6
    x = sequences(machine, 12, 8)
    bits, after = machine.golden(x)
    found, last = read.run_sequence(x)
    assert np.array_equal(found, bits)
    assert np.array_equal(last, after)
    zero = lgc.load(tmp_path / f"m{suffix}", state=4)
    assert not zero.initial.any()
    for state, message in (
        (0, "--state: a state has at least one bit, not 0"),
        (11, "has no 11 bits of state beside a result"),
    ):
        with pytest.raises(LgcError, match=message):
            lgc.load(tmp_path / f"m{suffix}", state=state)


def test_a_difflogic_step_says_how_many_bits_go_round(tmp_path: Path) -> None:
    random = np.random.default_rng(12)
    logits = {"0.weights": random.normal(size=(40, 16)), "1.weights": random.normal(size=(26, 16))}
    wires = {
        "0.indices": random.integers(0, 12, (2, 40)),
        "1.indices": random.integers(0, 40, (2, 26)),
    }
    arrays: dict[str, Any] = {**logits, **wires}
    np.savez(tmp_path / "m.npz", **arrays)
    described: dict[str, Any] = {
        "classes": 2, "tau": 3, "inputs": 4, "input": "thermometer:0,2", "state": 4,
    }  # fmt: skip
    model = lgc.load(tmp_path / "m.npz", **described, initial="0110")
    assert (model.features, model.step_chain.own_bits, model.step_chain.outputs) == (4, 8, 22)
    x = random.integers(0, 4, (9, 5, 4))
    state = np.tile([False, True, True, False], (9, 1))
    for step in range(5):
        bits = np.concatenate([x[:, step] > 0, x[:, step] > 2, state], axis=1)
        for layer in range(2):
            gate = logits[f"{layer}.weights"].argmax(axis=1)
            a, b = (bits[:, wires[f"{layer}.indices"][side]] for side in range(2))
            bits = (gate >> (3 - (2 * a + b)) & 1).astype(bool)
        state = bits[:, 22:]
        assert np.array_equal(
            model.run_sequence(x[:, : step + 1], what="counts")[0][:, step],
            bits[:, :22].reshape(9, 2, 11).sum(axis=2),
        )
    text = '{"classes": 2, "tau": 3, "inputs": 4, "input": "thermometer:0,2", "state": 4, "initial": "0110"}'
    (tmp_path / "m.json").write_text(text)
    assert lgc.check(lgc.load(tmp_path / "m.npz"), model)
    (tmp_path / "m.json").unlink()
    with pytest.raises(InputError, match="^m.npz: 23 outputs do not fall into 2 equal groups"):
        lgc.load(tmp_path / "m.npz", **(described | {"state": 3, "inputs": 5}))


@needs_yosys
def test_verilog_with_registers_is_a_recurrent_model(tmp_path: Path) -> None:
    (tmp_path / "t.v").write_text("""\
module t(input clk, input rst, input go, output [11:0] y, output wrapped);
  reg [11:0] count = 12'd5;
  reg last = 1'b1;
  always @(posedge clk)
    if (rst) count <= 12'd5;
    else if (go) begin count <= count + 12'd3; last <= count[11]; end
  assign y = count;
  assign wrapped = last & ~count[11];
endmodule
""")
    model = lgc.load(tmp_path / "t.v")
    assert (model.features, model.step_chain.state, model.step_chain.outputs) == (2, 13, 13)
    random = np.random.default_rng(0)
    x = np.stack([random.random((3, 3000)) < 0.001, random.random((3, 3000)) < 0.8], axis=2)
    bits, _ = lgc.compile(model).run_sequence(x)
    count, last, seen = np.full(3, 5), np.ones(3, bool), 0
    for step in range(3000):
        number = bits[:, step, :12] @ (1 << np.arange(12))
        assert np.array_equal(number, count)
        wrapped = last & (count < 2048)
        assert np.array_equal(bits[:, step, 12], wrapped)
        seen += int(wrapped.sum())
        reset, go = x[:, step].T
        last = np.where(go & ~reset, count >= 2048, last)
        count = np.where(reset, 5, np.where(go, (count + 3) % 4096, count))
    assert seen > 3


def test_other_files_become_no_recurrent_models(tmp_path: Path) -> None:
    machine = random_machine(13, 6, 4)
    plain = Model(build_module(10, [machine.net], None))
    plain.save(tmp_path / "m.mlir")
    with pytest.raises(
        UsageError,
        match="^--state: mlir files become no recurrent models\n"
        "  hint: docs/recurrent.md says which do$",
    ):
        lgc.load(tmp_path / "m.mlir", state=4)


@pytest.mark.parametrize("kind", ["aag", "aig", "blif"])
def test_mutated_files_are_refused_by_a_message(kind: str, tmp_path: Path) -> None:
    machine = random_machine(14, 3, 4, gates=12)
    path = written(Model(machine.module), tmp_path / f"m.{kind}")
    good = path.read_bytes()
    read = read_blif if kind == "blif" else read_aiger
    random = np.random.default_rng(0)
    outcomes = [0, 0]
    for _ in range(3000):
        data = bytearray(good[: random.integers(0, len(good))] if random.random() < 0.2 else good)
        for _ in range(random.integers(1, 4)):
            if data:
                data[random.integers(0, len(data))] = random.choice(
                    np.frombuffer(b"0129 \n.-x\xff", np.uint8)
                )
        try:
            circuit = read(bytes(data), "m")
        except LgcError:
            outcomes[0] += 1
        else:
            outcomes[1] += 1
            assert circuit.net.inputs >= len(circuit.registers)
            assert len(circuit.ports(re.compile(".*")).inputs) == circuit.net.inputs
    assert min(outcomes) > 10


def test_a_gated_cell_as_it_is_published(tmp_path: Path) -> None:
    """Candidate and gate of [x, h] in two layers each, a multiplexer for each bit, sums on top."""
    random = np.random.default_rng(15)
    inputs, hidden = 6, 16
    covers = ["", "11 1", "10 1", "1- 1", "01 1", "-1 1", "10 1\n01 1", "1- 1\n-1 1"]
    lines = [".model gated", f".inputs {' '.join(f'x{i}' for i in range(inputs))}",
             f".outputs {' '.join(f'o{i}' for i in range(hidden))}", ".names c0"]  # fmt: skip
    lines += [f".latch m{i} q{i} 0" for i in range(hidden)]
    nets: dict[str, list[tuple[int, int, int]]] = {}
    for name in "cs":  # candidate, gate
        read = [f"x{i}" for i in range(inputs)] + [f"q{i}" for i in range(hidden)]
        for layer in range(2):
            gates = list(zip(random.integers(0, 8, hidden).tolist(),
                             *random.integers(0, len(read), (2, hidden)).tolist()))  # fmt: skip
            nets[f"{name}{layer}"] = gates
            made = [f"{name}{layer}_{i}" for i in range(hidden)]
            for own, (gate, a, b) in zip(made, gates):
                lines += [f".names {read[a]} {read[b]} {own}", *covers[gate].splitlines()]
            read = made
    for i in range(hidden):
        lines += [f".names s1_{i} q{i} c1_{i} m{i}", "11- 1", "0-1 1"]
        lines += [f".names m{i} o{i}", "1 1"]
    (tmp_path / "gated.blif").write_text("\n".join([*lines, ".end"]) + "\n")
    model = lgc.load(tmp_path / "gated.blif", classes=4, tau=2)
    assert (model.features, model.step_chain.state) == (inputs, hidden)
    x = random.integers(0, 2, (200, 15, inputs))
    found, _ = lgc.compile(model).run_sequence(x, what="counts")
    h = np.zeros((200, hidden), bool)
    for step in range(15):
        made = {}
        for name in "cs":
            bits = np.concatenate([x[:, step] > 0, h], axis=1)
            for layer in range(2):
                rows = []
                for gate, a, b in nets[f"{name}{layer}"]:
                    index = 2 * bits[:, a].astype(int) + bits[:, b]
                    rows.append((gate >> (3 - index) & 1).astype(bool))
                bits = np.stack(rows, axis=1)
            made[name] = bits
        h = np.where(made["s"], h, made["c"])
        assert np.array_equal(found[:, step], h.reshape(200, 4, 4).sum(axis=2))
    assert 0 < h.mean() < 1
