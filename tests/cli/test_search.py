"""lgc search as a user sees it, on scikit-learn's digits and networks of some dozen gates."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.searching.evaluation import Evaluation
from lgc.searching.trials import Outcome, Proposal
from lgc.training.datasets import digits

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("numba", reason="numba is not installed")
pytest.importorskip("optuna", reason="optuna is not installed")
pytest.importorskip("sklearn", reason="scikit-learn is not installed")

SPACE = ("--width", "40:120", "--depth", "1:2", "--levels", "1:2", "--lr", "0.1", "--epochs", "3")
SEARCH = ("search", "--data", "digits", *SPACE, "--threads", "1")
FIGURES = ("number", "choice", "curve", "values", "state")


def figures(found: dict[str, object]) -> list[dict[str, object]]:
    return [{name: one[name] for name in FIGURES} for one in found["trials"]]  # type: ignore[index, attr-defined]


def test_a_search_and_the_same_in_two_parts(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    command = [*SEARCH, "--objectives", "accuracy,gates,lut4", "--json"]
    assert run_command([*command, "--trials", "6", "-o", "one", "--plot", "one/front.svg"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err.splitlines()[0] == (
        "digits: accuracy,gates,lut4 over width, depth, taper, levels, tau, weight_init; "
        "20% of 1,437 rows held back"
    )
    assert err.count("\ntrial ") == 6
    assert "\nkernels and models agree on all 1,797 rows, equal (" in err
    assert Path("one/front.svg").stat().st_size > 1000
    data = digits()
    for point in found["front"]:
        trial = found["trials"][point["number"]]
        model = lgc.load(Path("one") / point["model"])
        kernel = lgc.load_kernel(Path("one") / point["kernel"])
        right = kernel.predict(data.x_test) == data.y_test
        assert right.mean() == point["test"]
        assert (model.evaluate(data.x_test).classes == kernel.predict(data.x_test)).all()
        assert trial["values"]["gates"] == lgc.optimize(model, "O2").gates
        assert json.loads((Path("one") / f"trial_{point['number']:04}.json").read_text()) == trial["recipe"]  # fmt: skip
    names = {f"trial_{one['number']:04}.{end}" for one in found["front"] for end in ("pt", "lgk", "json")}  # fmt: skip
    assert set(os.listdir("one")) == names | {"front.svg", "study.journal"}

    assert run_command([*command, "--trials", "3", "-o", "two"]) == 0
    capsys.readouterr()
    again = ["search", "--data", "digits", "--resume", "--json", "--trials", "6", "-o", "two"]
    assert run_command(again) == 0
    out, err = capsys.readouterr()
    assert "3 trials: " in err.splitlines()[0]
    assert figures(json.loads(out)) == figures(found)
    assert json.loads(out)["front"] == found["front"]

    assert run_command([*again[:-3], "8", "-o", "two", "--jobs", "2"]) == 0
    more = json.loads(capsys.readouterr().out)
    assert figures(more)[:6] == figures(found)
    assert [one["state"] in ("complete", "pruned") for one in more["trials"]] == [True] * 8


class Interrupted(Evaluation):
    """Somebody presses Ctrl-C at the third trial."""

    def answer(self, part: Proposal, tell: object = None) -> Outcome:
        if part.number == 2:
            raise KeyboardInterrupt
        return super().answer(part, tell)  # type: ignore[arg-type]


def test_ctrl_c_ends_with_what_there_is(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lgc.searching.evaluation.Evaluation", Interrupted)
    assert run_command([*SEARCH, "--trials", "9", "-o", "found"]) == 130
    out, err = capsys.readouterr()
    assert out.startswith("trial  accuracy  LUT6")
    assert "\n2 trials: " in err
    assert err.endswith("\ninterrupted; --resume goes on\n")
    assert [name for name in os.listdir("found") if name.endswith(".lgk")]


def test_a_model_that_was_changed(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(["-q", *SEARCH, "--trials", "2", "-o", "found", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first = found["front"][0]
    other = lgc_model_of_another_seed()
    (Path("found") / first["model"]).write_bytes(other)
    again = ["-q", "search", "--data", "digits", "--resume", "--trials", "2", "-o", "found"]
    assert run_command(again) == 1
    accuracy = found["trials"][first["number"]]["values"]["accuracy"]
    told = rf"error: found/{first['model']}: the file's model is \d+\.\d{{4}}% accurate on the "
    told += rf"held-back rows, trial {first['number']} was {accuracy:.4%}\n"
    told += "  hint: was the file changed, or does it belong to another search\\?\n"
    assert re.fullmatch(told, capsys.readouterr().err)
    for file in Path("found").glob("*.pt"):
        file.unlink()
    assert run_command([*again[1:], "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["front"][0]["kernel"] is None
    assert f"found/{first['model']} is missing: trial {first['number']} has no kernel\n" in err


def lgc_model_of_another_seed() -> bytes:
    """A network that nobody trained."""
    from lgc.searching.evaluation import model_file
    from lgc.training.recipe import Recipe

    return model_file(Recipe(arch="40,40", input="distributive:1").build(digits()))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--validation", "0"), "--validation: a search needs rows that are held back\n  hint: 0.2 holds back a fifth of the training rows; the test rows choose nothing"),
        (("-o", "file"), "file: a search writes a folder"),
        (("--cluster", "spark"), "--cluster: 'spark' is no kind of cluster\n  hint: ray, ray:head:6379, dask or dask:tcp://scheduler:8786"),
        (("--plot", "front.txt"), "front.txt: pictures are .png or .svg, not '.txt'"),
        (("--resume",), "found/study.journal: there is no search to go on with\n  hint: leave --resume out to begin one"),
        (("--logic", "nonsense"), None),
    ],
)  # fmt: skip
def test_what_is_refused(flags, message, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    assert run_command(["-q", *SEARCH, "-o", "found", *flags]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    if message is None:
        assert err.startswith("error: trial 3: the first 4 trials all failed; the last: ")
    else:
        assert err == f"error: {message}\n"


def test_a_search_that_is_there_already(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(["-q", *SEARCH, "--trials", "0", "-o", "found"]) == 0
    capsys.readouterr()
    assert run_command(["-q", *SEARCH, "--trials", "0", "-o", "found"]) == 1
    assert capsys.readouterr().err.startswith("error: found/study.journal: there is a search here")
    flags = ["--trials", "0", "-o", "found", "--resume", "--epochs", "5"]
    assert run_command(["-q", "search", "--data", "digits", *flags]) == 1
    assert capsys.readouterr().err.startswith("error: --epochs: this search began with 3, not 5\n")
    with np.load(lgc_digits()) as arrays:
        np.savez("other.npz", **{name: arrays[name][::2] for name in arrays.files})
    assert run_command(["-q", "search", "--data", "other.npz", *flags[:-2]]) == 1
    assert "are not those that this search began with" in capsys.readouterr().err


def lgc_digits() -> Path:
    """The digits as an archive, here."""
    data = digits()
    np.savez("digits.npz", x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)  # fmt: skip
    return Path("digits.npz")
