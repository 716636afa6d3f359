"""What the outputs of a circuit mean: sums, one-hot, a binary number, or bits."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.errors import InputError, LgcError, LgcWarning, UsageError
from lgc.heads import falling
from lgc.interchange import circuit_of


def wires(folder: Path, outputs: str) -> Path:
    """A circuit whose outputs are its inputs, in order."""
    path = folder / "wires.blif"
    names = outputs.split()
    inputs = [f"in{i}" for i in range(len(names))]
    covers = "".join(f".names {i} {o}\n1 1\n" for i, o in zip(inputs, names))
    path.write_text(f".inputs {' '.join(inputs)}\n.outputs {outputs}\n{covers}")
    return path


ROWS = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0], [1, 1, 0, 1]], np.uint8)

CLASSES = {
    "one-hot": [0, 0, 2, 1, 0],
    "index": [0, 1, 4, 6, 11],
    "index,lsb": [0, 1, 4, 6, 11],
    "index,msb": [0, 8, 2, 6, 13],
}


@pytest.mark.parametrize("head", CLASSES)
def test_classes(head: str, tmp_path: Path) -> None:
    path = wires(tmp_path, "a b c d")
    model = lgc.load(path, head=head)
    assert model.evaluate(ROWS).classes.tolist() == CLASSES[head]
    kernel = lgc.compile(model)
    assert kernel.gives_class
    assert kernel.predict(ROWS).tolist() == CLASSES[head]
    assert kernel.predict(ROWS).dtype == np.int64
    lazy = lgc.compile(model, lazy=True)
    assert lazy.gives_class
    assert lazy.predict(ROWS).tolist() == CLASSES[head]
    lazy.wait()
    assert lgc.check(model, kernel)
    assert lgc.check(model, model, mode="proof")


def test_defaults_and_sums(tmp_path: Path) -> None:
    path = wires(tmp_path, "a b c d")
    assert lgc.load(path).evaluate(ROWS).classes is None
    assert not lgc.compile(lgc.load(path, head="bits")).gives_class
    for head in (None, "sums"):
        model = lgc.load(path, head=head, classes=2, tau=2)
        assert model.evaluate(ROWS).counts.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1], [2, 1]]
    assert lgc.load(path, head="one-hot", classes=4, tau=3).chain.group_sum.tau.value.data == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "some"}, "--head: 'some' is no head\n  hint: one of sums, one-hot, index, index,msb or bits"),
        ({"head": "sums"}, "wires.blif: how many classes the outputs are summed into is not in the file\n  hint: give it with --classes; --head one-hot makes each output a class"),
        ({"head": "one-hot", "classes": 2}, "wires.blif: 4 outputs are 4 classes one-hot, not 2\n  hint: --head sums adds up groups of outputs"),
        ({"head": "bits", "classes": 2}, "--classes: with --head bits there are no classes\n  hint: leave it out, or --head says which outputs are a class: sums, one-hot, index, index,msb or bits"),
        ({"head": "bits", "tau": 2}, "--tau: with --head bits there are no sums that could be divided\n  hint: leave it out"),
        ({"head": "index", "tau": 2}, "--tau: with --head index there are no sums that could be divided\n  hint: leave it out"),
        ({"head": "index", "classes": 17}, "wires.blif: a binary number of 4 bits does not number 17 classes\n  hint: is --classes right? it can be left out"),
        ({"head": "index", "classes": 0}, "wires.blif: a binary number of 4 bits does not number 0 classes\n  hint: is --classes right? it can be left out"),
    ],
)  # fmt: skip
def test_messages(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises((InputError, UsageError), match=re.escape(message) + r"\Z"):
        lgc.load(wires(tmp_path, "a b c d"), **options)


def test_numbers_have_32_bits_at_most(tmp_path: Path) -> None:
    path = wires(tmp_path, " ".join(f"o{i}x" for i in range(33)))
    message = (
        "wires.blif: 33 outputs are too many for a binary number, which has 32 bits\n"
        "  hint: --head one-hot makes each output a class"
    )
    with pytest.raises(InputError, match=re.escape(message) + r"\Z"):
        lgc.load(path, head="index")


def test_the_largest_number(tmp_path: Path) -> None:
    path = wires(tmp_path, " ".join(f"o{i}x" for i in range(32)))
    kernel = lgc.compile(lgc.load(path, head="index"))
    assert kernel.predict(np.ones((2, 32), np.uint8)).tolist() == [(1 << 32) - 1] * 2


def test_names_that_count_down_leave_the_order_open(tmp_path: Path) -> None:
    path = wires(tmp_path, "y[3] y[2] y[1] y[0]")
    message = (
        "wires.blif: the outputs are named y[3] to y[0], so the first may be the most significant "
        "bit\n  hint: --head index,msb if it is, --head index,lsb if it is not"
    )
    with pytest.raises(UsageError, match=re.escape(message) + r"\Z"):
        lgc.load(path, head="index")
    for head in ("index,msb", "index,lsb"):
        assert lgc.load(path, head=head).evaluate(ROWS).classes.tolist() == CLASSES[head]
    with pytest.warns(LgcWarning, match=re.escape("the first output, y[3], is class 0")):
        assert lgc.load(path, head="one-hot").evaluate(ROWS).classes.tolist() == CLASSES["one-hot"]
    names = circuit_of(lgc.load(path, head="index,msb").module).outputs
    assert names == ("y[0]", "y[1]", "y[2]", "y[3]")


def test_names_that_count_up_are_in_order(tmp_path: Path) -> None:
    path = wires(tmp_path, "y[0] y[1] y[2] y[3]")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for head in ("index", "one-hot"):
            assert lgc.load(path, head=head).evaluate(ROWS).classes.tolist() == CLASSES[head]


def test_falling() -> None:
    assert falling(["y[2]", "y[1]", "y[0]"])
    assert falling(["po2", "po1"])
    assert falling(["c_9_", "c_8_"])
    for names in (
        ["y[0]"],
        ["y[0]", "y[1]"],
        ["y[2]", "y[0]"],
        ["y[1]", "z[0]"],
        ["a", "b"],
        ["y1", "a"],
    ):
        assert not falling(names)


def test_verilog_of_lgc_takes_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = wires(tmp_path, "a b c d")
    lgc.load(path).save("m.mlir")
    assert run_command(["compile", "m.mlir", "-o", "m.v"]) == 0
    for head, classes in CLASSES.items():
        assert lgc.load("m.v", head=head).evaluate(ROWS).classes.tolist() == classes


def test_a_gate_list_takes_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the JSON beside it says of sums counts no longer."""
    monkeypatch.chdir(tmp_path)
    path = wires(tmp_path, "a b c d")
    lgc.load(path, classes=2, tau=4).save("m.mlir")
    assert run_command(["compile", "m.mlir", "-O0", "-o", "m.csv"]) == 0
    assert lgc.load("m.csv").evaluate(ROWS).counts.shape == (5, 2)
    assert (
        lgc.load("m.csv", head="index,msb").evaluate(ROWS).classes.tolist() == CLASSES["index,msb"]
    )
    assert lgc.load("m.csv", head="one-hot").evaluate(ROWS).classes.tolist() == CLASSES["one-hot"]


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wires(tmp_path, "a b c d")
    np.savez("data.npz", x=ROWS, y=[0, 1, 4, 6, 0])
    assert run_command(["run", "wires.blif", "data.npz", "--head", "index", "-o", "c.npy"]) == 0
    assert "accuracy 80.0000% (4 of 5)" in capsys.readouterr().out
    assert np.load("c.npy").tolist() == CLASSES["index"]
    np.savez("unlabelled.npz", x=ROWS)
    assert run_command(["run", "wires.blif", "unlabelled.npz", "--head", "index"]) == 0
    assert capsys.readouterr().out == "classes 0: 1, 1: 1, 4: 1, 6: 1, 11: 1\n"
    assert (
        run_command(["run", "wires.blif", "data.npz", "--head", "index", "--bits", "-o", "b.npy"])
        == 0
    )
    assert np.load("b.npy").tolist() == ROWS.astype(bool).tolist()
    assert run_command(["run", "wires.blif", "data.npz", "--head", "one-hot"]) == 0
    assert "accuracy 40.0000% (2 of 5)" in capsys.readouterr().out


def test_sums_made_by_gates_run_as_native_code(tmp_path: Path) -> None:
    """What `lower-sums{to=class}` leaves is a binary number too."""
    from lgc import demo

    x, _, scores = demo.images()
    model = lgc.optimize(lgc.load(demo.model_path()), "O1,lower-sums{to=class}")
    kernel = lgc.compile(model, engine="table")
    assert (kernel.predict(x) == scores.argmax(axis=1)).all()
    with pytest.raises(LgcError, match="the model has no class sums"):
        kernel.counts(x)
