"""lgc check --proof, --drat, --image and --check=proof on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.chain import Sums, build_module
from lgc.errors import UnsupportedError
from lgc.extras import check_drawable
from lgc.images import as_text, draw_square, square
from lgc.netlist import Netlist
from lgc.text import print_module
from tests.cli.test_commands import run  # noqa: F401, a fixture
from tests.proof.test_sweeping import sums_of_products
from tests.support import random_layers

LAYERS = random_layers([200, 100, 40], 64, 0)


def write(name: str, layers: list[Netlist], sums: Sums | None = None, **more: object) -> Path:
    module = build_module(layers[0].inputs, layers, sums, dtype="uint8", **more)  # type: ignore[arg-type]
    Path(name).write_text(print_module(module))
    return Path(name)


def faulty(net: Netlist) -> Netlist:
    """One output more often on than it should: a gate of one vector in four gets another."""
    table = net.table.copy()
    table[int(net.outputs[0]) - net.inputs] ^= np.uint64(8)
    return Netlist(net.inputs, table, net.fanin, net.outputs)


def test_equal_models_are_proved(run) -> None:  # noqa: F811
    write("model.mlir", LAYERS, Sums(4, 3.0))
    code, out, err = run("compile", "model.mlir", "--check=proof", "-O2", "-o", "small.mlir")
    assert (code, out, err) == (0, "", "")
    assert 'lgc.checked = "proved by SAT sweeping, ' in Path("small.mlir").read_text()
    code, out, err = run("check", "model.mlir", "small.mlir", "--proof", "--drat", "x.drat")
    assert code == 0
    assert out.startswith("equal (proved by SAT sweeping, ")
    assert err.startswith("wrote x.cnf and x.drat: ")
    assert Path("x.cnf").read_text().startswith("p cnf ")
    assert Path("x.drat").read_text().endswith("\n0\n")


def test_of_a_kernel_the_circuit_is_proved_and_the_code_is_run(run) -> None:  # noqa: F811
    write("model.mlir", LAYERS, Sums(4, 3.0))
    assert run("compile", "model.mlir", "-o", "model.lgk")[0] == 0
    code, out, _ = run("check", "model.mlir", "model.lgk", "--mode=proof")
    assert code == 0
    assert "proved by SAT sweeping" in out
    assert "; the kernel ran on: random, 2,048 vectors, seed 0; 2,048 rows" in out


def test_a_difference_is_shown_as_numbers_and_as_a_picture(run) -> None:  # noqa: F811
    level = np.full(64, 7.0, np.float32)
    more = {"feature": np.arange(64), "level": level}
    write("model.mlir", LAYERS, Sums(4, 3.0), **more)
    write("other.mlir", [*LAYERS[:2], faulty(LAYERS[2])], Sums(4, 3.0), **more)
    code, out, err = run(
        "check", "model.mlir", "other.mlir", "--proof", "--counterexample", "why.npz",
        "--image", "why.png",
    )  # fmt: skip
    assert (code, err) == (1, "")
    verdict, bits, numbers, *image = out.splitlines()
    assert verdict.startswith("different (found by simulation): score of class 0 is ")
    assert len(image) == 8
    x = np.zeros((1, 64), np.uint8)
    for word in numbers.removeprefix("numbers ").removesuffix(" others 0").split():
        place, value = word.removeprefix("x[").split("]=")
        x[0, int(place)] = int(value)
    assert "".join(map(str, (x[0] > 7).astype(int))) == bits.removeprefix("input ")
    counts = [lgc.load(name).evaluate(x).counts for name in ("model.mlir", "other.mlir")]
    assert (counts[0] != counts[1]).any()
    assert "".join(image).count("█") == (x > 0).sum()
    with np.load("why.npz") as why:
        assert (np.unpackbits(why["X"], axis=1)[0] == (x[0] > 7)).all()
    assert Path("why.png").read_bytes().startswith(b"\x89PNG")


def test_limits_are_errors_that_name_an_option(run) -> None:  # noqa: F811
    net = sums_of_products(5)
    for name, part in zip(("one.mlir", "two.mlir"), np.split(net.outputs, 2)):
        write(name, [Netlist(net.inputs, net.table, net.fanin, part)])
    code, out, err = run("check", "one.mlir", "two.mlir", "--proof", "--seconds", "1e-9")
    assert (code, out) == (1, "")
    assert err.startswith("error: neither equal nor different so far: ")
    assert "hint: --seconds=1e-08 gives it more time" in err
    code, out, err = run("check", "one.mlir", "two.mlir", "--conflicts", "5")
    assert (code, err) == (1, "error: --conflicts belongs to a proof\n  hint: add --proof\n")


def test_a_pass_that_reached_a_limit_says_so(run) -> None:  # noqa: F811
    write("model.mlir", [sums_of_products(5)])
    pipeline = "dedupe{conflicts=1 vectors=64}"
    code, _, err = run("opt", "model.mlir", "-p", pipeline, "-o", "small.mlir")
    assert code == 0
    assert err.startswith("dedupe")
    assert "pairs undecided after 1 conflicts (option conflicts)" in err
    assert "remark: " in run("opt", "model.mlir", "-p", pipeline, "--stats")[2]
    err = run("compile", "model.mlir", "-p", pipeline, "-o", "small.mlir")[2]
    assert "undecided after 1 conflicts" in err
    assert "lgc.remarks" in Path("small.mlir").read_text()


def test_pictures_of_inputs(tmp_path: Path) -> None:
    stack = np.array([0, 1, 1, 1, 0, 0, 1, 1])
    shown = square(stack)
    assert shown is not None
    assert shown.tolist() == [[0, 1], [2, 2]]
    assert as_text(shown) == "·▒\n██"
    assert as_text(np.zeros((1, 2))) == "··"
    assert square(np.zeros(7)) is None
    with pytest.raises(UnsupportedError, match=r"why.png: 7 numbers are no square picture$"):
        draw_square(np.zeros(7), tmp_path / "why.png")
    with pytest.raises(lgc.LgcError, match=r"why.svg: pictures are .png, not '.svg'$"):
        check_drawable(Path("why.svg"), (".png",))


def test_matplotlib_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    with pytest.raises(UnsupportedError, match=r"lgc\[plot\]"):
        check_drawable(Path("why.png"))
