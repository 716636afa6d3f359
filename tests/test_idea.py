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
WRITER = re.compile(r"Matplotlib v[0-9.]+")
WORDS = re.compile(r"<text [^>]*>([^<]*)</text>")


SPELT = {
    "product": "product", "minimum": "minimum", "lukasiewicz": "Łukasiewicz",
    "hamacher": "Hamacher", "einstein": "Einstein", "yager": "Yager",
}  # fmt: skip


def test_pictures_are_drawn_from_what_was_measured(tmp_path: Path) -> None:
    measured = json.loads((FOLDER / "measured.json").read_text())
    written = draw(measured, tmp_path)
    assert {each.name for each in written} == {each.name for each in FOLDER.glob("*.svg")}
    shown = re.findall(r"\]\(idea/(\w+)\.svg\)", (ROOT / "docs" / "idea.md").read_text())
    assert sorted(shown) == sorted(PICTURES)
    assert sum(each.stat().st_size for each in FOLDER.glob("*.svg")) < 400_000
    for each in written:
        drawn, kept = each.read_text(), (FOLDER / each.name).read_text()
        if WRITER.findall(drawn) == WRITER.findall(kept):
            assert drawn == kept, each.name
        else:  # another matplotlib draws other paths, with the same words
            assert WORDS.findall(drawn) == WORDS.findall(kept), each.name


def test_figures_of_the_page_were_measured() -> None:
    measured = json.loads((FOLDER / "measured.json").read_text())
    text = (ROOT / "docs" / "idea.md").read_text()
    for name, found in measured["rules"].items():
        assert re.search(rf"^\| `{name}` \|.*\| {_range(found)} % \|$", text, re.MULTILINE), name
    for name, found in measured["logics"].items():
        assert re.search(rf"{SPELT[name]} {_range(found)}(?: %|[,.])", text), name
    for key in ("trained", "wires", "constants", "O2", "lut6"):
        assert re.search(rf"(?<![\d,]){measured['compiled'][key]:,}(?!\d|,\d)", text), key
    spread = measured["spread"]
    assert f"lie {spread['normal'][0]:.2f} apart" in text
    assert f"and {spread['normal'][6]:.5f} behind the sixth" in text
    assert f"{spread['residual'][8]:.2f} are left behind the eighth" in text


def _range(found: dict[str, list[float]]) -> str:
    return f"{100 * min(found['hard']):.1f} to {100 * max(found['hard']):.1f}"


@pytest.mark.parametrize("ending", ["svg"])
def test_small_networks_are_measured_and_drawn(tmp_path: Path, ending: str) -> None:
    small = Settings(
        layers=2, width=100, epochs=2, seeds=1, deep=2, small=8, steps=200,
        rules=("light",), logics=("minimum",),
    )  # fmt: skip
    written = draw(measure(small), tmp_path, ending)
    assert all(each.stat().st_size > 1000 for each in written)
