"""Cellular automata against NumPy: Conway's life, and rules with perception like DiffLogic CA."""

from __future__ import annotations

import itertools
import shutil
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lgc
from lgc.automata import automaton, layers
from lgc.chain import build_module
from lgc.dialect import MapOp
from lgc.errors import UsageError
from lgc.flattening import flatten
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.sums.arithmetic import Counter, Gates
from tests.recurrent.cases import by_gates

Bools = NDArray[np.bool_]


def life() -> Netlist:
    """Next state of the middle of 3 × 3 cells: three neighbours, or two and alive."""
    gates = Gates(9)
    counter = Counter(gates)
    for cell in (0, 1, 2, 3, 5, 6, 7, 8):
        counter.add(2 * cell)
    one, two, four, *more = [0 if bit is None else bit for bit in counter.finish()]
    alive = gates.add(0x3F, one, 2 * 4)  # a ∨ b: an odd count, or alive
    high = four
    for bit in more:
        high = gates.add(0x3F, high, bit)
    return gates.netlist([gates.add(0x03, gates.add(0x03, alive, two), high ^ 1)])


def step_of_life(grid: Bools, periodic: bool) -> Bools:
    around = np.pad(grid, ((0, 0), (1, 1), (1, 1)), mode="wrap" if periodic else "constant")
    height, width = grid.shape[1:]
    count = sum(
        around[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width].astype(int)
        for y in (-1, 0, 1)
        for x in (-1, 0, 1)
        if (y, x) != (0, 0)
    )
    return (count == 3) | (grid & (count == 2))


@pytest.mark.parametrize("periodic", [True, False])
def test_life(periodic: bool) -> None:
    model = automaton(life(), (13, 11), periodic=periodic)
    grids = np.random.default_rng(0).random((6, 13, 11)) < 0.4
    found, last = model.run_sequence(state=grids.reshape(6, -1), steps=25)
    grid = grids
    for place in range(25):
        grid = step_of_life(grid, periodic)
        assert np.array_equal(found[:, place].reshape(grid.shape), grid)
    assert np.array_equal(last.reshape(grid.shape), grid)
    assert grid.any()


def test_a_glider_comes_back() -> None:
    glider = np.zeros((8, 8), bool)
    glider[[0, 1, 2, 2, 2], [1, 2, 0, 1, 2]] = True
    model = automaton(life(), (8, 8), initial=glider)
    found, _ = model.run_sequence(steps=32)
    assert np.array_equal(found[0, 3].reshape(8, 8), np.roll(glider, (1, 1), (0, 1)))
    assert np.array_equal(found[0, 31].reshape(8, 8), glider)


def unrolled(model: Model) -> Model:
    """The same without `logic.map`."""
    chain = model.step_chain
    return Model(build_module(0, [flatten(chain)], None, dtype="bool", initial=chain.initial))


def test_life_as_machine_code() -> None:
    model = automaton(life(), (32, 32))
    assert any(isinstance(op, MapOp) for op in model.module.walk())
    kernel = lgc.compile(unrolled(model))
    grids = np.random.default_rng(1).random((70, 32, 32)) < 0.4
    found, last = kernel.run_sequence(state=grids.reshape(70, -1), steps=10)
    grid = grids
    for place in range(10):
        grid = step_of_life(grid, True)
        assert np.array_equal(found[:, place].reshape(grid.shape), grid)
    assert np.array_equal(last.reshape(grid.shape), grid)


def test_life_as_verilog(tmp_path: Any) -> None:
    if shutil.which("iverilog") is None:
        pytest.skip("icarus is not installed")
    glider = np.zeros((6, 6), bool)
    glider[[0, 1, 2, 2, 2], [1, 2, 0, 1, 2]] = True
    model = automaton(life(), (6, 6), initial=glider)
    project = lgc.hdl.generate(unrolled(model), tmp_path / "life", samples=48)
    found = project.simulate(np.zeros((1, 24, 0)))
    assert found.message == "PASS 24 samples"
    assert found.bits is not None
    assert np.array_equal(found.bits[23].reshape(6, 6), glider)


def random_layers(sizes: list[int], seed: int) -> list[tuple[NDArray[Any], ...]]:
    random = np.random.default_rng(seed)
    return [
        (random.integers(0, 16, out), *random.integers(0, size, (2, out)))
        for size, out in itertools.pairwise(sizes)
    ]


@pytest.mark.parametrize("periodic", [True, False])
def test_rules_with_perception(periodic: bool) -> None:
    """Kernels on each channel of 3 × 3 cells, then an update of the cell and all they perceive."""
    channels, kernels, each = 3, 4, 2
    parts = [layers(9, random_layers([9, 8, 4, each], seed)) for seed in range(kernels)]
    # results in the order of outputs, then of kernels
    table = np.concatenate([part.table for part in parts])
    sizes = np.cumsum([0, *(part.gates for part in parts)])
    fanin = np.concatenate(
        [np.where(p.fanin < 9, p.fanin, p.fanin + start) for p, start in zip(parts, sizes)]
    )
    outputs = [parts[k].outputs[s] + sizes[k] for s in range(each) for k in range(kernels)]
    perceive = Netlist(9, table, fanin, np.array(outputs))
    reads = channels + channels * kernels * each
    update = layers(reads, random_layers([reads, 20, 12, channels], 9))
    model = automaton(update, (7, 9, channels), perceive=perceive, periodic=periodic)
    grid = np.random.default_rng(2).random((5, 7, 9, channels)) < 0.5
    found, _ = model.run_sequence(state=grid.reshape(5, -1), steps=6)
    for place in range(6):
        mode: Any = "wrap" if periodic else "constant"
        around = np.pad(grid, ((0, 0), (1, 1), (1, 1), (0, 0)), mode=mode)
        new = np.zeros_like(grid)
        for y in range(7):
            for x in range(9):
                square = around[:, y : y + 3, x : x + 3].reshape(5, 9, channels)
                seen = [grid[:, y, x]]
                for channel in range(channels):
                    given = [by_gates(part, square[:, :, channel]) for part in parts]
                    seen += [given[k][:, s, None] for s in range(each) for k in range(kernels)]
                new[:, y, x] = by_gates(update, np.concatenate(seen, axis=1))
        grid = new
        assert np.array_equal(found[:, place].reshape(grid.shape), grid)
    assert len(np.unique(grid)) == 2


def test_passes_keep_a_rolled_automaton() -> None:
    model = automaton(life(), (5, 6), periodic=False)
    for pipeline in ("O1", "O2", "O3"):
        made = lgc.optimize(model, pipeline, check="proof")
        assert any(isinstance(op, MapOp) for op in made.module.walk())
        assert lgc.check(model, made, mode="proof")


@pytest.mark.parametrize(
    ("rule", "grid", "more", "message"),
    [
        (life(), (5,), {}, r"\(5,\) is no grid\n  hint: height, width, channels; up to 16,777,216 bits in all$"),
        (life(), (5, 5, 2), {}, "9 inputs are no square of cells of 2 channels around one\n"),
        (Netlist(9, [], np.zeros((0, 2)), [0, 1]), (5, 5), {}, "the rule gives 2 bits, a cell has 1 channels$"),
        (life(), (5, 5), {"initial": np.zeros(3)}, "the initial grid has 3 bits, 25 are needed$"),
        (life(), (5, 5), {"perceive": life()}, "the rule reads 9 bits, a cell and what it perceives are 2$"),
    ],
)  # fmt: skip
def test_what_does_not_fit(rule: Netlist, grid: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^automaton: {message}"):
        automaton(rule, grid, **more)
