"""Ranges, recipes, pruning, the front and its picture, each on its own."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc import demo
from lgc.errors import UsageError
from lgc.searching.drawing import draw_front
from lgc.searching.front import front
from lgc.searching.objectives import OBJECTIVES, costs, parse_objectives
from lgc.searching.pruning import Bar, Seen, bars, bounds, missed, rungs
from lgc.searching.ranges import Dimension
from lgc.searching.search import Searched
from lgc.searching.settings import Settings
from lgc.searching.space import Space, readable, recipe_of, series
from lgc.searching.trials import Outcome, Record
from lgc.training.recipe import Recipe

WIDTH = Dimension("width", "whole", "200:4000", "Gates.", 1, log=True)
RATE = Dimension("lr", "real", "0.01:0.1", "Rate.", 0.0, log=True)
LOGIC = Dimension("logic", "name", "product", "Logic.")


class Chooser:
    """Notes what it is asked."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int:
        self.asked = ("int", name, low, high, log)
        return low

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float:
        self.asked = ("float", name, low, high, log)
        return low

    def suggest_categorical(self, name: str, choices: tuple[object, ...]) -> object:
        self.asked = ("choice", name, choices)
        return choices[0]


def test_ranges() -> None:
    chooser = Chooser()
    for dimension, text, asked in (
        (WIDTH, "500:8000", ("int", "width", 500, 8000, True)),
        (WIDTH, "500,8000", ("choice", "width", (500, 8000))),
        (RATE, "0.01:0.5", ("float", "lr", 0.01, 0.5, True)),
        (LOGIC, "product,lukasiewicz", ("choice", "logic", ("product", "lukasiewicz"))),
    ):
        made = dimension.parse(text)
        assert not made.fixed
        made.suggest(chooser)
        assert chooser.asked == asked
        assert dimension.parse(made.text) == made
    for dimension, text in ((WIDTH, "300"), (WIDTH, "300:300"), (RATE, "0.25"), (LOGIC, "x")):
        made = dimension.parse(text)
        assert made.fixed
        assert str(made.suggest(chooser)) == text.partition(":")[0]
    assert chooser.asked[1] == "logic"  # nobody was asked what is fixed


@pytest.mark.parametrize(
    ("dimension", "text", "message"),
    [
        (WIDTH, "9:5", "--width: '9:5': the smaller value stands first"),
        (WIDTH, "a:5", "--width: 'a:5': 'a' is not a whole number"),
        (WIDTH, "0:5", "--width: '0:5': 0 is less than 1"),
        (WIDTH, "5,5", "--width: '5,5': a value stands there twice"),
        (RATE, "nan", "--lr: 'nan': nan is less than 0"),
        (RATE, "", "--lr: '': '' is not a number"),
        (LOGIC, "a,", "--logic: 'a,': a name is empty"),
    ],
)
def test_ranges_that_are_wrong(dimension: Dimension, text: str, message: str) -> None:
    hint = {
        "width": "such as 200:4000, or values: 2,4",
        "lr": "such as 0.01:0.1, or values: 2,4",
        "logic": "such as product",
    }
    with pytest.raises(UsageError) as caught:
        dimension.parse(text)
    assert str(caught.value) == f"{message}\n  hint: {hint[dimension.name]}"


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=6),
    st.integers(1, 3000), st.integers(1, 6), st.integers(2, 30),
)  # fmt: skip
def test_widths_that_a_network_can_have(widths: list[int], bits: int, k: int, classes: int) -> None:
    found = readable(widths, bits, k, classes)
    assert found[-1] % classes == 0
    assert all(mine >= wanted for mine, wanted in zip(found, widths))
    assert all(k * mine >= before for before, mine in itertools.pairwise((bits, *found)))
    if all(k * mine >= before for before, mine in itertools.pairwise((bits, *widths))):
        assert found[:-1] == tuple(widths[:-1])
        assert found[-1] - widths[-1] < classes


def test_a_choice_becomes_a_recipe() -> None:
    assert series(400, 3, 0.25) == (400, 200, 100)
    assert series(400, 1, 0.25) == (400,)
    space = Space.parse({"width": "400", "depth": "3", "taper": "0.25", "levels": "2", "k": "4"})
    choice = {one.dimension.name: one.values[0] for one in space.ranges}
    recipe = recipe_of(choice, Recipe(epochs=7, seed=5), 64, 10)
    assert recipe.arch == "400,200,100"
    assert (recipe.input, recipe.k, recipe.epochs, recipe.seed) == ("distributive:2", 4, 7, 5)
    wider = recipe_of({**choice, "k": 2, "encoder": "bool"}, Recipe(), 1000, 8)
    assert (wider.arch, wider.input) == ("1000,500,256", "bool")
    assert space.varied == ("tau", "weight_init", "lr")
    assert Space.parse(space.texts) == space


