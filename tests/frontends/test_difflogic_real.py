"""A net that difflogic itself trained and saved: replayed, documented, damaged."""

from __future__ import annotations

import io
import re
import shlex
import time
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc import demo
from lgc.cli import lgc as command_group
from lgc.cli import run_command
from lgc.errors import LgcError, LgcWarning
from tests.checkpoint.test_fuzz import mutate
from tests.support import ROOT

FOLDER = ROOT / "tests" / "frontends" / "fixtures" / "difflogic"
PAGES = ROOT / "docs" / "formats"
WIRING = "replay:seed=42,prelude=1437,mode=random,device=cpu"
OPTIONS: dict[str, Any] = {"wiring": WIRING, "inputs": 64, "input": ">7", "classes": 10, "tau": 5}


@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
def test_replay_gives_what_difflogic_gave() -> None:
    model = lgc.load(FOLDER / "digits.pt", **OPTIONS)
    images, _, _ = demo.images()
    with np.load(FOLDER / "golden.npz") as golden:
        for number, stage in enumerate(model.chain.stages):
            net = stage.net.data  # type: ignore[union-attr]
            assert np.array_equal(net.fanin.T, golden[f"wiring{number}"])
        assert np.array_equal(lgc.compile(model)(images), golden["scores"])


def blocks(page: str, language: str) -> list[str]:
    text = (PAGES / page).read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("digits.pt").write_bytes((FOLDER / "digits.pt").read_bytes())
    x, y, _ = demo.images()
    np.savez("images.npz", x=x, y=y)
    return tmp_path


def squeezed(text: str) -> list[str]:
    """Lines without the spaces between columns."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_the_page_on_difflogic(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its commands run without a warning and print what it shows."""
    shown = [squeezed(block) for block in blocks("difflogic.md", "text")]
    lines = [line[2:] for block in blocks("difflogic.md", "console") for line in block.splitlines()]
    outputs: list[list[str]] = []
    for line in lines:
        assert run_command(shlex.split(line)[1:]) == 0, line
        captured = capsys.readouterr()
        assert "warning" not in captured.err
        outputs.append(squeezed(captured.out))
    assert outputs == [*shown, [], ["accuracy 81.3889% (293 of 360)"]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made: dict[str, Any] = {}
        exec(compile(blocks("difflogic.md", "python")[0], "difflogic.md", "exec"), made)
    assert lgc.check(made["model"], "digits.lgk")


@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
def test_the_page_on_gate_lists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = blocks("gate-list.md", "python")
    made: dict[str, Any] = {}
    exec(compile(first, "gate-list.md", "exec"), made)
    for line in blocks("gate-list.md", "console")[0].splitlines():
        assert run_command(shlex.split(line)[2:]) == 0, line
    assert "metadata digits_metadata.json" in " ".join(capsys.readouterr().out.split())
    exec(compile(second, "gate-list.md", "exec"), made)


@pytest.mark.parametrize("page", ["difflogic.md", "gate-list.md"])
def test_every_flag_exists(page: str) -> None:
    known = {flag for one in command_group.commands.values() for p in one.params for flag in p.opts}
    for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", (PAGES / page).read_text()):
        assert flag in known, flag


ROUNDS = 60
"""Mutations of each file in a test run; the script at the end takes any number."""


def seeds() -> dict[str, bytes]:
    """The file itself; its like as .npz with wiring; a gate list; each with its JSON or side file."""
    return {"digits.pt": (FOLDER / "digits.pt").read_bytes(), "demo.npz": small_npz()}


def small_npz() -> bytes:
    with np.load(demo.model_path()) as arrays:
        parts = {name: arrays[name][..., :40] if name.endswith("indices") else arrays[name][:40]
                 for name in arrays.files}  # fmt: skip
    for name in parts:
        if name.endswith("indices") and not name.startswith("0"):
            parts[name] = parts[name] % 40
    stream = io.BytesIO()
    np.savez(stream, **parts)
    return stream.getvalue()


def inside(data: bytes, random: np.random.Generator) -> bytes:
    """A member of the archive mutated, most often the pickle, and its checksum made anew."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        names = old.namelist()
        pickles = [name for name in names if name.endswith("data.pkl")]
        chosen = random.choice(pickles if pickles and random.random() < 0.8 else names)
        for name in names:
            member = old.read(name)
            new.writestr(name, mutate(member, random) if name == chosen else member)
    return stream.getvalue()


def one_round(name: str, data: bytes, seed: int, folder: Path) -> None:
    """Inspect and load damaged bytes: an answer or an error of ours, soon."""
    random = np.random.default_rng(seed)
    changed = inside(data, random) if seed % 4 else mutate(data, random)
    file = folder / name
    file.write_bytes(changed)
    given = {**OPTIONS, "wiring": OPTIONS["wiring"] if name == "digits.pt" else None}
    start = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LgcWarning)
        for act in (lambda: lgc.inspect(file), lambda: lgc.load(file, **given)):
            try:
                act()
            except LgcError:
                pass
            except BaseException as error:
                error.add_note(f"{name}, seed {seed}")
                raise
    assert time.monotonic() - start < 30, f"{name}, seed {seed}"


@pytest.mark.parametrize("name", ["digits.pt", "demo.npz"])
def test_mutations(name: str, tmp_path: Path) -> None:
    whole = seeds()[name]
    for seed in range(ROUNDS):
        one_round(name, whole, seed, tmp_path)


if __name__ == "__main__":
    import itertools
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        for number in itertools.count(int(sys.argv[1])):
            for each, content in seeds().items():
                one_round(each, content, number, Path(scratch))
            if number % 1_000 == 999:
                print(f"{number + 1} rounds", flush=True)
