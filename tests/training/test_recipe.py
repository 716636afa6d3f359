"""Recipes: what they accept, and that they survive JSON."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lgc.errors import UsageError
from lgc.training.recipe import Recipe, widths


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("6x8000", (8000,) * 6),
        ("4000,2000", (4000, 2000)),
        ("2x4000, 1000", (4000, 4000, 1000)),
        ("2×30", (30, 30)),
    ],
)
def test_architectures(text: str, meant: tuple[int, ...]) -> None:
    assert widths(text) == meant


@pytest.mark.parametrize("text", ["", "6x", "x8000", "0x10", "2x0", "6*8000", "1.5x20", "-2x3"])
def test_what_is_no_architecture(text: str) -> None:
    message = (
        f"arch: {text!r} is no architecture\n"
        "  hint: 6x8000 is six layers of 8,000 gates; 4000,2000 is two of these widths"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        Recipe(arch=text)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": 0}, "recipe: epochs is 0, it is at least 1"),
        ({"lr": 0}, "recipe: lr is 0, not above 0"),
        ({"tau": float("nan")}, "recipe: tau is nan, it is at least 0"),
        ({"schedule": "step"}, "recipe: 'step' is no schedule: constant or cosine"),
        (
            {"validation": 1.0},
            "recipe: validation is 1, not a share of the rows\n"
            "  hint: 0.1 holds back a tenth, 0 nothing",
        ),
        (
            {"patience": 3, "validation": 0.0},
            "recipe: patience needs rows that are held back\n"
            "  hint: validation 0.1; the test set never decides when to stop",
        ),
    ],
)
def test_what_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        Recipe(**values)


def test_json_round_trip() -> None:
    recipe = Recipe(arch="3x20,10", tau=3.5, seed=7, patience=2)
    assert Recipe.from_json(recipe.to_json()) == recipe
    with pytest.raises(UsageError, match=r"^recipe: a recipe has no colour$"):
        Recipe.from_json('{"colour": 1}')
