"""Steps and sequences, by the reference and by machine code, against gates evaluated one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lgc
from lgc import demo
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.model import Model
from lgc.streams import What
from tests.backends.cases import MACHINES, WAYS, compiled
from tests.recurrent.cases import Machine, random_machine, sequences

SHAPES = [(0, 1, 0), (0, 65, 3), (1, 600, 0), (10, 7, 3), (70, 64, 0), (300, 20, 4)]
"""Features, bits of state, classes."""


def case(number: int) -> Machine:
    features, state, classes = SHAPES[number]
    return random_machine(number, features, state, classes=classes)


@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_the_reference_gives_the_golden_sequence(number: int) -> None:
    machine, model = case(number), Model(case(number).module)
    x = sequences(machine, 5, 9)
    bits, state = machine.golden(x)
    found, after = model.run_sequence(x, what="bits")
    assert np.array_equal(found, bits)
    assert np.array_equal(after, state)
    assert found.any()
    assert not found.all()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_machine_code_gives_the_golden_sequence(number: int, way: str) -> None:
    machine = case(number)
    random = np.random.default_rng(number)
    for name in MACHINES if number < 2 else MACHINES[-1:]:
        kernel = compiled(machine.module, name, way)
        for n in (1, 65, 600):
            x = sequences(machine, n, 4, seed=n)
            start = random.random((n, machine.state)) < 0.5
            bits, state = machine.golden(x, start)
            found, after = kernel.run_sequence(x, start, what="bits", threads=2)
            assert np.array_equal(found, bits)
            assert np.array_equal(after, state)
            if machine.sums is None:
                continue
            counts = machine.counts(bits)
            wanted: dict[What, NDArray[Any]] = {
                "counts": counts,
                "predict": counts.argmax(axis=2),
                "scores": counts.astype(np.float32) / np.float32(2),
            }
            for what, expected in wanted.items():
                found, after = kernel.run_sequence(x, start, what=what)
                assert found.dtype == expected.dtype
                assert np.array_equal(found, expected)
                assert np.array_equal(after, state)


def test_steps_make_a_sequence() -> None:
    machine = random_machine(0, 12, 9, classes=3)
    kernel, model = lgc.compile(Model(machine.module)), Model(machine.module)
    x = sequences(machine, 30, 6)
    whole, last = kernel.run_sequence(x)
    assert whole.shape == (30, 6)
    for one in (kernel, model):
        state = one.initial_state(30)
        for place in range(6):
            result, state = one.step(x[:, place], state)
            assert np.array_equal(result, whole[:, place])
        assert np.array_equal(state, last)


def test_any_rows_and_states_will_do() -> None:
    machine = random_machine(1, 40, 21)
    kernel = lgc.compile(Model(machine.module))
    x = sequences(machine, 33, 5)
    bits, state = machine.golden(x)
    wide = np.zeros((33, 10, 80), np.float32)
    wide[:, ::2, ::2] = x
    reshaped = x.reshape(33, 5, 8, 5)
    for rows in (
        x.astype(bool),
        x.astype(np.float32),
        x.astype(np.int64),
        wide[:, ::2, ::2],
        reshaped,
    ):
        found, after = kernel.run_sequence(rows)
        assert np.array_equal(found, bits)
        assert np.array_equal(after, state)
    packed = lgc.packed(kernel.initial_state(33))
    for place in range(5):
        found, packed = kernel.step(lgc.packed(x[:, place] > 0), packed)
        assert np.array_equal(found, bits[:, place])
    assert np.array_equal(packed.unpack(), state)
    found, after = kernel.run_sequence(x[:, :0], state)
    assert found.shape == (33, 0, 7)
    assert np.array_equal(after, state)
    assert kernel.run_sequence(x[:0])[0].shape == (0, 5, 7)


def test_a_machine_that_reads_nothing_counts_its_steps() -> None:
    machine = random_machine(2, 0, 30)
    kernel = lgc.compile(Model(machine.module))
    bits, state = machine.golden(np.zeros((1, 8, 0), np.uint8))
    found, after = kernel.run_sequence(steps=8)
    assert np.array_equal(found, bits)
    assert np.array_equal(after, state)
    first, _ = kernel.step()
    assert np.array_equal(first, bits[:, 0])
    with pytest.raises(
        UsageError, match="^run_sequence: how many steps is missing\n  hint: steps=$"
    ):
        kernel.run_sequence()


def test_a_kernel_file_keeps_the_state(tmp_path: Path) -> None:
    machine = random_machine(3, 8, 11, classes=2)
    kernel = lgc.compile(Model(machine.module), lazy=True)
    kernel.save(tmp_path / "one.lgk")
    loaded = lgc.load_kernel(tmp_path / "one.lgk")
    assert np.array_equal(loaded.initial, machine.initial)
    x = sequences(machine, 20, 3)
    counts = machine.counts(machine.golden(x)[0])
    for one in (kernel, loaded):
        assert np.array_equal(one.run_sequence(x, what="counts")[0], counts)
    assert lgc.check(Model(machine.module), tmp_path / "one.lgk")


def test_what_does_not_fit_is_refused() -> None:
    machine = random_machine(4, 8, 11)
    kernel = lgc.compile(Model(machine.module))
    x = np.zeros((2, 8), np.uint8)
    for call in (kernel, kernel.predict, kernel.counts, kernel.bits, kernel.profile):
        with pytest.raises(
            UnsupportedError,
            match="^the model is recurrent, with a state of 11 bits: a result needs that too\n"
            r"  hint: result, state = kernel.step\(x, state\), or kernel.run_sequence\(x\)$",
        ):
            call(x)
    with pytest.raises(InputError, match=r"^the state has the shape \(2, 11\), not \(3, 11\)"):
        kernel.step(x, kernel.initial_state(3))
    with pytest.raises(InputError, match=r"^the state has the shape \(2, 11\), not \(2, 9\)"):
        kernel.step(x, lgc.packed(np.zeros((2, 9), bool)))
    with pytest.raises(InputError, match="^a sample has 9 numbers, the model reads 8$"):
        kernel.step(np.zeros((2, 9)))
    with pytest.raises(
        InputError, match="^packed rows hold 9 bits, the model reads 8 of a sample$"
    ):
        kernel.step(lgc.packed(np.zeros((2, 9), bool)))
    with pytest.raises(InputError, match="^x is missing: the model reads 8 numbers a step$"):
        kernel.step()
    with pytest.raises(InputError, match="^a step has 9 numbers, the model reads 8$"):
        kernel.run_sequence(np.zeros((2, 3, 9)))
    with pytest.raises(InputError, match="^the sequences have 3 steps, not 4$"):
        kernel.run_sequence(np.zeros((2, 3, 8)), steps=4)
    with pytest.raises(
        InputError,
        match=r"^sequences have the shape \(n, steps, 8\), not \(3, 8\)\n"
        r"  hint: a single sequence is a batch of one: x\[None\]$",
    ):
        kernel.run_sequence(np.zeros((3, 8)))
    with pytest.raises(
        UsageError, match="^what is one of predict, counts, bits, scores, not 'all'$"
    ):
        kernel.step(x, what="all")  # pyright: ignore[reportArgumentType]
    with pytest.raises(
        UnsupportedError,
        match="^the model has no class sums, it gives bits only\n"
        r'  hint: kernel.step\(x, state, what="bits"\)$',
    ):
        kernel.step(x, what="counts")
    with pytest.raises(
        UnsupportedError,
        match="^the model has no class sums, it gives bits only\n"
        r'  hint: step\(x, state, what="bits"\)$',
    ):
        Model(machine.module).step(x, what="predict")


def test_a_model_without_a_state_makes_no_steps() -> None:
    kernel = lgc.compile(demo.model_path())
    for call in (kernel.step, kernel.run_sequence):
        with pytest.raises(
            UnsupportedError,
            match=r"^the model has no state, so it makes no steps\n  hint: kernel.predict\(x\)$",
        ):
            call(np.zeros((1, 64)))
