"""What docs/formats/torchlogix.md shows works, on the files of the fixtures."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.cli import lgc as command_group
from lgc.cli import run_command
from lgc.frontends.torchlogix.describing import KINDS
from tests.frontends.make_torchlogix import FOLDER
from tests.frontends.torchlogix_models import golden, stand_in
from tests.support import ROOT

PAGE = (ROOT / "docs" / "formats" / "torchlogix.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, shown in {
        "dense_raw.pt": "stack.pt", "dense_warp6.pt": "luts.pt", "digits.npz": "digits.npz",
        "circuit.json": "circuit.json",
    }.items():  # fmt: skip
        (tmp_path / shown).write_bytes((FOLDER / name).read_bytes())
    (tmp_path / "digits.json").write_text(blocks("json")[0])
    return tmp_path


@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
def test_commands_run(folder: Path) -> None:
    lines = [line[2:] for block in blocks("console") for line in block.splitlines()]
    assert len(lines) == 7
    for line in lines:
        assert run_command(shlex.split(line)[1:]) == 0, line
    x, y = golden()["dense_raw.x"].astype(np.float32), golden()["dense_raw.y"]
    for name in ("stack.lgk", "circuit.lgk"):
        assert lgc.load_kernel(folder / name)(x).tobytes() == y.tobytes()


def test_the_description_is_that_of_the_net(folder: Path) -> None:
    x, y = golden()["digits.x"].reshape(-1, 64), golden()["digits.y"]
    counts = lgc.load(folder / "digits.npz").evaluate(x).counts
    assert counts is not None
    assert ((counts.astype(np.float32) + np.float32(1.5)) / np.float32(6) == y).all()
    assert json.loads(blocks("json")[0])["layers"][-1]["kind"] in KINDS


def test_a_live_model_runs() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    x = golden()["dense_raw.x"].astype(np.float32)
    given = {"model": stand_in("dense_raw"), "x": x}
    exec(compile(blocks("python")[0], "torchlogix.md", "exec"), given)
    assert given["kernel"](x).tobytes() == golden()["dense_raw.y"].tobytes()


def test_every_flag_and_kind_exists() -> None:
    known = {flag for one in command_group.commands.values() for p in one.params for flag in p.opts}
    for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE):
        assert flag in known, flag
    table = PAGE.partition("| kind | keys |")[2].partition("\n\n")[0]
    for kind, keys in KINDS.items():
        row = next(line for line in table.splitlines() if f"`{kind}`" in line)
        for key in keys:
            assert key == "name" or f"`{key}`" in row, (kind, key)
