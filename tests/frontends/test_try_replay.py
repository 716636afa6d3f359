"""Searching a replay by accuracy: real models, planted ones, none at all, every complaint."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.errors import LgcWarning, UsageError
from lgc.frontends.difflogic.crops import crop
from lgc.frontends.difflogic.readings import readings
from lgc.frontends.difflogic.replay import parse_replay
from lgc.frontends.difflogic.space import PRELUDES, SEEDS, replays
from tests.frontends.test_difflogic import logits
from tests.support import SHARED, shared_model


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`lgc inspect --try-replay` in an empty folder; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_command(["inspect", "--try-replay", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def data(name: str) -> Path:
    file = SHARED / "data" / name
    if not file.is_file():
        pytest.skip(f"the data set {name} is not on this machine")
    return file


DIGITS = "replay:seed=0,prelude=60000,mode=unique,device=cuda"
MONKS = DIGITS.replace("60000", "none")


def load_with(file: Path, flags: str) -> lgc.Model:
    """The model that the printed flags make; the fingerprint keeps it from warning."""
    words = shlex.split(flags)
    options: dict[str, Any] = {name[2:]: value for name, value in zip(words[::2], words[1::2])}
    for name in ("inputs", "classes"):
        options[name] = int(options[name])
    return lgc.load(file, tau=1, **options)


@pytest.mark.filterwarnings("error::lgc.errors.LgcWarning")
@pytest.mark.parametrize("size", [200, 800])
def test_finds_a_real_model_of_digits(run, size: int) -> None:
    file = shared_model("vicharak_mnist20x20") / f"model_None_mnist20x20_{size}_4.pt"
    code, out, err = run(file, "--data", data("mnist.npz"))
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith(DIGITS)
    assert "The first is right: " in out
    assert "The rows were images cut to 20 × 20 as difflogic cuts MNIST.\n" in out
    assert "Accuracy hardly tells its encodings apart" in out
    model = load_with(file, out.splitlines()[-1])
    with np.load(data("mnist.npz")) as arrays:
        x, y = crop(arrays["x_test"][:500]).reshape(-1, 400), arrays["y_test"][:500]
    assert (lgc.compile(model).predict(x) == y).mean() > 0.6


@pytest.mark.filterwarnings("error::lgc.errors.LgcWarning")
@pytest.mark.parametrize(
    ("number", "verdict", "right"), [(1, "right", 432), (2, "likely right", 327)]
)
def test_finds_real_models_of_monks(run, number: int, verdict: str, right: int) -> None:
    file = shared_model("argens_uci") / f"monk{number}.pth"
    keys = ("--x", f"monk{number}_b_test", "--y", f"monk{number}_y_test")
    code, out, err = run(file, "--data", data("monks.npz"), *keys)
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith(MONKS)
    assert f"The first is {verdict}: " in out
    with np.load(data("monks.npz")) as arrays:
        x, y = (arrays[key] for key in keys[1::2])
    model = load_with(file, out.splitlines()[-1])
    assert (lgc.compile(model).predict(x) == y).sum() == right


def test_finds_a_wiring_that_is_known(run) -> None:
    """Trained on a CPU, wired at random; the wiring lies beside it and is the one found."""
    folder = shared_model("digits_4x2000")
    code, out, _ = run(folder / "state_dict.pt", "--data", folder / "testset.npz")
    assert code == 0
    found = load_with(folder / "state_dict.pt", out.splitlines()[-1])
    known = lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=1, inputs=192
    )
    for ours, theirs in zip(found.chain.stages, known.chain.stages, strict=True):
        assert ours.net.data == theirs.net.data  # type: ignore[union-attr]


PLANTED = "replay:seed=1234,prelude=50000,mode=random,device=cpu"


def planted(folder: Path, levels: tuple[float, ...] = (0.0,), columns: int = 16) -> Path:
    """A network of a known replay, and rows that it labels itself."""
    random = np.random.default_rng(5)
    shapes = [(40, columns), (24, columns), (12, columns)]
    features = 16
    pairs = parse_replay(PLANTED).pairs(features * len(levels), shapes, "m")
    x = (
        random.integers(0, 2, (300, features))
        if levels == (0.0,)
        else random.random((300, features))
    )
    bits = np.concatenate([x > level for level in levels], axis=1).astype(int)
    arrays: dict[str, np.ndarray] = {}
    for number, ((gates, _), (a, b)) in enumerate(zip(shapes, pairs), 1):
        table = random.choice([3, 5, 6, 9, 10, 12], gates)  # half of their outputs are ones
        arrays[f"{number}.weights"] = (
            logits(table)
            if columns == 16
            else np.where(table[:, None] >> np.array([3, 2, 1, 0]) & 1, 0.75, 0.25).astype("f4")
        )
        bits = table >> (3 - (2 * bits[:, a] + bits[:, b])) & 1
    np.savez(folder / "m.npz", **arrays)
    y = bits.reshape(300, 3, -1).sum(axis=2).argmax(axis=1)
    np.savez(folder / "rows.npz", x=x.astype(np.float32), y=y)
    return folder / "m.npz"


def test_finds_a_planted_replay(run, tmp_path: Path) -> None:
    file = planted(tmp_path)
    code, out, err = run(file, "--data", "rows.npz", "--json")
    told = json.loads(out)
    assert (code, err, told["verdict"]) == (0, "", "right")
    best = told["best"][0]
    assert best["accuracy"] == 1.0
    assert best["options"]["wiring"].startswith(f"{PLANTED},check=")
    assert (best["options"]["inputs"], best["options"]["classes"]) == (16, 3)
    assert told["tries"] > 500
    parts = "replay:seed=1200-1300,prelude=50000,mode=random,device=cpu"
    code, out, _ = run(file, "--data", "rows.npz", "--wiring", parts)
    assert code == 0
    assert "among 35 tries" in out  # it stops where there is no doubt
    assert load_with(file, out.splitlines()[-1]).chain.features == 16


def test_finds_the_encoding_too(run, tmp_path: Path) -> None:
    file = planted(tmp_path, (0.25, 0.5, 0.75))
    told = json.loads(run(file, "--data", "rows.npz", "--json")[1])
    assert told["verdict"] == "right"
    assert told["best"][0]["options"]["input"] == "thermometer:0.25,0.5,0.75"
    assert told["best"][0]["accuracy"] == 1.0
    (tmp_path / "m.json").write_text('{"inputs": 16, "input": "round"}')  # a wrong description
    code, out, _ = run(file, "--data", "rows.npz")
    assert code == 1
    assert "None is right: " in out
    assert "among 1,508 tries" in out


def test_finds_what_four_weights_are(run, tmp_path: Path) -> None:
    file = planted(tmp_path, columns=4)
    replay = "replay:prelude=50000,seed=1234"
    told = json.loads(run(file, "--data", "rows.npz", "--json", "--wiring", replay)[1])
    assert told["best"][0]["options"]["parametrisation"] == "linear"
    assert told["verdict"] == "right"


def test_none_is_right(run, tmp_path: Path) -> None:
    file = planted(tmp_path)
    code, out, err = run(file, "--data", "rows.npz", "--wiring", "replay:seed=0-4")
    assert code == 1
    assert "None is right: " in out
    assert "--wiring" not in out
    assert err == (
        "error: m.npz: none of 260 tries is right\n"
        "  hint: other seeds, or the size of a training set that was split: --wiring "
        "replay:seed=0-9999,prelude=N; another encoding: --input\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--try-replay and --data belong together"),
        (
            ("--data", "rows.npz", "--wiring", "w.npz"),
            "--wiring: the wiring is in a file, there is nothing to try\n"
            "  hint: leave it out, or fix parts of a replay: replay:seed=0-999",
        ),
        (
            ("--data", "rows.npz", "--wiring", "replay:seed=9-1"),
            "--wiring: '9-1' are no seeds to try\n  hint: numbers and ranges of up to 100000 in "
            "all, such as replay:seed=0-999+1234",
        ),
        (
            ("--data", "rows.npz", "--wiring", "replay:seed=0-99999999"),
            "--wiring: '0-99999999' are no seeds to try\n  hint: numbers and ranges of up to "
            "100000 in all, such as replay:seed=0-999+1234",
        ),
        (
            ("--data", "rows.npz", "--inputs", "12"),
            "--data: a row of the data has 16 numbers, the model reads 12\n"
            "  hint: bring the rows into the form in which the model was trained",
        ),
        (
            ("--data", "rows.npz", "--input", "one-hot:3,3"),
            "--input: the groups of 'one-hot:3,3' are 6 numbers, the model reads 16",
        ),
        (
            ("--data", "rows.npz", "--classes", "5"),
            "m.npz: 12 outputs do not fall into equal groups for labels up to 2\n"
            "  hint: do data and model belong together?",
        ),
        (
            ("--data", "bare.npz"),
            "--data: the data has no labels\n  hint: --y names the array that holds them",
        ),
        (
            ("--data", "negative.npz"),
            "--data: labels count from 0, and there is at least one",
        ),
        (
            ("--data", "wide.npz"),
            "m.npz: no replay makes layers of these sizes for such data\n"
            "  hint: difflogic's layers read at most two nets a gate; is --input right?",
        ),
    ],
)
def test_complaints(run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    file = planted(tmp_path)
    np.savez("bare.npz", x=np.zeros((3, 16)))
    np.savez("negative.npz", x=np.zeros((3, 16)), y=np.array([0, 1, -1]))
    np.savez("wide.npz", x=np.zeros((3, 200)), y=np.array([0, 1, 2]))
    code, _, err = run(file, *arguments)
    assert (code, err) == (1, f"error: {message}\n")


def test_files_that_lack_no_wiring(run, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("rows.npz", x=np.zeros((3, 2)), y=np.array([0, 1, 1]))
    Path("a.blif").write_text(".model a\n.inputs x y\n.outputs z\n.names x y z\n11 1\n.end\n")
    assert run("a.blif", "--data", "rows.npz")[2] == (
        "error: a.blif: a blif file lacks no wiring that could be computed\n"
    )
    assert run_command(["inspect", "a.blif", "--x", "x"]) == 1
    assert capsys.readouterr().err == (
        "error: --x and --y name arrays of --data, which is not given\n"
    )


def test_the_space() -> None:
    every = replays(None, 60000)
    assert len(every) == len(SEEDS) * len(PRELUDES) * 4
    assert str(every[0]) == MONKS
    assert len(replays(None, 123)) == len(SEEDS) * (len(PRELUDES) + 1) * 4
    assert [one.seed for one in replays(f"{DIGITS.replace('seed=0', 'seed=3-5+9')}", 7)] == [
        3,
        4,
        5,
        9,
    ]
    with pytest.raises(UsageError, match="has a part 'seeds'"):
        replays("replay:seeds=1", 7)


def test_readings() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (4, 28, 28)).astype(np.uint8)
    found = readings(grey, None, None)
    assert {one.features for one in found} == {784, 400}
    assert [one.binarisation.text for one in found[:3]] == [
        ">127.5", "bool", "thermometer:63.75,127.5,191.25",
    ]  # fmt: skip
    assert {one.binarisation.text for one in readings(grey / 255, 400, None)} >= {"round", "bool"}
    assert [one.binarisation.text for one in readings(grey > 9, 784, None)] == ["bool"]


def test_crop() -> None:
    """A digit at any place is found; what has no border to lose is cut at its end."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[0, 3:23, 7:27] = 1  # exactly 20 × 20
    images[1, 10:14, 10:14] = 1
    images[2, 0, 0] = 1
    cut = crop(images)
    assert cut.shape == (4, 20, 20)
    assert cut[0].all()
    assert cut[1].sum() == 16
    assert cut[2].sum() == 1
    assert not cut[3].any()


def test_a_replay_that_was_found_does_not_warn(tmp_path: Path, run) -> None:
    file = planted(tmp_path)
    with pytest.warns(LgcWarning, match="nothing says that it is right"):
        lgc.load(file, wiring=PLANTED, inputs=16, classes=3, tau=1)
