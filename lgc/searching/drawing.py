"""The front of a search as a picture: the first objective over each of the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..extras import extra
from ..plot import OTHER, PHASE, plain, save
from .artefacts import Point
from .objectives import ACCURACY, Objective
from .search import Searched, shown

TEST = "#ee6677"


def draw_front(searched: Searched, points: Sequence[Point], path: Path) -> None:
    """Write the picture, whole or not at all."""
    goals = searched.settings.goals
    panels = len(goals) - 1
    figure = extra("matplotlib.figure", "plot").Figure(
        figsize=(0.8 + 6.2 * panels, 4.5), layout="constrained"
    )
    figure.suptitle(f"{searched.settings.data}: {shown(searched.records)}", fontsize=10)
    for axes, goal in zip(figure.subplots(1, panels, squeeze=False)[0], goals[1:]):
        _panel(axes, goals[0], goal, searched, points)
    save(figure, path)


def _panel(
    axes: Any, first: Objective, other: Objective, searched: Searched, points: Sequence[Point]
) -> None:
    complete = [one for one in searched.records if one.state == "complete"]
    axes.plot(
        [one.outcome.values[other.name] for one in complete],
        [_scaled(first, one.outcome.values[first.name]) for one in complete],
        "o", color=OTHER, alpha=0.5, ms=5, label="complete trials",
    )  # fmt: skip
    best = sorted(
        (one.outcome.values[other.name], _scaled(first, one.outcome.values[first.name]))
        for one in searched.front
    )
    line = "o-" if len(searched.settings.goals) == 2 else "o"
    style: dict[str, Any] = {"drawstyle": "steps-post"} if other.direction == "minimize" else {}
    if best:
        x, y = zip(*best)
        axes.plot(x, y, line, color=PHASE, label="front", **style)
    tested = [point for point in points if point.test is not None]
    if first.name == ACCURACY and tested:
        axes.plot(
            [point.record.outcome.values[other.name] for point in tested],
            [100 * (point.test or 0.0) for point in tested],
            "x", color=TEST, label="front, test rows",
        )  # fmt: skip
    if complete and min(one.outcome.values[other.name] for one in complete) > 0:
        axes.set_xscale("log")
    axes.set_xlabel(other.heading)
    axes.set_ylabel("accuracy on held-back rows, %" if first.name == ACCURACY else first.heading)
    axes.grid(alpha=0.3)
    axes.legend()
    plain(axes)


def _scaled(goal: Objective, value: float) -> float:
    return 100 * value if goal.name == ACCURACY else value
