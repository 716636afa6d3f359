"""Gates of six inputs without structure, as a DWN has them, in every part: exact, and whole where
that is possible."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.chain import Sums, build_module
from lgc.cli import run_command
from lgc.netlist import Netlist
from lgc.pipeline import NAMED
from lgc.surgery import arity
from lgc.text import print_module

LUTS, BITS, CLASSES = 40, 24, 4


def model(sums: Sums | None = Sums(CLASSES)) -> lgc.Model:  # noqa: B008, frozen
    random = np.random.default_rng(0)
    table = random.integers(0, 1 << 64, LUTS, np.uint64)
    reads = np.stack([random.permutation(BITS)[:6] for _ in range(LUTS)])
    net = Netlist(BITS, table, reads.astype(np.int32), np.arange(BITS, BITS + LUTS))
    return lgc.Model(build_module(BITS, [net], sums, dtype="bool"))


def gates_of_six(one: lgc.Model) -> int:
    return int((arity(one.chain.stages[0].net.data) == 6).sum())  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMED)
def test_named_pipelines_are_proved_and_keep_tables_whole(name: str) -> None:
    made = lgc.optimize(model(), name, check="proof")
    assert gates_of_six(made) >= LUTS  # sums of Ofpga have some of their own


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_map_lut_makes_narrower_gates(k: int) -> None:
    made = lgc.optimize(model(), f"map-lut{{k={k}}}", check="proof").chain.stages[0].net.data  # type: ignore[union-attr]
    assert made.k <= k


def test_sums_stand_behind_whole_tables() -> None:
    made = lgc.optimize(model(), "lower-sums", check="proof")
    assert gates_of_six(made) == LUTS


@pytest.mark.parametrize("engine", ["straight", "table"])
@pytest.mark.parametrize("cpu", ["x86-64-v2", "native"])
def test_engines(engine: str, cpu: str) -> None:
    source = model()
    x = np.random.default_rng(1).integers(0, 2, (700, BITS)).astype(np.uint8)
    try:
        kernel = lgc.compile(source, engine=engine, cpu=cpu)  # type: ignore[arg-type]
    except lgc.LgcError:
        pytest.skip(f"{cpu} does not run here")
    outcome = source.evaluate(x)
    assert np.array_equal(kernel.counts(x), outcome.counts)
    assert np.array_equal(kernel.bits(x), outcome.bits)


@pytest.mark.parametrize("ending", ["aig", "aag", "blif", "bench", "csv"])
def test_exchange(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.mlir").write_text(print_module(model(None).module))
    assert run_command(["compile", "m.mlir", "-O0", "-o", f"m.{ending}"]) == 0
    assert run_command(["check", "m.mlir", f"m.{ending}", "--proof"]) == 0


@pytest.mark.skipif(
    shutil.which("yosys") is None and find_spec("pyosys") is None, reason="Yosys is not installed"
)
@pytest.mark.parametrize(
    ("options", "cell"),
    [
        ([], "lgc_lut6 "),
        (["--family", "xilinx"], "LUT6 "),
        (["--family", "ice40"], "SB_LUT4 "),
        (["--family", "ecp5"], "LUT4 "),
    ],
)
def test_verilog(
    options: list[str], cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that would be a long expression is a cell, of the family or our own."""
    monkeypatch.chdir(tmp_path)
    Path("m.mlir").write_text(print_module(model().module))
    assert run_command(["compile", "m.mlir", *options, "-o", "m.v"]) == 0
    assert Path("m.v").read_text().count(f"; {cell}") >= LUTS
    assert run_command(["check", "m.mlir", "m.v", "--proof"]) == 0


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus is not installed")
def test_a_cell_of_our_own_is_what_it_says(tmp_path: Path) -> None:
    """Without Yosys, by simulation of the module as other tools see it."""
    import subprocess

    (tmp_path / "m.mlir").write_text(print_module(model(None).module))
    verilog = tmp_path / "m.v"
    assert run_command(["compile", str(tmp_path / "m.mlir"), "-O0", "-o", str(verilog)]) == 0
    x = np.random.default_rng(2).integers(0, 2, (50, BITS)).astype(np.bool_)
    rows = [int("".join("1" if bit else "0" for bit in row[::-1]), 2) for row in x]
    steps = "\n".join(f'x = {BITS}\'h{row:x}; #1 $display("%b", y);' for row in rows)
    (tmp_path / "t.v").write_text(
        f"module t; reg [{BITS - 1}:0] x; wire [{LUTS - 1}:0] y; m u (.x(x), .bits(y));\n"
        f"initial begin\n{steps}\nend\nendmodule\n"
    )
    subprocess.run(["iverilog", "-o", "t", "t.v", "m.v"], cwd=tmp_path, check=True)
    done = subprocess.run(["vvp", "t"], cwd=tmp_path, check=True, capture_output=True, text=True)
    seen = [[bit == "1" for bit in line[::-1]] for line in done.stdout.split()]
    assert np.array_equal(seen, model(None).evaluate(x).bits)