def test_objectives_are_two_or_three() -> None:
    assert [one.name for one in parse_objectives("accuracy, lut6,depth")] == ["accuracy", "lut6", "depth"]  # fmt: skip
    with pytest.raises(UsageError) as unknown:
        parse_objectives("accuracy,size")
    assert str(unknown.value) == (
        "--objectives: 'size' is no objective\n"
        "  hint: two or three of accuracy, gates, lut3, lut4, lut6, depth, speed"
    )
    for text in ("accuracy", "accuracy,accuracy", "accuracy,gates,lut3,lut4"):
        with pytest.raises(UsageError) as caught:
            parse_objectives(text)
        assert str(caught.value) == (
            f"--objectives: {text!r} is not two or three different objectives\n"
            "  hint: such as accuracy,lut6"
        )


def test_costs_are_what_the_compiler_makes() -> None:
    model = lgc.load(demo.model_path())
    x, _, _ = demo.images()
    found = costs(model, ("lut3", "lut4", "lut6", "depth", "speed"), x)
    assert found["gates"] == lgc.optimize(model, "O2").gates
    mapped = lgc.optimize(model, "Ofpga")
    assert found["lut6"] == mapped.gates
    assert found["depth"] == mapped.describe()["stages"][0]["depth"]
    assert found["lut6"] < found["lut4"] < found["lut3"]
    assert found["speed"] > 1000
    assert set(costs(model, ("accuracy", "gates"), x)) == {"gates"}


def test_rungs_and_bars() -> None:
    assert rungs(40) == (5, 10, 20)
    assert rungs(3) == (1, 2)
    assert rungs(1) == ()
    seen = [Seen((100 * n,), ((5, n / 10, n / 5), (10, n / 8, n / 4))) for n in (1, 2, 3, 4, 5)]
    assert bars((350,), seen, 40) == ()  # three are no larger: too few
    first, second = bars((400,), seen, 40)
    assert first == Bar(5, 0.25, 0.5, 4)
    assert second == Bar(10, 0.3125, 0.625, 4)
    assert bars((500, 3), [Seen((100, 4), one.curve) for one in seen], 40) == ()  # deeper ones
    assert missed((first, second), 5, 0.2, 0.4) == first
    assert missed((first, second), 5, 0.25, 0.4) is None
    assert missed((first, second), 5, 0.2, 0.5) is None
    assert missed((first, second), 6, 0.0, 0.0) is None
    assert bounds((30, 20), ("accuracy", "lut6")) == (50,)
    assert bounds((30, 20), ("accuracy", "depth")) == (50, 2)


def record(number: int, *values: float, state: str = "complete") -> Record:
    names = ("accuracy", "lut6", "depth")
    outcome = Outcome(dict(zip(names, values)), reason=None if state == "complete" else "no")
    choice = {one.dimension.name: one.values[0] for one in Space.parse({}).ranges}
    return Record(number, outcome.state, choice, Recipe(arch="20,10"), outcome)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(1, 5)), max_size=12),
    st.integers(0, 3),
)
def test_the_front_is_what_nothing_beats(values: list[tuple[int, int, int]], floor: int) -> None:
    settings = Settings("digits", "", 64, 10, "accuracy,lut6,depth", floor=floor)
    records = [record(number, *each) for number, each in enumerate(values)]
    found = {
        tuple(one.outcome.values[goal.name] for goal in settings.goals)
        for one in front([*records, record(99, 9, 0, 0, state="failed")], settings)
    }
    for a, b, c in values:
        beaten = any(x >= a and y <= b and z <= c and (x, y, z) != (a, b, c) for x, y, z in values)
        assert ((a, b, c) in found) == (a >= floor and not beaten)


def test_the_front_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    records = tuple(record(number, 0.5 + number / 20, 100 + number, 9) for number in range(6))
    for objectives in ("accuracy,lut6", "accuracy,lut6,depth"):
        settings = Settings("digits", "", 64, 10, objectives)
        path = tmp_path / f"{len(objectives)}.svg"
        draw_front(Searched(settings, records, interrupted=False), [], path)
        text = path.read_text()
        assert text.startswith("<?xml")
    assert np.all([one.direction in ("maximize", "minimize") for one in OBJECTIVES.values()])
