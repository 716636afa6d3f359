"""The front of a search as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from .artefacts import Point
from .search import Searched


def front_table(searched: Searched, points: Sequence[Point]) -> Table:
    """A line for each trial of the front: what it is worth and costs, then what was chosen."""
    settings = searched.settings
    goals = settings.goals
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("trial", justify="right")
    for goal in goals:
        table.add_column(goal.heading, justify="right")
    tested = any(point.test is not None for point in points)
    if tested:
        table.add_column("test", justify="right")
    others = [name for name in settings.ranges.varied if name not in ("width", "depth", "taper")]
    table.add_column("widths")
    for name in others:
        table.add_column(name.replace("_", " "), justify="right")
    for point in points:
        values, record = point.record.outcome.values, point.record
        cells = [str(record.number), *(goal.text(values[goal.name]) for goal in goals)]
        if tested:
            cells.append("" if point.test is None else f"{point.test:.2%}")
        cells.append(",".join(map(str, record.recipe.widths)))
        for name in others:
            value = record.choice[name]
            cells.append(f"{value:.3g}" if isinstance(value, float) else str(value))
        table.add_row(*cells)
    return table
