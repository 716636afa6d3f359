"""lgc verify, used as a stranger would."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc import demo, images
from lgc.chain import build_module
from lgc.cli import run_command
from lgc.text import print_module
from tests.support import random_layers

MODEL = demo.model_path()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command line in a folder with images; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    x, y, _ = demo.images()
    np.savez("images.npz", x=x[:20], y=y[:20])

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


ROBUST = ("verify", MODEL, "--property", "robust", "--data", "images.npz")


def test_robust(run) -> None:
    code, out, err = run(*ROBUST, "--flips", 1, "--samples", 16)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["sample", "class", "verdict", "seconds", "how"]
    assert lines[1].split()[2] == "robust"
    assert lines[16].split()[:5] == ["15", "1", "not", "robust:", "4"]
    assert lines[17] == (
        "the class is that of all inputs with up to 1 bit changed: "
        "robust 15 of 16 (93.75%), not robust 1, undecided 0"
    )
    assert lines[18] == "right and robust: 15 of 16 (93.75%)"
    assert run(*ROBUST, "--flips", 1, "--samples", 16, "--strict")[0] == 1
    assert run(*ROBUST, "--flips", 1, "--samples", 15, "--strict")[0] == 0


def test_counterexamples(run) -> None:
    arguments = ("--radius", 2, "--json", "--counterexamples", "wrong.npz", "--image", "wrong.png")
    code, out, _ = run(*ROBUST, *arguments)
    assert code == 0
    found = json.loads(out)
    assert found["property"] == "robust"
    assert found["proved"] + found["refuted"] == len(found["findings"]) == 20
    broken = [one for one in found["findings"] if one["answer"] == "refuted"]
    x, _, _ = demo.images()
    model = lgc.load(MODEL)
    with np.load("wrong.npz") as arrays:
        assert arrays["index"].tolist() == [one["sample"] for one in broken]
        assert arrays["X"].dtype == np.uint8
        far = arrays["X"].astype(int) - x[arrays["index"]].astype(int)
        assert 0 < np.abs(far).max() <= 2
        classes = model.evaluate(arrays["X"]).classes
    assert [one["other_class"] for one in broken] == classes.tolist()
    assert all(one["other_class"] != one["class"] for one in broken)
    assert Path("wrong.png").read_bytes().startswith(b"\x89PNG")
    assert run("run", MODEL, "wrong.npz")[0] == 0


def test_packed_samples_and_the_smallest_number_of_flips(run) -> None:
    chain = lgc.load(MODEL).chain
    x, _, _ = demo.images()
    bits = x[:16][:, chain.feature] > chain.level
    np.savez("packed.npz", X=np.packbits(bits, axis=1), n_bits=bits.shape[1])
    np.save("packed.npy", np.packbits(bits, axis=1))
    for file, flag in (("packed.npz", ()), ("packed.npy", ("--packed",))):
        code, out, _ = run(
            "verify", MODEL, "--property", "robust", "--data", file, *flag, "--flips", 2,
            "--smallest", "--sample", 15, "--sample", 3, "--counterexamples", "wrong.npz",
        )  # fmt: skip
        assert code == 0
        lines = [line.split() for line in out.splitlines()]
        assert lines[0] == [
            "sample",
            "class",
            "verdict",
            "proved",
            "to",
            "broken",
            "at",
            "seconds",
            "how",
        ]
        assert lines[1][:4] == ["3", "7", "robust", "2"]
        assert lines[2][:7] == ["15", "1", "not", "robust:", "4", "0", "1"]
        with np.load("wrong.npz") as arrays:
            wrong = np.unpackbits(arrays["X"], axis=1, count=int(arrays["n_bits"]))
        assert (wrong != bits[[15]]).sum() == 1


def test_nothing_refuted_writes_nothing(run) -> None:
    more = ("--samples", 1, "--flips", 1, "--counterexamples", "w.npz", "--image", "w.png")
    code, _, err = run(*ROBUST, *more)
    assert code == 0
    assert err == (
        "nothing was refuted, w.npz is not written\nnothing was refuted, w.png is not drawn\n"
    )
    assert not Path("w.npz").exists()


def test_other_properties(run) -> None:
    code, out, _ = run("verify", MODEL, "--property", "dead-inputs", "--per", "bit")
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()[:2]] == [
        ["bit", "verdict"],
        ["71", "dead"],
    ]
    assert out.endswith("no output depends on it: dead 1 of 192 (0.52%), live 191, undecided 0\n")
    code, out, _ = run("verify", MODEL, "--property", "unreachable-classes", "--image", "c.svg")
    assert out.endswith(
        "no input is given it: unreachable 0 of 10 (0.00%), reachable 10, undecided 0\n"
    )
    assert "3      reachable" in out
    code, out, _ = run("verify", MODEL, "--property", "constant-outputs")
    assert out == "it has one value: constant 0 of 1,000 (0.00%), varies 1,000, undecided 0\n"
    module = build_module(4, random_layers([6], 4, 5), None, dtype="bool")
    Path("m.mlir").write_text(print_module(module))
    code, out, _ = run("verify", "m.mlir", "--property", "constant-outputs", "--json")
    assert code == 0
    assert len(json.loads(out)["findings"]) == 6


def test_exports(run) -> None:
    code, out, err = run(*ROBUST, "--flips", 2, "--samples", 2, "--export", "q.smt2")
    assert (code, out, err) == (0, "", "wrote q-0.smt2\nwrote q-1.smt2\n")
    assert Path("q-1.smt2").read_text().endswith("(check-sat)\n")
    code, _, err = run(*ROBUST, "--radius", 2, "--sample", 4, "--export", "q.cnf")
    assert (code, err) == (0, "wrote q.cnf\n")
    head = Path("q.cnf").read_text().splitlines()[:2]
    assert head == [
        "c sample 4 has class 7; is another class given to numbers that differ by up to 2?",
        "c variable 1: b0 is x[0] > 2",
    ]
    code, _, err = run("verify", MODEL, "--property", "unreachable-classes", "--export", "q.cnf")
    assert (code, err.splitlines()[9]) == (0, "wrote q-9.cnf")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--samples", 2, "--sample", 1),
            "--samples and --sample: the first ones, or chosen ones?",
        ),
        (("--shape", "8"), "--shape: a shape is height x width, not '8'\n  hint: 28x28"),
        (("--export", "q.txt"), "q.txt: questions are written as .cnf or .smt2, not '.txt'"),
        (("--image", "q.txt"), "q.txt: pictures are .png or .svg, not '.txt'"),
        (("--counterexamples", "no/q.npz"), "no/q.npz: the folder no does not exist"),
    ],
)
def test_what_is_refused(run, arguments: tuple, message: str) -> None:
    code, out, err = run(*ROBUST, "--flips", 1, *arguments)
    assert (code, out, err) == (1, "", f"error: {message}\n")


def test_what_else_is_refused(run) -> None:
    code, _, err = run("verify", MODEL, "--property", "robust", "--flips", 1)
    assert (code, err) == (
        1, "error: robust: the samples are missing\n  hint: --data FILE, or x\n"
    )  # fmt: skip


def test_images_have_a_shape() -> None:
    assert images.image(np.arange(4)).tolist() == [[0, 1], [2, 3]]
    assert images.image(np.ones(12)).tolist() == [[3, 3], [3, 3]]
    assert images.image(np.ones(12), (2, 3)).tolist() == [[2, 2, 2], [2, 2, 2]]
    for values, shape, text in (
        (5, None, "5 values make no image"),
        (5, (2, 2), "5 values make no image of 2 × 2"),
        (4, (0, 2), "4 values make no image of 0 × 2"),
    ):
        with pytest.raises(lgc.LgcError) as error:
            images.image(np.zeros(values), shape)
        assert (
            str(error.value) == f"--image: {text}\n  hint: --shape 28x28 says its height and width"
        )


@pytest.mark.parametrize("name", ["dead-inputs", "constant-outputs", "unreachable-classes"])
def test_every_property_is_exported(
    run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("verify", MODEL, "--property", name, "--export", "q.smt2")
    report = lgc.verify(MODEL, name)
    files = [f"q-{one.index}.smt2" for one in report.findings]
    assert (code, out, err) == (0, "", "".join(f"wrote {file}\n" for file in files))
    assert all(Path(file).read_text().endswith("(check-sat)\n") for file in files)
