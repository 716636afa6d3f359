"""What the pages about formats show works: every command and snippet runs, every flag exists."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from lgc.checkpoint import read_checkpoint
from lgc.cli import lgc as command_group
from lgc.cli import run_command
from tests.support import ROOT

FIXTURES = ROOT / "tests" / "frontends" / "fixtures"


def trees(folder: Path) -> None:
    with np.load(folder / "golden.npz") as golden:
        np.save(folder / "rows.npy", golden["xgboost_cancer.json.x"])
    (folder / "never.json").write_text('{"missing": "never"}')


def tsetlin(folder: Path) -> None:
    with np.load(folder / "golden.npz") as golden:
        np.save(folder / "images.npy", golden["x"])


def binary(folder: Path) -> None:
    tsetlin(folder)
    state = read_checkpoint(folder / "real.pt").data
    hidden = {key: np.sign(value) if value.ndim == 2 else value for key, value in state.items()}
    np.savez(folder / "plain.npz", **hidden)
    (folder / "norm.json").write_text(blocks("binary", "json")[0])


def renamed(folder: Path, name: str, short: str, rows: str | None) -> None:
    """A fixture with what stands beside it, under the name that the page gives it."""
    for file in FIXTURES.glob(f"{name}.*"):
        shutil.copy(file, folder / file.name.replace(name, short, 1))
    if rows is not None:
        with np.load(FIXTURES / f"{name}_golden.npz") as golden:
            np.save(folder / rows, golden["x"])


def dwn(folder: Path) -> None:
    renamed(folder, "dwn_digits", "dwn", "rows.npy")


def convlogic(folder: Path) -> None:
    renamed(folder, "convlogic_complete", "mnist", "images.npy")
    (folder / "mnist.json").write_text(blocks("convlogic", "json")[0])


def compactlogic(folder: Path) -> None:
    renamed(folder, "compactlogic_dense", "dense", None)
    renamed(folder, "compactlogic_conv", "conv", None)
    (folder / "conv.json").write_text(blocks("compactlogic", "json")[0])


PAGES = {
    "trees": trees, "tsetlin": tsetlin, "binary": binary, "dwn": dwn, "convlogic": convlogic,
    "compactlogic": compactlogic,
}  # fmt: skip
"""By the name of the page: what its folder of fixtures lacks."""


def text(page: str) -> str:
    return (ROOT / "docs" / "formats" / f"{page}.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(page), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.filterwarnings("ignore::lgc.errors.LgcWarning")
def test_commands_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if (FIXTURES / page).is_dir():
        shutil.copytree(FIXTURES / page, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    PAGES[page](tmp_path)
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    assert len(lines) >= 4
    for line in lines:
        words = shlex.split(line)
        assert words[:2] == ["$", "lgc"]
        assert run_command(words[2:]) == 0, line


@pytest.mark.parametrize("page", PAGES)
def test_snippets_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for code in blocks(page, "python"):
        if "sklearn" in code:
            pytest.importorskip("sklearn", reason="scikit-learn is not installed")
        exec(compile(code, page, "exec"), {})
    for described in blocks(page, "json"):
        json.loads(described)


@pytest.mark.parametrize("page", PAGES)
def test_flags_exist(page: str) -> None:
    known = {
        option
        for command in command_group.commands.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text(page))) <= known
