"""The pictures of docs/idea.md are what its script makes of what it measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from examples.idea.drawing import PICTURES, draw
from examples.idea.measuring import Settings, measure
from tests.support import ROOT

FOLDER = ROOT / "docs" / "idea"


def test_pictures_are_drawn_from_what_was_measured(tmp_path: Path) -> None:
    measured = json.loads((FOLDER / "measured.json").read_text())
    written = draw(measured, tmp_path)
    assert {each.name for each in written} == {each.name for each in FOLDER.glob("*.svg")}
    shown = re.findall(r"\]\(idea/(\w+)\.svg\)", (ROOT / "docs" / "idea.md").read_text())
    assert sorted(shown) == sorted(PICTURES)
    assert sum(each.stat().st_size for each in FOLDER.glob("*.svg")) < 500_000
    words = re.compile(r"<svg |viewBox=\"[^\"]*\"")
    for each in written:  # another matplotlib draws other paths, but the same picture
        assert words.findall(each.read_text()) == words.findall((FOLDER / each.name).read_text())


def test_figures_of_the_page_were_measured() -> None:
    measured = json.loads((FOLDER / "measured.json").read_text())
    text = (ROOT / "docs" / "idea.md").read_text()
    for kind in ("rules", "logics"):
        for name, found in measured[kind].items():
            low, high = (f"{100 * edge(found['hard']):.1f}" for edge in (min, max))
            assert re.search(rf"{low} to {high}(?: %|[,.])", text), name
    for key in ("trained", "wires", "constants", "O2", "lut6"):
        assert f"{measured['compiled'][key]:,}" in text, key


@pytest.mark.parametrize("ending", ["svg"])
def test_small_networks_are_measured_and_drawn(tmp_path: Path, ending: str) -> None:
    small = Settings(
        layers=2, width=100, epochs=2, seeds=1, deep=2, small=8, steps=200,
        rules=("light",), logics=("minimum",),
    )  # fmt: skip
    written = draw(measure(small), tmp_path, ending)
    assert all(each.stat().st_size > 1000 for each in written)
